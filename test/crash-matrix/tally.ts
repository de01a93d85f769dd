// Counts of a crash matrix: one row for each kind of fault and one for all, as a table for people and as plain data.
import type { FaultCase } from '../fault/cases.js';
import { type FaultKind, faultKinds } from '../fault/faults.js';
import { leftKinds } from '../fault/left-behind.js';
import type { CaseResult, FailureKind } from './messages.js';

export interface Row {
  readonly kind: FaultKind | 'all';
  readonly points: number;
  readonly reached: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Of the cases one after another, without preparing stages. */
  readonly seconds: number;
}

export interface Spread {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

const failureKinds: readonly FailureKind[] = [...leftKinds, 'unreached', 'other'];

function rowOf(kind: Row['kind'], points: number, results: readonly CaseResult[]): Row {
  const count = (wanted: FailureKind) => results.filter(({ failure }) => failure?.kind === wanted).length;
  const failures = Object.fromEntries(failureKinds.map((one) => [one, count(one)])) as Record<FailureKind, number>;
  const reached = results.filter(({ operationId }) => operationId !== '').length - failures.unreached;
  return { kind, points, reached, failures, seconds: results.reduce((sum, { ms }) => sum + ms, 0) / 1000 };
}

/** A case without a result was not reached. */
export function tally(cases: readonly FaultCase[], results: readonly CaseResult[]): readonly Row[] {
  const kindOf = new Map(cases.map((one) => [one.operationId as string, one.kind]));
  const rows = faultKinds.map((kind) =>
    rowOf(
      kind,
      cases.filter((one) => one.kind === kind).length,
      results.filter(({ operationId }) => kindOf.get(operationId) === kind),
    ),
  );
  return [...rows.filter(({ points }) => points > 0), rowOf('all', cases.length, results)];
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

export function tableText(rows: readonly Row[]): string {
  const columns = ['points', 'reached', ...leftKinds, 'other', 'seconds'];
  const head = `${''.padEnd(16)}${columns.map((name) => name.padStart(9)).join('')}`;
  const lines = rows.map(({ kind, points, reached, failures, seconds }) => {
    const counts = [points, reached, ...leftKinds.map((one) => failures[one]), failures.other, Math.round(seconds)];
    return `${kind.padEnd(16)}${counts.map((count) => String(count).padStart(9)).join('')}`;
  });
  return [head, ...lines].join('\n');
}

/** True when every point was reached and nothing was wrong. */
export function isClean({ points, reached, failures }: Row): boolean {
  return points === reached && Object.values(failures).every((count) => count === 0);
}
