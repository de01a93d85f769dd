// A row of `operations`, and how it becomes the engine's pure state and back.
import type { WireError } from '../../messages/envelope.js';
import type { ChainPlan, StepContext } from '../../operations/definition.js';
import type { OperationFacts } from '../../operations/facts.js';
import type { OperationParams, OperationType } from '../../operations/params.js';
import type { EngineState, OperationState } from '../../operations/reducer.js';

export interface OperationRow<T extends OperationType = OperationType> {
  readonly id: string;
  readonly seq: number;
  readonly type: T;
  readonly project_id: string;
  readonly user_id: string;
  readonly request_id: string;
  readonly params: OperationParams[T];
  /** Several: one for each volume of an operation about several. */
  readonly plan: ChainPlan | readonly ChainPlan[] | null;
  readonly outputs: Record<string, object>;
  readonly visited: readonly string[];
  readonly state: OperationState;
  readonly step: string | null;
  readonly phase: 'do' | 'undo';
  readonly attempt: number;
  readonly tries: number;
  readonly epoch: number;
  readonly queue: string | null;
  readonly error: WireError | null;
  readonly progress: number;
  readonly settled: boolean;
  readonly wake_at: string | null;
  readonly depends_on: string | null;
  readonly depends_mode: 'success' | 'end';
  /** Pending, and not wishing for a lock, because others share this volume's layers. */
  readonly awaits_volume_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
}

export function engineStateOf(row: OperationRow): EngineState {
  const { state, step, phase, tries, visited, error } = row;
  return { state, step, phase, tries, visited, error };
}

function isSeveral(plan: OperationRow['plan']): plan is readonly ChainPlan[] {
  return Array.isArray(plan);
}

export function contextOf(row: OperationRow, facts: OperationFacts): StepContext {
  const { params, plan, outputs } = row;
  return isSeveral(plan) ? { params, plan: null, plans: plan, outputs, facts } : { params, plan, outputs, facts };
}
