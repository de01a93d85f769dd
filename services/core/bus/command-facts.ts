// What a fault plan can match a command by, the same at every point of the worker.
import type { Command } from '../messages/envelope.js';
import type { FaultFacts } from '../runtime/fault-points.js';

export function commandFacts({
  operationId,
  operationType,
  requestId,
  step,
  phase,
  attempt,
  type,
}: Command): FaultFacts {
  return { operationId, operationType, requestId, step, phase, attempt, command: type };
}
