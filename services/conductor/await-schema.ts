// A conductor may be started before the database is, and before its schema is as new as this program; it waits for both.
import { type Database, schemaIsCurrent } from '../core/db/connection.js';
import { pause, systemClock } from '../core/runtime/clock.js';
import type { Logger } from '../core/runtime/logger.js';

const LOOK_EVERY_MS = 500;

/** Resolves true when the schema is there, false when the signal was aborted before. */
export async function awaitSchema(db: Database, logger: Logger, signal: AbortSignal): Promise<boolean> {
  for (let looks = 0; !signal.aborted; looks += 1) {
    try {
      if (await schemaIsCurrent(db)) return true;
      if (looks === 0) logger.warn({}, 'waiting for the schema of the database to be brought up to date');
    } catch (error) {
      if (looks === 0) logger.warn({ err: error }, 'waiting for the database');
    }
    await pause(systemClock, LOOK_EVERY_MS, signal);
  }
  return false;
}
