// Which cases the chain torture knows, how each is named, and which of them an ordinary run does. A name holds everything that a case needs, so a
// failed one can be run again alone: `npm run chain-torture -- --case delete-up.live.raw.d8.p3.s17`.
//
//   create       one more snapshot                               position: always 1
//   delete-down  the snapshot of overlay p, merged downwards     position: overlay 1 (oldest) to d (newest)
//   delete-up    the same, merged upwards                        position: overlay 1 to d
//   revert       back to the newest snapshot                     position: always 1, offline only (as Cinder has it)
//   extend       the active layer grows by half                  position: always 1
//   flatten      an instant copy of snapshot p takes up all that it shares with the torn disk      position: overlay 1 to d
//   drain        every snapshot deleted, one after the other, in random order and direction        position: always 1
//
// Depth d: how many overlays the chain has before the act. Pure.

export const acts = ['create', 'delete-down', 'delete-up', 'revert', 'extend', 'flatten', 'drain'] as const;
export type Act = (typeof acts)[number];
export const places = ['offline', 'live'] as const;
export type ActPlace = (typeof places)[number];
export const baseFormats = ['raw', 'qcow2'] as const;

export interface TortureCase {
  readonly act: Act;
  readonly place: ActPlace;
  readonly base: (typeof baseFormats)[number];
  readonly depth: number;
  readonly position: number;
  readonly seed: number;
}

const DEPTHS = [1, 2, 3, 8];
const DRAIN_DEPTH = 16;
const atEveryPosition: readonly Act[] = ['delete-down', 'delete-up', 'flatten'];

export function nameOf({ act, place, base, depth, position, seed }: TortureCase): string {
  return `${act}.${place}.${base}.d${depth}.p${position}.s${seed}`;
}

/** Throws an Error that says what a name looks like. */
export function parseName(name: string): TortureCase {
  const [act, place, base, depth, position, seed] = name.split('.');
  const number = (word: string | undefined, letter: string): number =>
    word?.startsWith(letter) === true ? Number(word.slice(1)) : Number.NaN;
  const found = {
    act: acts.find((one) => one === act),
    place: places.find((one) => one === place),
    base: baseFormats.find((one) => one === base),
    depth: number(depth, 'd'),
    position: number(position, 'p'),
    seed: number(seed, 's'),
  };
  const isWhole = [found.depth, found.position, found.seed].every(Number.isInteger);
  if (found.act === undefined || found.place === undefined || found.base === undefined || !isWhole) {
    throw new Error(`no case is named ${name}; a name is like delete-up.live.raw.d8.p3.s17`);
  }
  return { ...found, act: found.act, place: found.place, base: found.base };
}

/** Every act x place x base format x depth x position, and the drain of 16 once in each place. */
export function allCases(seed: number): readonly TortureCase[] {
  const found: TortureCase[] = [];
  for (const place of places) {
    for (const base of baseFormats) {
      for (const depth of DEPTHS) {
        for (const act of acts.filter((one) => one !== 'drain')) {
          if (act === 'revert' && place === 'live') continue;
          const positions = atEveryPosition.includes(act) ? depth : 1;
          for (let position = 1; position <= positions; position += 1)
            found.push({ act, place, base, depth, position, seed });
        }
      }
    }
    found.push({
      act: 'drain',
      place,
      base: place === 'live' ? 'qcow2' : 'raw',
      depth: DRAIN_DEPTH,
      position: 1,
      seed,
    });
  }
  return found;
}

/**
 * `count` cases, different ones for every turn (harness/rotation.ts), each time a mixture of acts, places and depths. The drains
 * are left to the full run.
 */
export function shareOfCases(turn: number, count: number): readonly TortureCase[] {
  const cases = allCases(turn).filter(({ act }) => act !== 'drain');
  // A step that has no divisor in common with the number of cases visits each once before any twice.
  const step = nextCoprime(Math.floor(cases.length * 0.381_966), cases.length);
  return Array.from({ length: Math.min(count, cases.length) }, (_, index) => {
    const found = cases[((turn * count + index) * step) % cases.length];
    if (found === undefined) throw new RangeError('no case');
    return found;
  });
}

function nextCoprime(from: number, other: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let candidate = from;
  while (divisor(candidate, other) !== 1) candidate += 1;
  return candidate;
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Dice {
  private state: number;

  constructor(text: string) {
    this.state = [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 0x9e37_79b9);
  }

  /** 0 to below `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}
