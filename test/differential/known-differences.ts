// Where Saggar answers differently from the Cinder it is compared with, on purpose or for now, and why. An entry that no longer
// differs fails the run. `rows` '*' is for what shows in many rows alike; every row that is named must differ.
import type { Aspect } from './compare.js';
import { notServed } from './known/not-served.js';
import { ownBehaviour } from './known/own-behaviour.js';
import { peerFaults } from './known/peer-faults.js';
import { peerSetup } from './known/peer-setup.js';

export interface KnownDifference {
  readonly rows: '*' | readonly string[];
  readonly aspects: readonly Aspect[];
  /** Of the difference's `what`; none stands for all. */
  readonly what?: RegExp;
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  ...ownBehaviour,
  ...peerFaults,
  ...peerSetup,
  ...notServed,
];
