// The file calls behind share-io: making, growing, publishing and moving single files so that each is durable when it answers and a
// kill at any instruction leaves either the old state, or a temporary file that the next call replaces.
// Runs only inside the helper process; every path is relative to the share's root, its working directory. Links are not followed.
//
//   make:    .NAME.part (fresh) -> write -> fsync -> link(NAME), fails if taken -> unlink(.NAME.part) -> fsync(directory)
//   Publishing by link and not by rename excludes this: a worker that was paused and superseded wakes up and renames an
//   empty file over the one that a guest writes to by now.
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { partNameOf } from './file-names.js';
import type { FileFacts, FileHead, MakeFileParams } from './share-io-protocol.js';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

export async function withFile<T>(file: string, flags: number, act: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, flags | O_NOFOLLOW, 0o600);
  try {
    return await act(handle);
  } finally {
    await handle.close();
  }
}

export async function syncDirectory(directory: string): Promise<void> {
  await withFile(directory, O_RDONLY | O_DIRECTORY, (handle) => handle.sync());
}

/**
 * Acts in a directory below the root by a path that goes through its open handle: nobody who can write to the share can put a link in its place
 * meanwhile, and have us write elsewhere. Throws ELOOP or ENOTDIR for what is none. Source: proc(5), /proc/self/fd.
 */
export async function inDirectory<T>(directory: string, act: (pathOfIt: string) => Promise<T>): Promise<T> {
  const [first = '', ...rest] = directory.split('/');
  return withFile(first, O_RDONLY | O_DIRECTORY, (handle) => enter(handle, rest, act));
}

function enter<T>(handle: FileHandle, rest: readonly string[], act: (pathOfIt: string) => Promise<T>): Promise<T> {
  const here = `/proc/self/fd/${handle.fd}`;
  const [next, ...more] = rest;
  if (next === undefined) return act(here);
  return withFile(`${here}/${next}`, O_RDONLY | O_DIRECTORY, (inner) => enter(inner, more, act));
}

export async function inspectFile(file: string): Promise<FileFacts | null> {
  try {
    return factsOf(await lstat(file));
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return null;
    throw thrown;
  }
}

/** Source: stat(2), st_blocks: allocated blocks of 512 bytes, whatever the file system's own block size. */
export async function measureFiles(files: readonly string[]): Promise<number[]> {
  return Promise.all(files.map(async (file) => (await lstat(file)).blocks * 512));
}

export async function readHead(
  file: string,
  bytes: number,
  tailBytes = 0,
): Promise<{ head: Uint8Array; tail: Uint8Array; facts: FileFacts }> {
  return withFile(file, O_RDONLY | O_NONBLOCK, async (handle) => {
    const facts = factsOf(await handle.stat());
    if (facts.kind !== 'file') throw errno('EINVAL', 'no regular file');
    const tailAt = Math.max(0, facts.sizeBytes - tailBytes);
    return {
      head: await readPiece(handle, 0, bytes),
      tail: await readPiece(handle, tailAt, facts.sizeBytes - tailAt),
      facts,
    };
  });
}

/** What there is of the piece, which is less at the end of the file. */
export async function readPiece(handle: FileHandle, offset: number, bytes: number): Promise<Uint8Array> {
  if (bytes === 0) return new Uint8Array();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, offset);
  return buffer.subarray(0, bytesRead);
}

export async function readHeads(files: readonly string[], bytes: number): Promise<FileHead[]> {
  return Promise.all(
    files.map(async (file) => {
      const { head, facts } = await readHead(file, bytes);
      return { head, facts };
    }),
  );
}

/** What does not depend on each other is asked at once: over the network a call takes a fraction of a millisecond, and these add up. */
export async function makeFile(params: MakeFileParams): Promise<readonly FileHead[]> {
  const part = partNameOf(params.file);
  const [taken, like] = await Promise.all([
    params.publish ? inspectFile(params.file) : null,
    lstat(params.ownerOf ?? '.'),
  ]);
  if (taken !== null) throw errno('EEXIST', params.file);
  try {
    await fillPart(part, params, like);
    if (params.publish) await linkToName(part, params.file);
  } catch (thrown) {
    await unlinkIfThere(part);
    throw thrown;
  }
  const { readBack } = params;
  return readBack === undefined ? [] : readHeads(readBack.files, readBack.bytes);
}

/** A fresh file: what an earlier attempt has left behind under the name goes first. */
async function withFresh(part: string, act: (handle: FileHandle) => Promise<void>): Promise<void> {
  const flags = O_RDWR | O_CREAT | O_EXCL;
  const handle = await open(part, flags | O_NOFOLLOW, 0o600).catch(async (thrown: unknown) => {
    if (!isErrno(thrown, 'EEXIST')) throw thrown;
    await unlinkIfThere(part);
    return open(part, flags | O_NOFOLLOW, 0o600);
  });
  try {
    await act(handle);
  } finally {
    await handle.close();
  }
}

async function fillPart(part: string, params: MakeFileParams, like: Stats): Promise<void> {
  await withFresh(part, async (handle) => {
    await handle.truncate(params.sizeBytes);
    await Promise.all([
      ...params.pieces.map(({ offset, bytes }) => writeAll(handle, bytes, offset)),
      ownBy(handle, like),
      handle.chmod(params.mode),
    ]);
    await handle.sync();
  });
}

