// One entry of the list of known differences.
import type { Aspect } from '../compare.js';

export interface KnownDifference {
  /** `*` is for what shows in many rows alike; every row that is named must differ. */
  readonly rows: '*' | readonly string[];
  readonly aspects: readonly Aspect[];
  /** Of the difference's `what`; none stands for all. */
  readonly what?: RegExp;
  readonly reason: string;
}
