// Some suites are too long for every run: a run does a share of them, another share for every commit, so that all have their turn in
// time while the same commit always runs the same. `npm test` prints the number; SAGGAR_ROTATION=<number> runs that share again.
import { spawnSync } from 'node:child_process';

export const rotationVariable = 'SAGGAR_ROTATION';

/** Enough that neighbouring commits differ, and short in names of tests. */
const TURNS = 10_000;

export interface Rotation {
  /** 0 to 9999. */
  readonly turn: number;
  /** Where the number is from, for people. */
  readonly origin: string;
}

/** Throws when the variable is set to something else than a whole number from 0 to 9999. */
export function chooseRotation(env: NodeJS.ProcessEnv = process.env): Rotation {
  const wanted = env[rotationVariable];
  if (wanted !== undefined && wanted !== '') {
    if (!/^\d{1,4}$/.test(wanted))
      throw new Error(`${rotationVariable} must be a number from 0 to 9999, not ${wanted}`);
    return { turn: Number(wanted), origin: rotationVariable };
  }
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  const commit = /^[0-9a-f]{40,64}$/.exec((stdout ?? '').trim())?.[0];
  if (commit !== undefined) return { turn: turnOf(commit), origin: `commit ${commit.slice(0, 10)}` };
  return { turn: Math.floor(Date.now() / 86_400_000) % TURNS, origin: 'the day, as this is no git checkout' };
}

/** @param commit hexadecimal */
export function turnOf(commit: string): number {
  return Number.parseInt(commit.slice(0, 8), 16) % TURNS;
}
