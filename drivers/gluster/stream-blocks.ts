// The memory of one stream: a few blocks that go round. Fresh memory for every block would cost a page fault for each of its pages, which is
// as much time as hashing it.

/** One request of the FUSE client carries 128 KiB to 1 MiB; larger blocks only cost memory. */
export const BLOCK_BYTES = 1024 * 1024;

export class StreamBlocks {
  private readonly free: Buffer[] = [];
  private readonly waiting: ((block: Buffer) => void)[] = [];

  constructor(count: number, allocate: (bytes: number) => Buffer) {
    for (let made = 0; made < count; made += 1) this.free.push(allocate(BLOCK_BYTES));
  }

  /** Waits until one is given back when all are in use. */
  take(): Promise<Buffer> {
    const block = this.free.pop();
    return block === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(block);
  }

  giveBack(block: Buffer): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(block);
    else next(block);
  }
}
