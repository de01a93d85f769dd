// Of the process that moves the bytes of one file: from the pipe to a fresh temporary file, hashed on the way. Reading, hashing and writing
// overlap: the pipe is read by the main thread straight into the block that is written, writes are under way in other threads.
import { constants, readSync } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { BYTES_DESCRIPTOR } from '../process/bytes-descriptor.js';
import { partNameOf } from './file-names.js';
import { errno, unlinkIfThere } from './share-io-files.js';
import type { StreamFacts, StreamTask } from './share-stream-protocol.js';
import { BLOCK_BYTES, StreamBlocks } from './stream-blocks.js';
import { allocateBlock, type StreamHashes } from './stream-hashes.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
/** Zeros of so many bytes become a hole; qcow2 clusters and file system blocks are multiples or divisors of it. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);
const WRITES_UNDER_WAY = 4;

type ReceiveTask = StreamTask & { readonly task: 'receive' };

export async function receiveStream(task: ReceiveTask, hashes: StreamHashes): Promise<StreamFacts> {
  const part = partNameOf(task.file);
  await unlinkIfThere(part);
  const like = await lstat('.');
  const handle = await open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = await writeAll(handle, task, hashes);
    await handle.truncate(bytes);
    const made = await handle.stat();
    if (made.uid !== like.uid || made.gid !== like.gid) await handle.chown(like.uid, like.gid);
    await handle.chmod(task.mode);
    await handle.sync();
    return { bytes, ...(await hashes.finish()) };
  } finally {
    await handle.close();
  }
}

/** Answers how many bytes there were. */
async function writeAll(handle: FileHandle, task: ReceiveTask, hashes: StreamHashes): Promise<number> {
  const blocks = new StreamBlocks(WRITES_UNDER_WAY + 1, (bytes) => allocateBlock(bytes, task.hashes));
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let hashed: Promise<void> | null = null;
  let offset = 0;
  for (;;) {
    // One is free: no more than WRITES_UNDER_WAY are in use after the first round.
    const block = await blocks.take();
    const filled = fill(block, task.maxBytes - offset);
    // The hash of the block before: it was made while this one was read.
    await hashed;
    if (filled > 0) {
      const bytes = block.subarray(0, filled);
      const write = writeData(handle, bytes, offset);
      hashed = hashes.update(bytes);
      const settled = Promise.all([write, hashed])
        .then(() => undefined)
        .catch((thrown: unknown) => {
          failures.push(thrown);
        })
        .finally(() => {
          underWay.delete(settled);
          blocks.giveBack(block);
        });
      underWay.add(settled);
      offset += filled;
    }
    if (failures.length > 0 || filled < BLOCK_BYTES) break;
    while (underWay.size >= WRITES_UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  return offset;
}

/**
 * Waits in the kernel until the block is full or the pipe at its end; answers how much is in it. Synchronous on purpose: this process has nothing
 * else to do, and each trip through the thread pool would cost more than the copy of what a socket holds. Throws E2BIG.
 */
function fill(block: Buffer, most: number): number {
  let filled = 0;
  while (filled < block.length) {
    const bytes = readSync(BYTES_DESCRIPTOR, block, filled, block.length - filled, null);
    if (bytes === 0) break;
    filled += bytes;
    if (filled > most) throw errno('E2BIG', 'more bytes than were announced');
  }
  return filled;
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
