// All mutations, and which of them an ordinary run does: the cheap ones always, of the others a share that changes from day to day.
import { driverMutations } from './driver-mutations.js';
import { headerMutations } from './header-mutations.js';
import type { Mutation } from './mutation.js';
import { processMutations } from './process-mutations.js';

export const mutations: readonly Mutation[] = [...headerMutations, ...processMutations, ...driverMutations];

const cheap = new Set([...headerMutations, ...processMutations]);

/** How many days an ordinary run's shares take to go through all that are not cheap. */
const DAYS = 6;

/** Whole days since 1970. */
export function today(): number {
  return Math.floor(Date.now() / 86_400_000);
}

/** All cheap ones, and the day's share of the others. */
export function shareOf(day: number): readonly Mutation[] {
  const others = mutations.filter((mutation) => !cheap.has(mutation));
  return [...cheap, ...others.filter((_, index) => index % DAYS === day % DAYS)];
}
