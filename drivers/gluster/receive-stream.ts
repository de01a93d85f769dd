// Of the process that moves the bytes of one file: from the pipe, and then from the client's connection, to a fresh temporary file, hashed on the way.
// Reading, hashing and writing overlap: the main thread reads straight into the block that is written, writes are under way in other threads.
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { BYTES_DESCRIPTOR, CONNECTION_DESCRIPTOR } from '../process/bytes-descriptor.js';
import { partNameOf } from './file-names.js';
import { unlinkIfThere } from './share-io-files.js';
import { type StreamFacts, type StreamTask, TELL_MS, type TellMove } from './share-stream-protocol.js';
import { BLOCK_BYTES } from './stream-blocks.js';
import { allocateBlock, type StreamHashes } from './stream-hashes.js';
import { StreamInput } from './stream-input.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
/** Zeros of so many bytes become a hole; qcow2 clusters and file system blocks are multiples or divisors of it. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);
/** One is filled while the others are written. */
const BLOCKS = 5;

type ReceiveTask = StreamTask & { readonly task: 'receive' };

export async function receiveStream(task: ReceiveTask, hashes: StreamHashes, tell: TellMove): Promise<StreamFacts> {
  const part = partNameOf(task.file);
  await unlinkIfThere(part);
  const like = await lstat('.');
  const handle = await open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = await writeAll(handle, task, hashes, tell);
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
async function writeAll(
  handle: FileHandle,
  { hashes: names, maxBytes, connectionBytes }: ReceiveTask,
  hashes: StreamHashes,
  tell: TellMove,
): Promise<number> {
  const blocks = Array.from({ length: BLOCKS }, () => allocateBlock(BLOCK_BYTES, names));
  const pipe = { descriptor: BYTES_DESCRIPTOR, bytes: null };
  const connection = { descriptor: CONNECTION_DESCRIPTOR, bytes: connectionBytes ?? 0 };
  const input = new StreamInput(blocks, connectionBytes === undefined ? [pipe] : [pipe, connection], maxBytes);
  const telling = setInterval(() => tell({ bytes: input.takenBytes, heldUp: input.isHeldUp }), TELL_MS);
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let hashed: Promise<void> | null = null;
  let offset = 0;
  try {
    for (;;) {
      const block = await input.next();
      if (block === null || failures.length > 0) break;
      const { bytes } = block;
      const write = writeData(handle, bytes, offset);
      // One after the other: the hash of the block before was made while this one was read.
      await hashed;
      hashed = hashes.update(bytes);
      const settled = Promise.all([write, hashed])
        .then(() => undefined)
        .catch((thrown: unknown) => {
          failures.push(thrown);
        })
        .finally(() => {
          underWay.delete(settled);
          input.release(block);
        });
      underWay.add(settled);
      offset += bytes.length;
    }
  } finally {
    clearInterval(telling);
    // That all is there, before it is made durable, which takes its time.
    tell({ bytes: input.takenBytes, heldUp: input.isHeldUp });
    input.stop();
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
  return offset;
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