export async function publishFile(file: string, padTo: number): Promise<null> {
  const part = partNameOf(file);
  await settleFile(part, padTo);
  await linkToName(part, file);
  return null;
}

export async function growFile(file: string, sizeBytes: number): Promise<null> {
  await withFile(file, O_RDWR, async (handle) => {
    const { size } = await handle.stat();
    if (sizeBytes < size) throw errno('EINVAL', 'a file never shrinks');
    if (sizeBytes > size) await handle.truncate(sizeBytes);
    await handle.sync();
  });
  return null;
}

export async function settleFile(file: string, padTo: number): Promise<null> {
  await withFile(file, O_RDWR, async (handle) => {
    const { size } = await handle.stat();
    const padded = Math.ceil(size / padTo) * padTo;
    if (padded !== size) await handle.truncate(padded);
    await handle.sync();
  });
  return null;
}

export async function setHeaderBit(file: string, offset: number, bit: number): Promise<null> {
  await withFile(file, O_RDWR, async (handle) => {
    const field = Buffer.alloc(8);
    const { bytesRead } = await handle.read(field, 0, 8, offset);
    if (bytesRead !== 8) throw errno('EINVAL', 'the header is cut off');
    field.writeBigUInt64BE(field.readBigUInt64BE(0) | (1n << BigInt(bit)));
    await handle.write(field, 0, 8, offset);
    await handle.sync();
  });
  return null;
}

/** A fresh file with the content, durable but for its name; belongs to whoever owns the share's root. */
export async function writeBeside(part: string, content: string, mode: number): Promise<void> {
  const like = await lstat('.');
  await withFresh(part, async (handle) => {
    await Promise.all([handle.writeFile(content), ownBy(handle, like), handle.chmod(mode)]);
    await handle.sync();
  });
}

/** Durable when it answers. One write, so that lines of several callers never mix. */
export async function appendLine(file: string, line: string, mode: number): Promise<void> {
  const like = await lstat('.');
  await withFile(file, O_RDWR | O_CREAT | O_APPEND, async (handle) => {
    await handle.write(`${line}\n`);
    await ownBy(handle, like);
    await handle.chmod(mode);
    await handle.sync();
  });
}

export async function replaceFile(file: string, content: string, mode: number): Promise<null> {
  await stageFile(file, content, mode);
  return replaceByStaged(file);
}

/** The first half: the content, durable, under the temporary name. */
export async function stageFile(file: string, content: string, mode: number): Promise<null> {
  await writeBeside(partNameOf(file), content, mode);
  return null;
}

/** The second half. */
export async function replaceByStaged(file: string): Promise<null> {
  const part = partNameOf(file);
  await rename(part, file);
  await syncDirectory('.');
  return null;
}

/** The source must be a regular file with one name; two names are accepted only when they are `from` and `to` (cut off before). */
export async function moveFile(from: string, to: string, mode: number): Promise<null> {
  const [source, target] = [await statOrNull(from), await statOrNull(to)];
  if (source === null) {
    if (target === null) throw errno('ENOENT', from);
    return null;
  }
  const half = target !== null && target.ino === source.ino && target.dev === source.dev;
  if (target !== null && !half) throw errno('EEXIST', to);
  if (!source.isFile() || source.nlink !== (half ? 2 : 1)) throw errno('EMLINK', from);
  if (!half) await link(from, to);
  const root = await lstat('.');
  await withFile(to, O_RDWR, async (handle) => {
    await ownBy(handle, root);
    await handle.chmod(mode);
    await handle.sync();
  });
  await unlink(from);
  await syncDirectory('.');
  return null;
}

/** An empty file of the given size, readable by whoever owns the share's root; an existing one stays. */
export async function makeFileAt(file: string, sizeBytes: number): Promise<void> {
  const root = await lstat('.');
  await withFile(file, O_RDWR | O_CREAT, async (handle) => {
    // Another name of somebody's disk would be cut off.
    const found = await handle.stat();
    if (!found.isFile() || found.nlink !== 1) throw errno('EMLINK', file);
    await handle.truncate(sizeBytes);
    await ownBy(handle, root);
    await handle.chmod(0o660);
    await handle.sync();
  });
}

export async function dropPart(file: string): Promise<null> {
  await unlinkIfThere(partNameOf(file));
  return null;
}

export async function removeFile(file: string): Promise<null> {
  await unlinkIfThere(partNameOf(file));
  await unlinkIfThere(file);
  await syncDirectory('.');
  return null;
}

export async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (thrown) {
    if (!isErrno(thrown, 'ENOENT')) throw thrown;
  }
}

export function isErrno(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === code;
}

export function errno(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The storage user owns what it makes; only root can give it to another, and only then is it asked to. */
async function ownBy(handle: FileHandle, like: Stats): Promise<void> {
  const made = await handle.stat();
  if (made.uid !== like.uid || made.gid !== like.gid) await handle.chown(like.uid, like.gid);
}

async function linkToName(part: string, file: string): Promise<void> {
  await link(part, file);
  await unlink(part);
  await syncDirectory('.');
}

async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await lstat(file);
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return null;
    throw thrown;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}

function factsOf(stats: Stats): FileFacts {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'other';
  return {
    kind,
    sizeBytes: stats.size,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    linkCount: stats.nlink,
  };
}
