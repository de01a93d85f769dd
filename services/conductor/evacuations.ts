// Carries on the evacuations that operators asked for: whenever a move has ended, the next one begins.
import { advanceEvacuations } from '../core/db/block-storage/pool-evacuation.js';
import type { Database } from '../core/db/connection.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

const EVERY_MS = 3_000;

export function startEvacuations(db: Database, logger: Logger): WakeableLoop {
  return startWakeableLoop({
    name: 'evacuations',
    everyMs: EVERY_MS,
    logger,
    look: async () => {
      const begun = await advanceEvacuations(db);
      if (begun > 0) logger.info({ begun }, 'volumes leave a share in maintenance');
      return 'idle';
    },
  });
}
