// Runs the bootstrap of the identity service at the start of an API process, which may start before its database does: it tries
// again until it has worked or the process ends. Requests are served meanwhile; without a database they answer 503 anyway.
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Database } from '../../core/db/connection.js';
import { pause, systemClock } from '../../core/runtime/clock.js';
import { bootstrapIdentity } from './bootstrap.js';

const PAUSE_MS = 1000;

export interface BootstrapWish {
  readonly database: Database;
  /** File with the password of the user admin; one line. */
  readonly adminPasswordFile: string;
  readonly logger: Logger;
  /** Ends the tries. */
  readonly signal: AbortSignal;
}

/** Resolves when the first user exists, or when the signal has ended the tries. Rejects when the file cannot be read. */
export async function bootstrapWhenReady({
  database,
  adminPasswordFile,
  logger,
  signal,
}: BootstrapWish): Promise<void> {
  const password = (await readFile(adminPasswordFile, 'utf8')).replace(/\r?\n$/, '');
  if (password === '') throw new Error(`${adminPasswordFile} holds no password`);
  while (!signal.aborted) {
    try {
      const outcome = await bootstrapIdentity(database, password);
      logger.info({ outcome }, 'identity is bootstrapped');
      return;
    } catch (thrown) {
      logger.warn({ err: thrown }, 'identity cannot be bootstrapped yet');
      await pause(systemClock, PAUSE_MS, signal);
    }
  }
}
