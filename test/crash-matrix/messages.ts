// What the run and its players say to each other, over the channel that node gives a forked process.
import type { LeftKind } from '../fault/left-behind.js';

/** To a player, once: the cases by their operation ids, in this order. */
export interface Order {
  readonly operationIds: readonly string[];
}

/** `unreached`: a planned fault was met by nobody. `other`: another end than the table promises, or a check that has no word. */
export type FailureKind = LeftKind | 'unreached' | 'other';

/** From a player, for each case. */
export interface CaseResult {
  /** Empty for what is wrong with a round of cases, or with what a stage had in the end. */
  readonly operationId: string;
  readonly ms: number;
  readonly takeoverMs: number | null;
  readonly failure: { readonly kind: FailureKind; readonly text: string } | null;
}
