// Keeps the records of volumes beside their data: looks for notes of changes every few seconds and accepts the operations that write them.
// Any number of conductors may do it together; a share that is down gets its records when it is back.

import type { Database } from '../core/db/connection.js';
import { acceptCustodyWrites } from '../core/db/custody/custody-changes.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

export interface CustodianOptions {
  readonly db: Database;
  readonly logger: Logger;
  readonly everySeconds: number;
}

export function startCustodian({ db, logger, everySeconds }: CustodianOptions): WakeableLoop {
  return startWakeableLoop({
    name: 'custodian',
    everyMs: everySeconds * 1000,
    logger,
    look: async () => {
      const { operations, more } = await acceptCustodyWrites(db);
      if (operations > 0) logger.debug({ operations }, 'records of volumes are being written');
      return more ? 'again' : 'idle';
    },
  });
}
