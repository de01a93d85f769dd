// Of the process that moves the bytes of one file: a part of it to the pipe, or nowhere when only its hashes are wanted. Several reads are
// under way while a block is hashed and sent: one request at a time would leave the network idle in between.
import { closeSync, constants, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BYTES_DESCRIPTOR } from '../process/bytes-descriptor.js';
import { errno } from './share-io-files.js';
import type { StreamFacts, StreamTask } from './share-stream-protocol.js';
import { BLOCK_BYTES, StreamBlocks } from './stream-blocks.js';
import { allocateBlock, type StreamHashes } from './stream-hashes.js';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const READS_AHEAD = 3;

type ReadTask = StreamTask & { readonly task: 'send' | 'digest' };

interface Piece {
  readonly block: Buffer;
  readonly bytes: Buffer;
}

export async function sendStream(task: ReadTask, hashes: StreamHashes): Promise<StreamFacts> {
  const handle = await open(task.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw errno('EINVAL', 'no regular file');
    const start = task.task === 'send' ? task.start : 0;
    if (start + task.bytes > stats.size) throw errno('EINVAL', 'the file is shorter');
    await readAll(handle, { start, end: start + task.bytes }, task, hashes);
    if (task.task === 'send') closeSync(BYTES_DESCRIPTOR);
    return { bytes: task.bytes, ...(await hashes.finish()) };
  } finally {
    await handle.close();
  }
}

async function readAll(
  handle: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
  task: ReadTask,
  hashes: StreamHashes,
): Promise<void> {
  const blocks = new StreamBlocks(READS_AHEAD + 1, (bytes) => allocateBlock(bytes, task.hashes));
  const ahead: Promise<Piece>[] = [];
  let asked = start;
  const askMore = async (): Promise<void> => {
    while (ahead.length < READS_AHEAD && asked < end) {
      const reading = readBlock(handle, await blocks.take(), asked, Math.min(BLOCK_BYTES, end - asked));
      reading.catch(() => undefined); // told when its turn comes
      ahead.push(reading);
      asked += BLOCK_BYTES;
    }
  };
  try {
    for (;;) {
      await askMore();
      const next = ahead.shift();
      if (next === undefined) return;
      const { block, bytes } = await next;
      await askMore();
      const hashed = hashes.update(bytes);
      if (task.task === 'send') writeOut(bytes);
      await hashed;
      blocks.giveBack(block);
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

async function readBlock(handle: FileHandle, block: Buffer, at: number, length: number): Promise<Piece> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(block, done, length - done, at + done);
    if (bytesRead === 0) throw errno('EIO', 'the file ended before its length');
    done += bytesRead;
  }
  return { block, bytes: block.subarray(0, length) };
}

/** Waits in the kernel while the reader does not read; the reads ahead go on in their threads. */
function writeOut(bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(BYTES_DESCRIPTOR, bytes, done, bytes.length - done);
}
