// How operations change rows when a step or the whole of them has ended. Called by the engine inside its transaction.
import type { WireError } from '../../messages/envelope.js';
import type { StepContext } from '../../operations/definition.js';
import type { OperationType } from '../../operations/params.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';

export interface Outcomes<T extends OperationType = OperationType> {
  /** By step name: what became true with that step. `context` holds the step's output and the facts from before it. */
  readonly stepDone?: Readonly<
    Record<string, (tx: Transaction, row: OperationRow<T>, context: StepContext<T>) => Promise<void>>
  >;
  /** It has its locks and its plan; nothing has been asked yet. */
  readonly begun?: (tx: Transaction, row: OperationRow<T>) => Promise<void>;
  readonly done: (tx: Transaction, row: OperationRow<T>, context: StepContext<T>) => Promise<void>;
  readonly failed: (tx: Transaction, row: OperationRow<T>, error: WireError, context: StepContext<T>) => Promise<void>;
  readonly progress?: (tx: Transaction, row: OperationRow<T>, percent: number) => Promise<void>;
}
