// What the conductor does with one message of the results queue. It is acknowledged when this returns: after the commit, or when
// nobody waits for the result. A database that is away is waited for, with the message in hand; at shutdown it goes back.
import type { Result } from '../core/messages/envelope.js';
import type { Logger } from '../core/runtime/logger.js';
import type { Transitions } from './transitions.js';

export interface ResultTakerOptions {
  readonly transitions: Transitions;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * A result that cannot be applied (a defect, ours or a worker's) is logged and let go: its step then counts as silent, is asked again,
 * and becomes visible as stuck; delivered again and again it would only keep the others waiting.
 */
export async function takeResult(result: Result, { transitions, logger, signal }: ResultTakerOptions): Promise<void> {
  try {
    await transitions.applyResult(result);
  } catch (error) {
    if (signal.aborted) throw error;
    const { operationId, step, phase, attempt, worker } = result;
    logger.error({ err: error, operationId, step, phase, attempt, worker }, 'the result cannot be applied');
  }
}
