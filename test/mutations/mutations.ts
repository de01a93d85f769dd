// All mutations, and which of them an ordinary run does: a share that changes from commit to commit.
import { apiMutations } from './api-mutations.js';
import { backupMutations } from './backup-mutations.js';
import { custodyMutations } from './custody-mutations.js';
import { driverMutations } from './driver-mutations.js';
import { encryptionMutations } from './encryption-mutations.js';
import { headerMutations } from './header-mutations.js';
import { imageMutations } from './image-mutations.js';
import { imageServiceMutations } from './image-service-mutations.js';
import { limitMutations } from './limit-mutations.js';
import type { Mutation } from './mutation.js';
import { peerMutations } from './peer-mutations.js';
import { processMutations } from './process-mutations.js';
import { storedImageMutations } from './stored-image-mutations.js';
import { transferMutations } from './transfer-mutations.js';

export const mutations: readonly Mutation[] = [
  ...headerMutations,
  ...processMutations,
  ...driverMutations,
  ...custodyMutations,
  ...imageMutations,
  ...encryptionMutations,
  ...transferMutations,
  ...storedImageMutations,
  ...backupMutations,
  ...imageServiceMutations,
  ...limitMutations,
  ...peerMutations,
  ...apiMutations,
];

const cheap = new Set([...headerMutations, ...processMutations]);

/** How many shares there are: a cheap one takes a second or two, one of the others up to half a minute. */
const CHEAP_SHARES = 4;
const SHARES = 8;

/** A share of the cheap ones and of the others; which one, says the number (harness/rotation.ts). */
export function shareOf(turn: number): readonly Mutation[] {
  const every = (shares: number) => (_: Mutation, index: number) => index % shares === turn % shares;
  return [
    ...mutations.filter((mutation) => cheap.has(mutation)).filter(every(CHEAP_SHARES)),
    ...mutations.filter((mutation) => !cheap.has(mutation)).filter(every(SHARES)),
  ];
}
