// Of the process that moves the bytes of one file: a part of it to the pipe or the client's connection, or nowhere when only its hashes are wanted. Several reads are
// under way while a block is hashed and sent: one request at a time would leave the network idle in between.
import { closeSync, constants, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { BYTES_DESCRIPTOR, CONNECTION_DESCRIPTOR } from '../process/bytes-descriptor.js';
import { errno } from './share-io-files.js';
import { type StreamFacts, type StreamTask, TELL_MS, type TellMove } from './share-stream-protocol.js';
import { BLOCK_BYTES, StreamBlocks } from './stream-blocks.js';
import { allocateBlock, type StreamHashes } from './stream-hashes.js';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const READS_AHEAD = 3;
/** A slow reader is seen to move when it has taken so many. */
const PIECE_BYTES = 256 * 1024;

type ReadTask = StreamTask & { readonly task: 'send' | 'digest' };

interface Piece {
  readonly block: Buffer;
  readonly bytes: Buffer;
}

export async function sendStream(task: ReadTask, hashes: StreamHashes, tell: TellMove): Promise<StreamFacts> {
  const handle = await open(task.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw errno('EINVAL', 'no regular file');
    const start = task.task === 'send' ? task.start : 0;
    if (start + task.bytes > stats.size) throw errno('EINVAL', 'the file is shorter');
    const part = { start, end: start + task.bytes };
    if (task.task === 'digest') await readAll(handle, part, task, hashes, () => undefined);
    else if (task.toConnection === true) await sendToConnection(handle, part, task, hashes, tell);
    else {
      await readAll(handle, part, task, hashes, writeOut);
      closeSync(BYTES_DESCRIPTOR);
    }
    return { bytes: task.bytes, ...(await hashes.finish()) };
  } finally {
    await handle.close();
  }
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** `pass` takes a block over until it resolves. */
async function readAll(
  handle: FileHandle,
  { start, end }: Part,
  task: ReadTask,
  hashes: StreamHashes,
  pass: (bytes: Buffer) => Promise<void> | void,
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
      const passed = pass(bytes);
      await Promise.all([passed, hashes.update(bytes)]);
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

async function sendToConnection(
  handle: FileHandle,
  part: Part,
  task: ReadTask,
  hashes: StreamHashes,
  tell: TellMove,
): Promise<void> {
  const connection = new Socket({ fd: CONNECTION_DESCRIPTOR, readable: false, allowHalfOpen: true });
  // Whoever writes is told.
  connection.on('error', () => undefined);
  let sentBytes = 0;
  let waiting = 0;
  const telling = setInterval(() => tell({ bytes: sentBytes, heldUp: waiting === 0 }), TELL_MS);
  const pass = async (bytes: Buffer): Promise<void> => {
    waiting += 1;
    const writes: Promise<void>[] = [];
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const taken = new Promise<void>((resolve, reject) => {
        connection.write(piece, (error) => {
          sentBytes += piece.length;
          if (error == null) resolve();
          else reject(error);
        });
      });
      writes.push(taken);
    }
    try {
      await Promise.all(writes);
    } finally {
      waiting -= 1;
    }
  };
  try {
    await readAll(handle, part, task, hashes, pass);
    tell({ bytes: sentBytes, heldUp: false });
  } finally {
    clearInterval(telling);
  }
}
