// What a hostile guest writes to the start of its own raw disk: headers by which a tool that probes would read a canary of the host. Made
// by qemu-img itself, so that they are as good as an attacker's.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Canaries } from './canaries.js';

/** The largest: a header with all its tables. */
const MAX_BYTES = 4 * 1024 * 1024;

export const poisonNames = ['qcow2-backing', 'qcow2-data-file', 'vmdk-flat'] as const;
export type PoisonName = (typeof poisonNames)[number];

/** A qcow2 of 1 GiB; `options` are qemu-img's. Nothing that it names is opened: `-u`. */
export function makeQcow2(folder: string, ...options: string[]): Buffer {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'poison');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-u', ...options, file, '1G'], { cwd: folder });
  const bytes = readFileSync(file).subarray(0, MAX_BYTES);
  rmSync(file);
  return bytes;
}

/** Points a header that was made with a data file of the name `stand-in` at another one. qemu-img itself would open it at once. */
export function makeDataFilePoison(folder: string, target: string): Buffer {
  const standIn = path.join(folder, 'x'.repeat(Math.max(1, target.length - folder.length - 1)));
  const bytes = makeQcow2(folder, '-o', `data_file=${standIn},data_file_raw=on`);
  rmSync(standIn);
  const at = bytes.indexOf(standIn);
  if (at === -1 || standIn.length !== target.length) throw new Error('the data file cannot be renamed in the header');
  bytes.write(target, at);
  return bytes;
}

export function vmdkDescriptor(createType: string, extents: readonly string[]): Buffer {
  const head = ['# Disk DescriptorFile', 'version=1', 'CID=12345678', 'parentCID=ffffffff'];
  return Buffer.from([...head, `createType="${createType}"`, ...extents, ''].join('\n'));
}

export function makePoisons(folder: string, canaries: Canaries): Readonly<Record<PoisonName, Buffer>> {
  const [secret, data] = [canaries.file('secret'), canaries.file('data')];
  return {
    'qcow2-backing': makeQcow2(folder, '-b', secret, '-F', 'raw'),
    'qcow2-data-file': makeDataFilePoison(folder, data),
    'vmdk-flat': vmdkDescriptor('monolithicFlat', [`RW 2097152 FLAT "${secret}" 0`]),
  };
}

/** Writes as a guest would: over the start, without changing the length. */
export function overwriteStart(file: string, bytes: Buffer): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
}
