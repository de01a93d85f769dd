// What a file's first and last bytes claim to be. Used only to REFUSE (a file offered as raw that claims to be a container which names
// other files) and to REPORT, never to choose a format: formats are recorded facts. Pure; never throws, whatever the bytes.
import { type DetectedFormat, type Signature, signatures } from './format-signatures.js';
import { isVmdkDescriptor } from './vmdk-descriptor.js';

/** Formats by which a file can make a tool read other files or be misread as a whole disk. */
const containerFormats: readonly DetectedFormat[] = [
  'qcow',
  'qcow2',
  'qed',
  'vmdk',
  'vdi',
  'vhd',
  'vhdx',
  'parallels',
  'bochs',
  'cloop',
  'dmg',
];

/** Bytes to read from the start so that every mark can be seen (ISO 9660's second descriptor is at 34 KiB). */
export const DETECTION_BYTES = 36_864;
/** Bytes to read from the end: footers of VHD, VMDK streams and DMG. */
export const DETECTION_TAIL_BYTES = 1024;

export interface FormatClaim {
  readonly format: DetectedFormat;
  /** Which kind of it, for people. */
  readonly variant: string;
}

/**
 * All claims, none twice; empty for plain data. Several can be true at once: a polyglot.
 * `tail`: the last DETECTION_TAIL_BYTES of the file (all of a shorter one); empty when only the start is known.
 */
export function findClaims(head: Uint8Array, tail: Uint8Array = new Uint8Array()): readonly FormatClaim[] {
  const [start, end] = [asBuffer(head), asBuffer(tail)];
  const claims: FormatClaim[] = [];
  for (const { format, variant, ...mark } of signatures) {
    if (isThere(mark, start, end)) claims.push({ format, variant });
  }
  const has = (...formats: readonly DetectedFormat[]) => claims.some(({ format }) => formats.includes(format));
  // A magic number with an unknown version is a claim all the same: some other tool may know the version.
  if (!has('qcow', 'qcow2') && startsWith(start, 'QFI\xfb'))
    claims.push({ format: 'qcow2', variant: 'unknown version' });
  if (!has('luks') && startsWith(start, 'LUKS\xba\xbe')) claims.push({ format: 'luks', variant: 'unknown version' });
  if (isVmdkDescriptor(start)) claims.push({ format: 'vmdk', variant: 'descriptor text' });
  if (!has('gpt') && start.length >= 512 && start.readUInt16BE(510) === 0x55aa) {
    claims.push({ format: 'mbr', variant: 'boot sector' });
  }
  return claims;
}

/** The formats claimed, none twice. */
export function detectFormats(head: Uint8Array, tail?: Uint8Array): readonly DetectedFormat[] {
  return [...new Set(findClaims(head, tail).map(({ format }) => format))];
}

/** The first claim that makes a file unacceptable as a raw disk, or null. Partition tables, ISO and LUKS are what disks hold. */
export function findContainerClaim(head: Uint8Array, tail?: Uint8Array): DetectedFormat | null {
  return detectFormats(head, tail).find((format) => containerFormats.includes(format)) ?? null;
}

/**
 * What beside qcow2 a file claims to be; null for an honest one. A qcow2 that has a trailer of another format at its end means one disk to
 * us and another to somebody else's tool.
 */
export function findSecondClaim(head: Uint8Array, tail: Uint8Array): DetectedFormat | null {
  return detectFormats(head, tail).find((format) => format !== 'qcow2' && containerFormats.includes(format)) ?? null;
}

function isThere({ at, bytes }: Pick<Signature, 'at' | 'bytes'>, head: Buffer, tail: Buffer): boolean {
  if (at >= 0) return startsWith(head, bytes, at);
  return tail.length + at >= 0 && startsWith(tail, bytes, tail.length + at);
}

function startsWith(bytes: Buffer, text: string, at = 0): boolean {
  return bytes.length >= at + text.length && bytes.toString('latin1', at, at + text.length) === text;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
