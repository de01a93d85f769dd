// Waits until the database answers and has the schema of this program. The API needs nobody to be up before it: a database that is away
// at the start is the same as one that goes away later.
import { type Database, schemaIsCurrent } from '../core/db/connection.js';
import { pause, systemClock } from '../core/runtime/clock.js';
import type { Logger } from '../core/runtime/logger.js';

const RETRY_MS = 500;

async function tryIsCurrent(database: Database, logger: Logger): Promise<boolean> {
  try {
    if (await schemaIsCurrent(database)) return true;
    logger.warn('the schema of the database is older than this program; waiting for its migration');
  } catch (thrown) {
    logger.warn({ err: thrown }, 'the database does not answer yet');
  }
  return false;
}

/** True when the database is ready, false when the signal came first. */
export async function awaitSchema(database: Database, logger: Logger, signal: AbortSignal): Promise<boolean> {
  while (!(await tryIsCurrent(database, logger))) {
    if (!(await pause(systemClock, RETRY_MS, signal))) return false;
  }
  return true;
}
