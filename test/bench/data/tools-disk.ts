// A disk with Debian's fio and its libraries, for the guest of the data path's measurement: an ext4 file system filled without being mounted. Not part of
// the guest's own image: fio's libraries are a hundred MiB, which every other test would have to load.
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { copyPrograms } from '../../../deploy/guest/host-programs.js';
import { runChecked } from '../../../deploy/guest/run-checked.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';

export const FIO = '/usr/bin/fio';
const DISK_MIB = 400;

/** Answers the file's path. Throws when fio is not installed. */
export async function makeToolsDisk(directory: string): Promise<string> {
  if (statSync(FIO, { throwIfNoEntry: false }) === undefined) throw new Error(`${FIO} is not installed; install fio`);
  const root = path.join(directory, 'tools');
  for (const name of ['dev', 'proc', 'sys', 'tmp']) mkdirSync(path.join(root, name), { recursive: true });
  await copyPrograms(systemCommandRunner, root, [FIO]);
  const image = path.join(directory, 'tools.img');
  const make = ['mkfs.ext4', '-q', '-d', root, image, `${DISK_MIB}M`] as const;
  await runChecked(systemCommandRunner, make, 120_000);
  return image;
}
