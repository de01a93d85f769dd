// The audit's plan: what two looks saw becomes findings, repairs and cures. Pure.
//
//   first look ──suspicions──► pause ──► second look ──suspicions──► both times: a finding ──► repaired, or told
//                  none: the round is over                once only: work under way, forgotten
//
// Whatever an operation is at, or was at a moment ago, is not judged at all (`busy`), so that a look needs no lock. A repair asks once more,
// under the lock that the change of that fact takes.
import { type AuditRule, auditRules } from './audit-rules.js';

export type AuditKind = 'volume' | 'snapshot' | 'backup' | 'server' | 'operation' | 'pool' | 'scan' | 'share';

/** Where it was seen; without one, in the rows. */
export interface AuditPlace {
  readonly pool?: string;
  /** Of the scan, for what a file or its absence shows. */
  readonly cursor?: string;
  readonly computeHost?: string;
}

export interface Suspicion extends AuditPlace {
  readonly rule: AuditRule;
  readonly kind: AuditKind;
  readonly id: string;
  /** The file that it is about; null for none. */
  readonly file: string | null;
  readonly text: string;
}

/** Of one rule in one round; the rest is one finding more, about all of them. */
export const MOST_OF_A_RULE = 50;

export function keyOf({ rule, kind, id, file }: Pick<Suspicion, 'rule' | 'kind' | 'id' | 'file'>): string {
  return [rule, kind, id, file ?? ''].join('\n');
}

/** Seen both times, with what the second look says of it; each once, in the order of the second look. */
export function confirm(first: readonly Suspicion[], second: readonly Suspicion[]): Suspicion[] {
  const before = new Set(first.map(keyOf));
  return [...new Map(second.filter((one) => before.has(keyOf(one))).map((one) => [keyOf(one), one])).values()];
}

/** A share that was emptied behind our back is one piece of news, not ten thousand. Repairs stay within the limit as well. */
export function limitEach(found: readonly Suspicion[], most: number = MOST_OF_A_RULE): Suspicion[] {
  const taken = new Map<AuditRule, number>();
  const over = new Map<AuditRule, { readonly sample: Suspicion; readonly more: number }>();
  const kept = found.filter((one) => {
    const before = taken.get(one.rule) ?? 0;
    taken.set(one.rule, before + 1);
    if (before < most) return true;
    over.set(one.rule, { sample: one, more: before + 1 - most });
    return false;
  });
  return [
    ...kept,
    ...[...over].map(([rule, { more }]): Suspicion => {
      return { rule, kind: 'share', id: 'more', file: null, text: `${more} more of the same: cure these first` };
    }),
  ];
}

export interface StoredFinding {
  readonly rule: AuditRule;
  readonly kind: AuditKind;
  readonly id: string;
  readonly file: string | null;
  readonly repairs: number;
}

/** A repair that has not held so often is a person's business: something else undoes it. */
export const MOST_REPAIRS = 5;

/** Findings of this round that are repaired, by what is on record of earlier rounds. */
export function repairable(confirmed: readonly Suspicion[], stored: readonly StoredFinding[]): Suspicion[] {
  const repairs = new Map(stored.map((one) => [keyOf(one), one.repairs]));
  return confirmed.filter(
    (one) =>
      one.id !== 'more' &&
      (auditRules.get(one.rule)?.why ?? null) !== null &&
      (repairs.get(keyOf(one)) ?? 0) < MOST_REPAIRS,
  );
}

/** The part of a scan that was read: behind `after`, up to and with `end`; null at either side: from the beginning, to the end. */
export interface ScanWindow {
  readonly after: string | null;
  readonly end: string | null;
}

export function isWithin({ after, end }: ScanWindow, cursor: string): boolean {
  return (after === null || cursor > after) && (end === null || cursor <= end);
}

export interface Coverage {
  /** Pool to what was read of it. */
  readonly windows: ReadonlyMap<string, ScanWindow>;
  readonly computeHosts: ReadonlySet<string>;
}

/** Whether the round has looked there, so that what it did not see is not there any more. */
export function isCovered(place: AuditPlace, { windows, computeHosts }: Coverage): boolean {
  if (place.computeHost !== undefined) return computeHosts.has(place.computeHost);
  if (place.pool === undefined || place.cursor === undefined) return true;
  const window = windows.get(place.pool);
  return window !== undefined && isWithin(window, place.cursor);
}
