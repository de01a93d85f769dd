// File calls of the helper process that tell how a share does: its room, whether it can be written, how large its largest file is.
import { constants } from 'node:fs';
import { lstat, readdir, statfs, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { PRIVATE_DIRECTORY } from './file-names.js';
import { inDirectory, unlinkIfThere, withFile } from './share-io-files.js';
import type { ShareIoCalls } from './share-io-protocol.js';

const { O_CREAT, O_EXCL, O_WRONLY } = constants;
/** Lies among our private files, so that nobody takes it for a disk. */
const probeOfHost = `probe-${hostname()}-`;
const ownProbe = `${probeOfHost}${process.pid}`;
/** A share with more files is looked at in part: the figure serves a hint only. */
const MAX_FILES_SURVEYED = 5_000;

export async function measure(): Promise<ShareIoCalls['measure']['value']> {
  const { bsize, blocks, bavail, files, ffree } = await statfs('.');
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, totalInodes: files, freeInodes: ffree };
}

/** Writes, syncs and removes a small file, always a new one: its name can be guessed, and could be another name of a disk. */
export function probeWrite(): Promise<null> {
  return inDirectory(PRIVATE_DIRECTORY, async (directory) => {
    const file = `${directory}/${ownProbe}`;
    await unlinkIfThere(file);
    try {
      await withFile(file, O_WRONLY | O_CREAT | O_EXCL, async (handle) => {
        await handle.writeFile('a share that takes this takes a disk\n');
        await handle.sync();
      });
    } finally {
      await unlinkIfThere(file);
    }
    return null;
  });
}

async function removeOldProbes(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(probeOfHost) || name === ownProbe) continue;
    await unlink(`${directory}/${name}`).catch(() => undefined);
  }
}

/** Also removes what probes of this host's earlier helpers have left. */
export async function survey(): Promise<ShareIoCalls['survey']['value']> {
  await inDirectory(PRIVATE_DIRECTORY, removeOldProbes).catch(() => undefined);
  let largestBytes = 0;
  const files = (await readdir('.')).filter((name) => !name.startsWith('.'));
  for (const file of files.slice(0, MAX_FILES_SURVEYED)) {
    const facts = await lstat(file).catch(() => null);
    if (facts?.isFile() === true) largestBytes = Math.max(largestBytes, facts.size);
  }
  return { files: files.length, largestBytes };
}
