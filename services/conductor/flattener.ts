// Makes volumes independent of what they were copied from, in the background: looks every few seconds for one that may begin.
// Any number of conductors may do it together.
import type { Database } from '../core/db/connection.js';
import { type FlattenSettings, scheduleFlattens } from '../core/db/engine/flatten-schedule.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

export interface FlattenerOptions {
  readonly db: Database;
  readonly settings: FlattenSettings;
  readonly logger: Logger;
  readonly everyMs: number;
}

export function startFlattener({ db, settings, logger, everyMs }: FlattenerOptions): WakeableLoop {
  return startWakeableLoop({
    name: 'flattener',
    everyMs,
    logger,
    look: async () => {
      const begun = await scheduleFlattens(db, settings);
      if (begun > 0) logger.info({ begun }, 'volumes are being made independent of their sources');
      return 'idle';
    },
  });
}
