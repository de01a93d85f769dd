// Where Saggar answers differently from the Cinder it is compared with, on purpose or for now, and why. An entry that no longer
// differs fails the run.
import type { KnownDifference } from './known/known-difference.js';
import { notServed } from './known/not-served.js';
import { ownBehaviour } from './known/own-behaviour.js';
import { peerFaults } from './known/peer-faults.js';
import { peerSetup } from './known/peer-setup.js';

export const knownDifferences: readonly KnownDifference[] = [
  ...ownBehaviour,
  ...peerFaults,
  ...peerSetup,
  ...notServed,
];
