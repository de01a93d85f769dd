// 25 bugs put in on purpose, one at a time, by the machinery of the mutations: what somebody could really get wrong in the order of things on which
// the promises rest, and which tests of which lane must turn red. A row whose text has gone fails in the security lane, as a mutation's does.
import type { SeededBug } from './seeded-bug.js';
import { seededDriverBugs } from './seeded-driver-bugs.js';
import { seededEngineBugs } from './seeded-engine-bugs.js';

export const seededBugs: readonly SeededBug[] = [...seededEngineBugs, ...seededDriverBugs];

/** An ordinary run does one of so many shares. */
const SHARES = 8;

export function shareOfBugs(turn: number): readonly SeededBug[] {
  return seededBugs.filter((_, index) => index % SHARES === turn % SHARES);
}

/** The lane that the tests belong to. */
export function laneOf(file: string): string {
  return file.split('/')[1] ?? '';
}
