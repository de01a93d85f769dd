// Of the process that moves the bytes of one file: reads sockets, one after the other, straight into a few blocks that go round. Node would make
// 64 KiB of fresh memory for every read, which takes longer than the read.
//
//   block 0 --full--> next() --written, hashed--> release() --> block 0 again, after the others: always in the same order, because the place for the
//   next byte has to be known when the one before has come
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { errno } from './share-io-files.js';
import { BLOCK_BYTES } from './stream-blocks.js';

export interface InputPart {
  readonly descriptor: number;
  /** Exactly so many, or to its end. */
  readonly bytes: number | null;
}

/** A block, or what there was of the last. */
export interface FilledBlock {
  readonly number: number;
  readonly bytes: Buffer;
}

export class StreamInput {
  /** So far, of all parts. */
  takenBytes = 0;
  private readonly inUse: boolean[];
  private readonly ready: FilledBlock[] = [];
  private at = 0;
  private filled = 0;
  private part = -1;
  private left = 0;
  private socket: Socket | null = null;
  private isOver = false;
  private error: Error | null = null;
  private wake: (() => void) | null = null;

  /** `mostBytes`: the byte after them is E2BIG. */
  constructor(
    private readonly blocks: readonly Buffer[],
    private readonly parts: readonly InputPart[],
    private readonly mostBytes: number,
  ) {
    this.inUse = blocks.map(() => false);
    this.openNext();
  }

  /** Nothing more can come in before the share has taken a block. */
  get isHeldUp(): boolean {
    return this.inUse[this.at] === true;
  }

  /** null: that was all. Rejects with the first error: E2BIG, EPIPE for a part that is shorter than it should be, or the socket's. */
  async next(): Promise<FilledBlock | null> {
    for (;;) {
      if (this.error !== null) throw this.error;
      const block = this.ready.shift();
      if (block !== undefined) return block;
      if (this.isOver) return null;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  release({ number }: FilledBlock): void {
    const heldUp = this.isHeldUp;
    this.inUse[number] = false;
    if (heldUp && !this.isHeldUp) this.socket?.resume();
  }

  /** Takes nothing more. */
  stop(): void {
    this.socket?.destroy();
  }

  private openNext(): void {
    this.part += 1;
    const part = this.parts[this.part];
    if (part === undefined) {
      this.passOn();
      this.end(null);
      return;
    }
    this.left = part.bytes ?? Number.POSITIVE_INFINITY;
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd: part.descriptor,
      // Its end is not our answer: the connection has another owner, who has still to speak.
      allowHalfOpen: true,
      onread: { buffer: () => this.place(), callback: (bytes) => this.arrived(bytes) },
    };
    const socket = new Socket(options);
    this.socket = socket;
    socket.once('error', (error) => this.end(error));
    socket.once('end', () => {
      if (part.bytes !== null && this.left > 0) this.end(errno('EPIPE', 'the sender has gone'));
      else if (this.socket === socket) this.openNext();
    });
  }

  /** Where the next bytes go, never more of them than belong to this part. Asked even when none may come now. */
  private place(): Buffer {
    const block = this.blocks[this.at] ?? Buffer.alloc(0);
    const most = Math.max(1, Math.min(block.length - this.filled, this.left));
    return block.subarray(this.filled, this.filled + most);
  }

  /** false: no more for now. */
  private arrived(bytes: number): boolean {
    this.filled += bytes;
    this.left -= bytes;
    this.takenBytes += bytes;
    if (this.takenBytes > this.mostBytes) {
      this.end(errno('E2BIG', 'more bytes than were announced'));
      return false;
    }
    if (this.filled === BLOCK_BYTES) this.passOn();
    if (this.left === 0) {
      // Not while its socket is still being read.
      setImmediate(() => this.openNext());
      return false;
    }
    return !this.isHeldUp;
  }

  private passOn(): void {
    const block = this.blocks[this.at];
    if (block === undefined || this.filled === 0) return;
    this.ready.push({ number: this.at, bytes: block.subarray(0, this.filled) });
    this.inUse[this.at] = true;
    this.at = (this.at + 1) % this.blocks.length;
    this.filled = 0;
    this.tell();
  }

  private end(error: Error | null): void {
    this.error ??= error;
    this.isOver = true;
    if (error !== null) this.stop();
    this.tell();
  }

  private tell(): void {
    this.wake?.();
    this.wake = null;
  }
}
