// Is a text a VMDK descriptor? A descriptor is a text file that names host files as extents, so a raw disk that begins with one is an
// attack (CVE-2022-47951). Wider on purpose than QEMU's probe: what only other tools would take for a descriptor is one, too.
// Source: QEMU, block/vmdk.c, vmdk_probe (comments and blank lines, then `version=1`, 2 or 3); VMware's descriptor format.

/** How much of the beginning is looked at; QEMU looks at the first 512 bytes of it. */
const LOOK_BYTES = 4096;

export function isVmdkDescriptor(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOK_BYTES)).toString('latin1');
  if (!/^[ \t\r\n#]|^version/i.test(text)) return false; // most disks
  for (const line of text.split(/[\r\n]+/)) {
    const words = line.trim();
    if (words === '') continue;
    if (words.startsWith('#')) {
      if (/^#\s*disk\s*descriptor\s*file/i.test(words)) return true;
      continue;
    }
    return /^version\s*=\s*\d/i.test(words);
  }
  return false;
}
