// Outcomes of operations that only look: what they saw is in their outputs, and no row changes.
import type { OperationType } from '../../operations/params.js';
import type { Outcomes } from './outcomes.js';

export function looksOnly<T extends OperationType>(): Outcomes<T> {
  return { done: () => Promise.resolve(), failed: () => Promise.resolve() };
}
