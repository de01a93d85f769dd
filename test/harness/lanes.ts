// The lanes of `npm test`: what each needs and how long it may take, which files belong to it, and what a run is asked to do. Words of
// the command line are names of lanes and of test files; a file runs in the environment of its lane.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PartName } from './environment.js';

export interface Lane {
  readonly parts: readonly PartName[];
  /** Of one test, milliseconds, before the run's patience. */
  readonly timeoutMs: number;
  /** Of the whole lane, milliseconds: several times what it needs, for it only ends what hangs. */
  readonly limitMs: number;
  /** For people: what the lane's tests look at. */
  readonly about: string;
}

const MINUTE_MS = 60_000;

/** In the order in which one track runs them: what is cheap and says most comes first. */
export const lanes = {
  unit: { parts: [], timeoutMs: 10_000, limitMs: 20 * MINUTE_MS, about: 'pure parts, without servers' },
  contract: {
    parts: ['postgres'],
    timeoutMs: 30_000,
    limitMs: 40 * MINUTE_MS,
    about: 'every endpoint, driver verb, message and example against its contract',
  },
  security: {
    parts: ['postgres', 'rabbitmq'],
    timeoutMs: 60_000,
    limitMs: 30 * MINUTE_MS,
    about: 'hostile bytes, names and people; guards that must go red when they are taken out',
  },
  integration: {
    parts: ['postgres', 'rabbitmq'],
    timeoutMs: 60_000,
    limitMs: 45 * MINUTE_MS,
    about: 'several parts over a real database and broker: races, outages, custody',
  },
  fault: {
    parts: ['postgres', 'rabbitmq'],
    timeoutMs: 120_000,
    limitMs: 45 * MINUTE_MS,
    about: 'a fault at every step of every operation, with real daemons',
  },
  system: {
    parts: ['postgres', 'rabbitmq', 'gluster'],
    timeoutMs: 300_000,
    limitMs: 60 * MINUTE_MS,
    about: 'the whole of it on real GlusterFS and QEMU',
  },
} as const satisfies Record<string, Lane>;

export type TestLaneName = keyof typeof lanes;
export type LaneName = 'lint' | TestLaneName;
export const laneNames: readonly LaneName[] = ['lint', ...(Object.keys(lanes) as TestLaneName[])];

export interface LaneChoice {
  readonly name: LaneName;
  /** Relative to the project; null: all of the lane. */
  readonly files: readonly string[] | null;
}

/** Relative to the project, sorted. */
export function testFiles(root: string, lane: TestLaneName): readonly string[] {
  const folder = path.join(root, 'test', lane);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join('test', lane, file))
    .sort();
}

/** Nothing chosen means everything. A lane and a file of it: the whole lane. Throws what a user can read. */
export function chooseLanes(root: string, words: readonly string[]): readonly LaneChoice[] {
  if (words.length === 0) return laneNames.map((name) => ({ name, files: null }));
  const whole = new Set<string>(words.filter((word) => laneNames.includes(word as LaneName)));
  const chosen = new Map<string, string[]>();
  for (const word of words) {
    if (whole.has(word)) continue;
    const file = path.relative(root, path.resolve(root, word));
    const lane = laneNames.find((name) => name !== 'lint' && testFiles(root, name).includes(file));
    if (lane === undefined) {
      const problem = /[/.]/.test(word) ? `no such test file: ${word}` : `no such lane: ${word}`;
      throw new Error(`${problem}; lanes are ${laneNames.join(', ')}, files are test/<lane>/….test.ts`);
    }
    chosen.set(lane, [...(chosen.get(lane) ?? []), file]);
  }
  return laneNames
    .filter((name) => whole.has(name) || chosen.has(name))
    .map((name) => ({ name, files: whole.has(name) ? null : (chosen.get(name) ?? null) }));
}

/**
 * For two tracks: the longest lane has one from the beginning, the others follow each other on whichever is free, the shortest last, so
 * that both end at nearly the same time.
 */
export const trackOrder: readonly LaneName[] = [
  'system',
  'lint',
  'unit',
  'contract',
  'integration',
  'fault',
  'security',
];
