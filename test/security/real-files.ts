// Files of every format that the pairs of T-F06 speak of, as real as the machine's tools make them.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const MIB = 1024 * 1024;

export const pairFormats = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx', 'qed', 'iso', 'gpt', 'luks'] as const;
export type PairFormat = (typeof pairFormats)[number];

const byTool: Partial<Record<PairFormat, string>> = {
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vdi: 'vdi',
  vhd: 'vpc',
  vhdx: 'vhdx',
  qed: 'qed',
};

export function makeRealFile(folder: string, format: PairFormat): Buffer {
  const driver = byTool[format];
  if (driver !== undefined) {
    const file = path.join(folder, `real-${format}`);
    execFileSync('qemu-img', ['create', '-q', '-f', driver, file, '4M']);
    const bytes = readFileSync(file);
    rmSync(file);
    return bytes;
  }
  const disk = Buffer.alloc(MIB);
  randomBytes(4096).copy(disk, 65_536);
  if (format === 'iso') disk.write('CD001', 32_769);
  if (format === 'luks') disk.write('LUKS\xba\xbe\0\x02', 'latin1');
  if (format === 'gpt') {
    disk.writeUInt16BE(0x55aa, 510);
    disk.write('EFI PART', 512);
  }
  return disk;
}
