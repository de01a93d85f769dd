// All mutations, and which of them an ordinary run does: the cheap ones always, of the others a share that changes from commit to commit.
import { driverMutations } from './driver-mutations.js';
import { headerMutations } from './header-mutations.js';
import type { Mutation } from './mutation.js';
import { processMutations } from './process-mutations.js';

export const mutations: readonly Mutation[] = [...headerMutations, ...processMutations, ...driverMutations];

const cheap = new Set([...headerMutations, ...processMutations]);

/** How many shares there are of all that are not cheap. */
const SHARES = 6;

/** All cheap ones, and a share of the others; which one, says the number (harness/rotation.ts). */
export function shareOf(turn: number): readonly Mutation[] {
  const others = mutations.filter((mutation) => !cheap.has(mutation));
  return [...cheap, ...others.filter((_, index) => index % SHARES === turn % SHARES)];
}
