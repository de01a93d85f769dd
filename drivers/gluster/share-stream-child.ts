// The process that moves the bytes of one file between a share and a pipe. Started with the task (JSON) and what share-io-child.ts is
// started with: root, kind and storage user. Hashes and writes overlap: while the kernel writes one block, the next is hashed.
// Never gives a file its name: what it has written is complete only when its parent, which knows whether the sender was done, says so.
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { enterShare } from './enter-share.js';
import { partNameOf } from './file-names.js';
import { errno, unlinkIfThere } from './share-io-files.js';
import type { StreamFacts, StreamTask } from './share-stream-protocol.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
/** One request of the FUSE client carries 128 KiB to 1 MiB; larger blocks only cost memory. */
const BLOCK_BYTES = 1024 * 1024;
/** Zeros of so many bytes become a hole; qcow2 clusters and file system blocks are multiples or divisors of it. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);
const WRITES_UNDER_WAY = 4;

class Digests {
  private readonly md5: Hash = createHash('md5');
  private readonly sha512: Hash = createHash('sha512');

  update(bytes: Uint8Array): void {
    this.md5.update(bytes);
    this.sha512.update(bytes);
  }

  facts(bytes: number): StreamFacts {
    return { bytes, md5: this.md5.digest('hex'), sha512: this.sha512.digest('hex') };
  }
}

class Sha256 {
  private readonly sha256: Hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.sha256.update(bytes);
  }

  facts(bytes: number): StreamFacts {
    return { bytes, md5: null, sha512: null, sha256: this.sha256.digest('hex') };
  }
}

async function receive(file: string, mode: number, maxBytes: number): Promise<StreamFacts> {
  const part = partNameOf(file);
  await unlinkIfThere(part);
  const like = await lstat('.');
  const handle = await open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const facts = await writeAll(handle, maxBytes);
    await handle.truncate(facts.bytes);
    const made = await handle.stat();
    if (made.uid !== like.uid || made.gid !== like.gid) await handle.chown(like.uid, like.gid);
    await handle.chmod(mode);
    await handle.sync();
    return facts;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, maxBytes: number): Promise<StreamFacts> {
  const digests = new Digests();
  const underWay = new Set<Promise<void>>();
  let failed: unknown = null;
  let [offset, filled] = [0, 0];
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  const flush = async (): Promise<void> => {
    const bytes = block.subarray(0, filled);
    const at = offset;
    offset += filled;
    filled = 0;
    block = Buffer.allocUnsafe(BLOCK_BYTES);
    digests.update(bytes);
    const write = writeData(handle, bytes, at)
      .catch((thrown: unknown) => {
        failed ??= thrown;
      })
      .finally(() => underWay.delete(write));
    underWay.add(write);
    if (underWay.size >= WRITES_UNDER_WAY) await Promise.race(underWay);
  };
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    for (let taken = 0; taken < chunk.length; ) {
      const piece = chunk.copy(block, filled, taken, taken + Math.min(chunk.length - taken, BLOCK_BYTES - filled));
      taken += piece;
      filled += piece;
      if (offset + filled > maxBytes) throw errno('E2BIG', 'more bytes than were announced');
      if (filled === BLOCK_BYTES) await flush();
    }
    if (failed !== null) break;
  }
  if (filled > 0) await flush();
  await Promise.all(underWay);
  if (failed !== null) throw failed as Error;
  return digests.facts(offset);
}

/** What is zero in whole pieces is left out: the file is fresh, so it is a hole already. */
async function writeData(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let start = 0;
  while (start < bytes.length) {
    const first = bytes.subarray(start, start + HOLE_BYTES);
    let end = start + first.length;
    if (isZero(first)) {
      start = end;
      continue;
    }
    while (end < bytes.length && !isZero(bytes.subarray(end, end + HOLE_BYTES))) end += HOLE_BYTES;
    end = Math.min(end, bytes.length);
    for (let done = start; done < end; ) {
      done += (await handle.write(bytes, done, end - done, at + done)).bytesWritten;
    }
    start = end;
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.compare(ZEROS, 0, bytes.length) === 0;
}

async function readOut(
  task: { file: string; start: number; bytes: number },
  to: Socket | null,
  digests: Digests | Sha256 | null,
) {
  const handle = await open(task.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { size } = await handle.stat().then((stats) => {
      if (!stats.isFile()) throw errno('EINVAL', 'no regular file');
      return stats;
    });
    const end = task.start + task.bytes;
    if (end > size) throw errno('EINVAL', 'the file is shorter');
    const next = (at: number) => readBlock(handle, at, Math.min(BLOCK_BYTES, end - at));
    let ahead = next(task.start);
    for (let at = task.start; at < end; ) {
      const block = await ahead;
      at += block.length;
      if (at < end) ahead = next(at);
      digests?.update(block);
      if (to !== null && !to.write(block)) await once(to, 'drain');
    }
    if (to !== null) await new Promise<void>((resolve) => to.end(resolve));
    return digests?.facts(task.bytes) ?? { bytes: task.bytes, md5: null, sha512: null };
  } finally {
    await handle.close();
  }
}

async function readBlock(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(bytes);
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(block, done, bytes - done, at + done);
    if (bytesRead === 0) throw errno('EIO', 'the file ended before its length');
    done += bytesRead;
  }
  return block;
}

function perform(task: StreamTask): Promise<StreamFacts> {
  switch (task.task) {
    case 'receive':
      return receive(task.file, task.mode, task.maxBytes);
    case 'send':
      return readOut(task, new Socket({ fd: 1, readable: false, writable: true }), task.digest ? new Digests() : null);
    case 'digest':
      return readOut({ ...task, start: 0 }, null, task.sha256 === true ? new Sha256() : new Digests());
  }
}

process.umask(0o077);
process.on('disconnect', () => process.exit(0));
const [taskText = '{}', root = '/nonexistent', kind = 'mount', user = 'owner'] = process.argv.slice(2);
try {
  await enterShare(root, kind, user);
  process.send?.({ value: await perform(JSON.parse(taskText) as StreamTask) });
} catch (thrown) {
  const { code = 'UNKNOWN', message = String(thrown) } = thrown as NodeJS.ErrnoException;
  process.send?.({ failure: { code, message } });
}
