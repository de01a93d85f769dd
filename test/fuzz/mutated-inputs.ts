// Turns honest files into hostile ones, in place and reversibly: input n of a seed is always the same input, so that one can be looked
// at again alone. Edits aim at what parsers compute with: lengths, offsets, counts, magic numbers, names.
import type { Original } from './originals.js';

/** Small, fast and good enough to choose edits; never for secrets. Source: Steele, Lea, Flood: SplitMix. */
export class Chance {
  private state: number;

  constructor(seed: number, index: number) {
    this.state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  }
}

export interface Input {
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly fileBytes: number;
  /** Which honest file it was made of. */
  readonly of: string;
}

const numbers = [0n, 1n, 4n, 8n, 72n, 104n, 511n, 512n, 4095n, 4096n, 65_535n, 65_536n, 0x7fffffffn, 0xffffffffn];
const hugeNumbers = [2n ** 40n, 2n ** 53n, 2n ** 60n, 2n ** 63n, 2n ** 64n - 1n];
const words = [
  'QFI\xfb',
  'QED\0',
  'KDMV',
  'COWD',
  'conectix',
  'vhdxfile',
  'json:{',
  '/etc/shadow',
  'nbd:',
  '\0',
  'DATA',
];
/** Byte offsets of the fields of a qcow2 header, and a little beyond it. */
const headerFields = [4, 8, 16, 20, 24, 32, 36, 40, 48, 56, 60, 64, 72, 80, 88, 96, 100, 104, 112, 116, 120, 128, 136];

/** The n-th input of a seed; valid until the next call. */
export class InputMaker {
  private readonly work: readonly (Original & { readonly changed: [number, number] })[];

  constructor(private readonly originals: readonly Original[]) {
    this.work = originals.map((one) => ({
      ...one,
      head: Buffer.from(one.head),
      tail: Buffer.from(one.tail),
      changed: [one.head.length, 0],
    }));
  }

  make(seed: number, index: number): Input {
    const chance = new Chance(seed, index);
    const which = chance.below(this.originals.length);
    const [original, work] = [this.originals[which], this.work[which]];
    if (original === undefined || work === undefined) throw new RangeError('no originals');
    // What the last input changed is put back; copying whole files a million times would be most of the work.
    original.head.copy(work.head, work.changed[0], work.changed[0], work.changed[1]);
    work.changed[0] = work.head.length;
    work.changed[1] = 0;
    original.tail.copy(work.tail);
    for (let edits = chance.below(6); edits > 0; edits--) edit(chance, work.head, work.changed);
    if (chance.below(20) === 0) edit(chance, work.tail, [0, 0]);
    const cut = chance.below(10) === 0 ? chance.below(work.head.length + 1) : work.head.length;
    const fileBytes = cut < work.head.length ? cut : work.fileBytes;
    return { head: work.head.subarray(0, cut), tail: work.tail, fileBytes, of: original.name };
  }
}

function edit(chance: Chance, bytes: Buffer, changed: [number, number]): void {
  const near = chance.below(4) > 0 ? 256 : bytes.length;
  const at = chance.below(3) === 0 ? chance.of(headerFields) : chance.below(Math.min(near, bytes.length));
  if (at + 16 > bytes.length) return;
  changed[0] = Math.min(changed[0], at);
  changed[1] = Math.max(changed[1], at + 16);
  const kinds: readonly (() => void)[] = [
    () => bytes.writeUInt8(chance.below(256), at),
    () => bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << chance.below(8)), at),
    () => bytes.writeUInt32BE(Number(chance.of(numbers)), at),
    () => bytes.writeUInt32LE(Number(chance.of(numbers)), at),
    () => bytes.writeBigUInt64BE(chance.of([...numbers, ...hugeNumbers]), at),
    () => bytes.writeUInt32BE(chance.below(2 ** 32), at),
    () => bytes.write(chance.of(words), at, 16, 'latin1'),
  ];
  chance.of(kinds)();
}
