// Honest files of every format that qemu-img can make, as the fuzz runner's starting points: their first and last bytes and their length.
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { DETECTION_BYTES, DETECTION_TAIL_BYTES } from '../../drivers/image/format-detection.js';

export interface Original {
  readonly name: string;
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly fileBytes: number;
}

/** qemu-img's format and options. Those that name a backing file need none: `-u`. */
const made: readonly (readonly [string, ...string[]])[] = [
  ['qcow2'],
  ['qcow2', '-o', 'compat=0.10'],
  ['qcow2', '-o', 'cluster_size=512'],
  ['qcow2', '-o', 'cluster_size=2M'],
  ['qcow2', '-o', 'lazy_refcounts=on,refcount_bits=1'],
  ['qcow2', '-o', 'extended_l2=on'],
  ['qcow2', '-o', 'compression_type=zstd'],
  ['qcow2', '-o', 'preallocation=metadata'],
  ['qcow2', '-u', '-b', 'volume-a', '-F', 'raw'],
  ['qcow2', '-u', '-b', '/etc/shadow', '-F', 'raw', '-o', 'compat=0.10'],
  ['qcow2', '-o', 'data_file=DIR/data,data_file_raw=on'],
  ['qcow'],
  ['qed'],
  ['vmdk'],
  ['vmdk', '-o', 'subformat=monolithicFlat'],
  ['vmdk', '-o', 'subformat=streamOptimized'],
  ['vdi'],
  ['vpc'],
  ['vpc', '-o', 'subformat=fixed,force_size=on'],
  ['vhdx'],
  ['parallels'],
];

/** Makes them in `folder` (a second at most), reads them, and adds disks that no tool makes. */
export function makeOriginals(folder: string): readonly Original[] {
  const files = made.map((words, index) => {
    const [format, ...options] = words;
    const file = path.join(folder, `original-${index}`);
    const argv = ['create', '-q', '-f', format, ...options.map((word) => word.replace('DIR', folder)), file, '64M'];
    execFileSync('qemu-img', argv);
    return readEnds(words.join(' '), file);
  });
  return [...files, ...plainDisks()];
}

function readEnds(name: string, file: string): Original {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const piece = (at: number, bytes: number): Buffer => {
      const buffer = Buffer.alloc(bytes);
      return buffer.subarray(0, readSync(handle, buffer, 0, bytes, at));
    };
    const tailAt = Math.max(0, size - DETECTION_TAIL_BYTES);
    return { name, head: piece(0, DETECTION_BYTES), tail: piece(tailAt, size - tailAt), fileBytes: size };
  } finally {
    closeSync(handle);
  }
}

function plainDisks(): readonly Original[] {
  const disk = (name: string, mark: (head: Buffer) => void): Original => {
    const head = Buffer.alloc(DETECTION_BYTES);
    mark(head);
    return { name, head, tail: Buffer.alloc(DETECTION_TAIL_BYTES), fileBytes: 1024 * 1024 };
  };
  return [
    disk('zeros', () => undefined),
    disk('mbr', (head) => head.writeUInt16BE(0x55aa, 510)),
    disk('gpt', (head) => head.write('EFI PART', 512)),
    disk('iso', (head) => head.write('CD001', 32_769)),
    disk('luks', (head) => head.write('LUKS\xba\xbe\0\x02', 'latin1')),
    disk('text', (head) => head.write('# Disk DescriptorFile\nversion=1\nRW 1 FLAT "/etc/shadow" 0\n')),
  ];
}
