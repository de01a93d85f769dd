// What a crash matrix tells the page of reliability figures.
import { leftKinds } from '../fault/left-behind.js';
import { recordFigure, type Verdict } from '../reliability/page.js';
import { isClean, type Row, type Spread } from './tally.js';

const TAKEOVER_GOAL_MS = 30_000;
/** Fewer say nothing about one in a hundred. */
const LEAST_TAKEOVERS = 100;

export interface MatrixSeen {
  readonly rows: readonly Row[];
  readonly takeover: Spread;
  /** Of the whole run, with several processes at a time. */
  readonly seconds: number;
  /** How many points there are, played or not. */
  readonly total: number;
  readonly zombieTotal: number;
}

const number = (value: number): string => value.toLocaleString('en-US');

function textOf({ points, reached, failures }: Row, total: number): string {
  const left = [...leftKinds.map((kind) => `${failures[kind]} ${kind}`), `${failures.other} other failures`];
  return [`${number(points)} of ${number(total)} points played`, `${number(reached)} reached`, ...left].join(', ');
}

export function recordMatrix({ rows, takeover, seconds, total, zombieTotal }: MatrixSeen): void {
  const all = rows.find(({ kind }) => kind === 'all');
  const zombies = rows.find(({ kind }) => kind === 'zombie');
  const verdict = (row: Row, whole: boolean): Verdict => (isClean(row) ? (whole ? 'met' : 'part') : 'missed');
  const minutes = `${(seconds / 60).toFixed(0)} min`;
  if (all !== undefined && rows.length > 2)
    recordFigure('crash-matrix', {
      value: `${textOf(all, total)}; ${minutes}`,
      verdict: verdict(all, all.points === total),
    });
  if (zombies !== undefined)
    recordFigure('zombies', {
      value: textOf(zombies, zombieTotal),
      verdict: verdict(zombies, zombies.points === zombieTotal),
    });
  if (takeover.count > 0) {
    const { count, p50Ms, p99Ms, longestMs } = takeover;
    const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    recordFigure('takeover', {
      value: `p99 ${inSeconds(p99Ms)}, p50 ${inSeconds(p50Ms)}, longest ${inSeconds(longestMs)}, ${number(count)} takeovers`,
      verdict: p99Ms > TAKEOVER_GOAL_MS ? 'missed' : count < LEAST_TAKEOVERS ? 'part' : 'met',
    });
  }
}
