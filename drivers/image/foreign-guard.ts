// Decides whether a file of a foreign container format (vmdk, vdi, vhd, vhdx) is one that a tool may open in order to convert it. Pure; refuses
// rather than repairs: one file that is that format and no other, and names no file beside itself.
// Sources: QEMU, block/vmdk.c (vmdk_open_vmdk4, vmdk_parent_open), block/vpc.c, block/vdi.c; CVE-2022-47951, OSSA-2024-001 (an embedded
// descriptor that names another extent or parent).
import type { ForeignFormat } from '../../services/core/domain/image-formats.js';
import { detectFormats } from './format-detection.js';

/** What lies within a disk and makes it no container. */
const contents: readonly string[] = ['mbr', 'gpt', 'iso', 'luks'];
const SECTOR = 512;

/** Why the file is not taken, in words for an operator; null when it may be opened. `head` and `tail` as for format detection. */
export function findForeignTrait(format: ForeignFormat, head: Uint8Array, tail: Uint8Array): string | null {
  const claims = detectFormats(head, tail).filter((one) => !contents.includes(one));
  if (!claims.includes(format)) return `no mark of ${format}`;
  const second = claims.find((one) => one !== format);
  if (second !== undefined) return `the mark of ${second} as well`;
  const start = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  switch (format) {
    case 'vmdk':
      return findVmdkTrait(start);
    case 'vdi':
      return findVdiTrait(start);
    case 'vhd':
      return findVhdTrait(start, end);
    case 'vhdx':
      return null; // its parents live in metadata that QEMU refuses to follow: "has_parent" is an error there
  }
}

function findVmdkTrait(head: Buffer): string | null {
  if (head.length < SECTOR || head.toString('latin1', 0, 4) !== 'KDMV') return 'a vmdk that is no sparse extent';
  // A disk of no sectors makes the embedded descriptor the image: QEMU then opens the files that it names.
  if (head.readBigUInt64LE(12) === 0n) return 'a capacity of nothing';
  const offset = Number(head.readBigUInt64LE(28)) * SECTOR;
  const bytes = Number(head.readBigUInt64LE(36)) * SECTOR;
  if (offset < SECTOR || bytes < 1 || offset + bytes > head.length) return 'no descriptor behind its header';
  // A parent is looked for in the sectors behind the header, wherever the header says that the descriptor is.
  if (head.toString('latin1').includes('parentFileNameHint')) return 'a parent';
  return findDescriptorTrait(head.toString('latin1', offset, offset + bytes).replace(/\0.*$/s, ''));
}

function findDescriptorTrait(text: string): string | null {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const kinds = lines.flatMap((line) => /^createType\s*=\s*"?([^"]*)"?$/i.exec(line)?.[1] ?? []);
  if (kinds.length !== 1 || !['monolithicSparse', 'streamOptimized'].includes(kinds[0] ?? '')) {
    return 'a kind of vmdk that consists of several files';
  }
  const parents = lines.flatMap((line) => /^parentCID\s*=\s*(\S+)$/i.exec(line)?.[1] ?? []);
  if (parents.some((parent) => parent.toLowerCase() !== 'ffffffff')) return 'a parent';
  const extents = lines.filter((line) => /^(RW|RDONLY|NOACCESS)\s/i.test(line));
  if (extents.length !== 1) return 'not exactly one extent';
  const name = /^RW\s+\d+\s+SPARSE\s+"([^"]+)"$/.exec(extents[0] ?? '')?.[1];
  return name === undefined || /[/\\:]/.test(name) ? 'an extent that is another file' : null;
}

function findVdiTrait(head: Buffer): string | null {
  if (head.length < 0x1a0) return 'a header that is cut off';
  const kind = head.readUInt32LE(0x4c); // 1 dynamic, 2 fixed; others stand on a parent
  return kind === 1 || kind === 2 ? null : 'a kind of vdi that stands on another file';
}

/** The footer is at the end; a dynamic one has a copy at the beginning. */
function findVhdTrait(head: Buffer, tail: Buffer): string | null {
  const kinds: number[] = [];
  if (head.toString('latin1', 0, 8) === 'conectix') kinds.push(head.readUInt32BE(60));
  if (tail.length >= SECTOR && tail.toString('latin1', tail.length - SECTOR, tail.length - SECTOR + 8) === 'conectix') {
    kinds.push(tail.readUInt32BE(tail.length - SECTOR + 60));
  }
  // 2 fixed, 3 dynamic, 4 differencing.
  return kinds.length > 0 && kinds.every((kind) => kind === 2 || kind === 3)
    ? null
    : 'a kind of vhd that stands on another file';
}
