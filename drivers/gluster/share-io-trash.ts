// References and trash, inside the helper process. A file is given up only in this order:
//   read every header on the share now  ->  nobody names the file  ->  rename into .saggar/trash  ->  grace  ->  read again  ->  unlink
// Nothing is cached between calls: a stale listing must never decide that a file is unused. Reads headers only, eight at a time.
// A guest can write a false header into its own raw disk; the worst it gains is that a removal is refused, visibly.
import { constants } from 'node:fs';
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { decodeBackingName, HEADER_PROBE_BYTES, locateBackingName } from '../image/qcow2-header.js';
import {
  ANCHOR_FILE,
  isTemporaryName,
  PRIVATE_DIRECTORY,
  partNameOf,
  receivedNameOf,
  TRASH_DIRECTORY,
} from './file-names.js';
import {
  inDirectory,
  inspectFile,
  isErrno,
  makeFileAt,
  readHead,
  syncDirectory,
  unlinkIfThere,
  withFile,
} from './share-io-files.js';
import type { HeaderReference } from './share-io-protocol.js';

const { O_DIRECTORY, O_RDONLY } = constants;
const PARALLEL_READS = 8;
const ANCHOR_BYTES = 4096;

export async function prepareShare(): Promise<null> {
  // QEMU opens the anchor as its own user, which must be able to pass the directory; the trash is nobody else's business.
  await ownDirectory('.', PRIVATE_DIRECTORY, 0o770);
  return inDirectory(PRIVATE_DIRECTORY, async (directory) => {
    await ownDirectory(directory, path.posix.basename(TRASH_DIRECTORY), 0o700);
    await makeFileAt(`${directory}/${path.posix.basename(ANCHOR_FILE)}`, ANCHOR_BYTES);
    await syncDirectory(PRIVATE_DIRECTORY);
    return null;
  });
}

/** Through a handle that follows no link: whoever may write to the share must not choose what root gives away. */
async function ownDirectory(parent: string, name: string, mode: number): Promise<void> {
  const directory = `${parent}/${name}`;
  await mkdir(directory, { mode }).catch((thrown: unknown) => {
    if (!isErrno(thrown, 'EEXIST')) throw thrown;
  });
  const { uid, gid } = await lstat('.');
  await withFile(directory, O_RDONLY | O_DIRECTORY, async (handle) => {
    const found = await handle.stat();
    if (found.uid !== uid || found.gid !== gid) await handle.chown(uid, gid);
    if ((found.mode & 0o7777) !== mode) await handle.chmod(mode);
  });
}

/** Base names of all files in the root that are not temporary, hidden or records. */
export async function listFiles(): Promise<string[]> {
  const names = await readdir('.');
  return names.filter((name) => !isTemporaryName(name) && !name.endsWith('.info')).sort();
}

export async function findReferences(files: readonly string[], except: readonly string[]): Promise<HeaderReference[]> {
  const readers = (await listFiles()).filter((name) => !except.includes(name));
  const found: HeaderReference[] = [];
  const readNext = async (): Promise<void> => {
    for (let name = readers.pop(); name !== undefined; name = readers.pop()) {
      const backingFile = await readBackingName(name);
      if (backingFile !== null && files.some((file) => mentions(backingFile, file)))
        found.push({ file: name, backingFile });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, readNext));
  return found;
}

export async function discardFiles(
  files: readonly string[],
  nowMs: number,
  keep: boolean,
): Promise<readonly HeaderReference[]> {
  const references = await findReferences(files, files);
  if (references.length > 0) return references;
  return inDirectory(TRASH_DIRECTORY, async (trash) => {
    const trashed: string[] = [];
    for (const file of files) {
      await unlinkIfThere(partNameOf(file));
      await unlinkIfThere(receivedNameOf(file));
      const name = `${trash}/${file}.${nowMs}`;
      if (await renameIfThere(file, name)) trashed.push(name);
    }
    await syncDirectory('.');
    if (!keep) for (const name of trashed) await unlinkIfThere(name);
    if (trashed.length > 0) await syncDirectory(TRASH_DIRECTORY);
    return [];
  });
}

export async function emptyTrash(olderThanMs: number): Promise<string[]> {
  try {
    return await inDirectory(TRASH_DIRECTORY, (trash) => emptyOut(trash, olderThanMs));
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return [];
    throw thrown;
  }
}

async function emptyOut(trash: string, olderThanMs: number): Promise<string[]> {
  const due = (await trashNames(trash)).filter(({ trashedAtMs }) => trashedAtMs <= olderThanMs);
  if (due.length === 0) return [];
  const references = await findReferences(
    due.map(({ file }) => file),
    [],
  );
  const removed: string[] = [];
  for (const { file, name } of due) {
    if (references.some(({ backingFile }) => mentions(backingFile, file))) continue; // a header names it again: it stays for a person to look at
    if (await removeTrashed(`${trash}/${name}`)) removed.push(file);
  }
  await syncDirectory(TRASH_DIRECTORY);
  return removed;
}

/** A directory is nothing that was given up here: it stays, and does not keep the rest from going. */
async function removeTrashed(file: string): Promise<boolean> {
  try {
    await unlinkIfThere(file);
    return true;
  } catch (thrown) {
    if (isErrno(thrown, 'EISDIR') || isErrno(thrown, 'EPERM')) return false;
    throw thrown;
  }
}

/** A backing name may be a base name, a path, a URI, or QEMU's json: form, in which the name stands somewhere. */
function mentions(backingFile: string, file: string): boolean {
  return path.posix.basename(backingFile) === file || (backingFile.startsWith('json:') && backingFile.includes(file));
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (thrown) {
    // It is the file that may be missing, not the trash: a file that stays must never be called removed.
    if (!isErrno(thrown, 'ENOENT') || (await inspectFile(from)) !== null) throw thrown;
    return false;
  }
}

async function trashNames(trash: string): Promise<{ file: string; name: string; trashedAtMs: number }[]> {
  const found: { file: string; name: string; trashedAtMs: number }[] = [];
  for (const name of await readdir(trash)) {
    const match = /^(.+)\.(\d{10,16})$/.exec(name);
    if (match?.[1] !== undefined) found.push({ file: match[1], name, trashedAtMs: Number(match[2]) });
  }
  return found;
}

/**
 * null when the file is no qcow2, names nothing, or went away meanwhile. Reads as QEMU would and not as we accept: a header that we would
 * never let a tool open keeps its base from being removed all the same.
 */
async function readBackingName(name: string): Promise<string | null> {
  try {
    const { head } = await readHead(name, HEADER_PROBE_BYTES);
    const place = locateBackingName(head);
    if (place === null) return null;
    const end = place.offset + place.length;
    const bytes = end <= head.length ? head : (await readHead(name, end)).head;
    return decodeBackingName(bytes.subarray(place.offset, end)) || null;
  } catch (thrown) {
    if (['ENOENT', 'EINVAL', 'ELOOP', 'ENXIO'].some((code) => isErrno(thrown, code))) return null;
    throw thrown;
  }
}
