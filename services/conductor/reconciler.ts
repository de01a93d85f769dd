// The sweep that makes everything else only a matter of speed: steps that are silent past their deadline or whose pause has
// ended are asked again, workers that shall stop are told again, pending operations that nothing holds back are started. Any number of conductors may sweep together.
import { listDueOperations, listPausingCancelled, listStartableOperations } from '../core/db/conductor/sweeps.js';
import type { Database } from '../core/db/connection.js';
import { sendCancels } from '../core/db/engine/cancel.js';
import type { Logger } from '../core/runtime/logger.js';
import type { Transitions } from './transitions.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

export interface ReconcilerOptions {
  readonly db: Database;
  readonly transitions: Transitions;
  readonly logger: Logger;
  readonly everyMs: number;
}

const BATCH = 100;
/** A worker that has not stopped by then is told again: the message may have met a worker that was just starting. */
const CANCEL_AGAIN_MS = 1000;

export function startReconciler({ db, transitions, logger, everyMs }: ReconcilerOptions): WakeableLoop {
  /** One operation that cannot be moved (a defect) must not keep the others waiting. */
  const each = async (ids: readonly string[], move: (id: string) => Promise<void>): Promise<number> => {
    let failed = 0;
    for (const operationId of ids) {
      try {
        await move(operationId);
      } catch (error) {
        failed += 1;
        logger.error({ err: error, operationId }, 'the operation cannot be moved');
      }
    }
    return failed;
  };

  return startWakeableLoop({
    name: 'reconciler',
    everyMs,
    logger,
    look: async () => {
      await sendCancels(db, CANCEL_AGAIN_MS, null);
      const due = [...(await listDueOperations(db, BATCH)), ...(await listPausingCancelled(db, BATCH))];
      const failedDue = await each(due, (id) => transitions.wake(id));
      const startable = await listStartableOperations(db, BATCH);
      const failedStarts = await each(startable, (id) => transitions.start(id));
      const more = due.length >= BATCH || startable.length === BATCH;
      return more && failedDue + failedStarts === 0 ? 'again' : 'idle';
    },
  });
}
