// Outcomes of operations that are about no row: they only look, and what they saw is in their outputs, or they tidy a share.
import type { OperationType } from '../../operations/params.js';
import type { Outcomes } from './outcomes.js';

export function looksOnly<T extends OperationType>(): Outcomes<T> {
  return { done: () => Promise.resolve(), failed: () => Promise.resolve() };
}
