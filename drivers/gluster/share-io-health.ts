// File calls of the helper process that tell how a share does: its room, whether it can be written, how large its largest file is.
import { lstat, open, readdir, statfs, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { PRIVATE_DIRECTORY } from './file-names.js';
import type { ShareIoCalls } from './share-io-protocol.js';

/** Lies among our private files, so that nobody takes it for a disk. */
const probeOfHost = `probe-${hostname()}-`;
const ownProbe = `${probeOfHost}${process.pid}`;
/** A share with more files is looked at in part: the figure serves a hint only. */
const MAX_FILES_SURVEYED = 5_000;

export async function measure(): Promise<ShareIoCalls['measure']['value']> {
  const { bsize, blocks, bavail, files, ffree } = await statfs('.');
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, totalInodes: files, freeInodes: ffree };
}

/** Writes, syncs and removes a small file. */
export async function probeWrite(): Promise<null> {
  const file = `${PRIVATE_DIRECTORY}/${ownProbe}`;
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile('a share that takes this takes a disk\n');
    await handle.sync();
  } finally {
    await handle.close();
    await unlink(file);
  }
  return null;
}

/** Also removes what probes of this host's earlier helpers have left. */
export async function survey(): Promise<ShareIoCalls['survey']['value']> {
  for (const name of await readdir(PRIVATE_DIRECTORY).catch(() => [])) {
    if (!name.startsWith(probeOfHost) || name === ownProbe) continue;
    await unlink(`${PRIVATE_DIRECTORY}/${name}`).catch(() => undefined);
  }
  let largestBytes = 0;
  const files = (await readdir('.')).filter((name) => !name.startsWith('.'));
  for (const file of files.slice(0, MAX_FILES_SURVEYED)) {
    const facts = await lstat(file).catch(() => null);
    if (facts?.isFile() === true) largestBytes = Math.max(largestBytes, facts.size);
  }
  return { files: files.length, largestBytes };
}
