// What a file's first bytes claim to be. Used only to REFUSE (a file offered as raw that claims to be a container which names
// other files), never to choose a format: formats are recorded facts. Pure.
// Sources: the magic numbers of QEMU's block/*.c probe functions, ISO 9660, UEFI (GPT) and the LUKS specification.

export const detectableFormats = [
  'qcow',
  'qcow2',
  'qed',
  'vmdk',
  'vdi',
  'vhd',
  'vhdx',
  'luks',
  'iso',
  'gpt',
  'mbr',
] as const;
export type DetectedFormat = (typeof detectableFormats)[number];

/** Formats by which a file can make a tool read other files or be misread as a whole disk. */
const containerFormats: readonly DetectedFormat[] = ['qcow', 'qcow2', 'qed', 'vmdk', 'vdi', 'vhd', 'vhdx'];

/** Bytes to read so that every format below can be seen (the ISO 9660 descriptor is at 32 KiB). */
export const DETECTION_BYTES = 36_864;

/** All claims found; empty for plain data. Several can be true at once: a polyglot. */
export function detectFormats(head: Uint8Array): readonly DetectedFormat[] {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const found: DetectedFormat[] = [];
  const textAt = (offset: number, text: string) =>
    bytes.subarray(offset, offset + text.length).toString('latin1') === text;

  if (textAt(0, 'QFI\xfb') && bytes.length >= 8) found.push(bytes.readUInt32BE(4) === 1 ? 'qcow' : 'qcow2');
  if (textAt(0, 'QED\0')) found.push('qed');
  if (textAt(0, 'KDMV') || textAt(0, 'COWD') || isVmdkDescriptor(bytes)) found.push('vmdk');
  if (bytes.length >= 68 && bytes.readUInt32LE(64) === 0xbeda107f) found.push('vdi');
  if (textAt(0, 'conectix')) found.push('vhd');
  if (textAt(0, 'vhdxfile')) found.push('vhdx');
  if (textAt(0, 'LUKS\xba\xbe')) found.push('luks');
  if (textAt(32_769, 'CD001')) found.push('iso');
  if (textAt(512, 'EFI PART') || textAt(4096, 'EFI PART')) found.push('gpt');
  else if (bytes.length >= 512 && bytes.readUInt16BE(510) === 0x55aa) found.push('mbr');
  return found;
}

/** The first claim that makes a file unacceptable as a raw disk, or null. Partition tables, ISO and LUKS are what disks hold. */
export function findContainerClaim(head: Uint8Array): DetectedFormat | null {
  return detectFormats(head).find((format) => containerFormats.includes(format)) ?? null;
}

/** QEMU's rule (block/vmdk.c): comment lines, then `version=`; a text file can be a disk that names host files. */
function isVmdkDescriptor(bytes: Buffer): boolean {
  for (const line of bytes.subarray(0, 2048).toString('latin1').split('\n')) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) {
      if (/^# *disk descriptorfile/i.test(text)) return true;
      continue;
    }
    return /^version=[123]$/.test(text);
  }
  return false;
}
