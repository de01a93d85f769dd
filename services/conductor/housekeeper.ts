// Deletes what nobody needs any more: answers of idempotency keys past their day, and notifications that could not be published for so
// long, or in such numbers, that they are of no use. Any number of conductors may do it together.
import type { Database } from '../core/db/connection.js';
import { purgeAnswers } from '../core/db/idempotency/answers.js';
import { dropNotifications } from '../core/db/notifications/queue.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

const EVERY_MS = 60_000;
const BATCH = 2000;
const KEPT_NOTIFICATIONS = { days: 7, rows: 200_000 } as const;

export function startHousekeeper(db: Database, logger: Logger): WakeableLoop {
  return startWakeableLoop({
    name: 'housekeeper',
    everyMs: EVERY_MS,
    logger,
    look: async () => {
      const answers = await purgeAnswers(db, BATCH);
      if (answers > 0) logger.debug({ answers }, 'answers of idempotency keys forgotten');
      const dropped = await dropNotifications(db, KEPT_NOTIFICATIONS);
      if (dropped > 0) logger.warn({ dropped }, 'notifications dropped that could not be published');
      return answers >= BATCH ? 'again' : 'idle';
    },
  });
}
