// What a seeded bug is: a mutation that stands for a mistake, not for a guard taken out.
import type { Mutation } from './mutation.js';

export interface SeededBug extends Mutation {
  /** What would go wrong, in words. */
  readonly bug: string;
}
