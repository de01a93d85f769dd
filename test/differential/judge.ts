// Sorts differences into those that the list knows and those that it does not, and finds entries of the list that no difference uses any
// more: such an entry fails the run, so that the list stays true.
import type { Difference } from './compare.js';
import type { KnownDifference } from './known/known-difference.js';

export interface Verdict {
  readonly compared: number;
  /** Rows without any difference that counts. */
  readonly equal: number;
  readonly listed: readonly Difference[];
  readonly unlisted: readonly Difference[];
  readonly stale: readonly KnownDifference[];
  /** Texts and values: reported, not failing. */
  readonly reported: readonly Difference[];
}

export function covers(entry: KnownDifference, difference: Difference): boolean {
  const rows = entry.rows === '*' || entry.rows.includes(difference.row);
  return (
    rows && entry.aspects.includes(difference.aspect) && (entry.what === undefined || entry.what.test(difference.what))
  );
}

export function judge(
  compared: number,
  differences: readonly Difference[],
  known: readonly KnownDifference[],
): Verdict {
  const counting = differences.filter((one) => one.counts);
  const listed = counting.filter((one) => known.some((entry) => covers(entry, one)));
  const different = new Set(counting.map((one) => one.row));
  return {
    compared,
    equal: compared - different.size,
    listed,
    unlisted: counting.filter((one) => !listed.includes(one)),
    stale: known.filter((entry) => !isUsed(entry, counting)),
    reported: differences.filter((one) => !one.counts),
  };
}

/** Every row and every aspect that an entry names must still differ. */
function isUsed(entry: KnownDifference, counting: readonly Difference[]): boolean {
  const mine = counting.filter((one) => covers(entry, one));
  if (!entry.aspects.every((aspect) => mine.some((one) => one.aspect === aspect))) return false;
  return entry.rows === '*' || entry.rows.every((row) => mine.some((one) => one.row === row));
}
