// Log levels of running processes. The wish lies on a service's row; the process looks for it with its next sign of life (API and
// conductor) or is told in answer to its next report (workers), and says what is in force with the one after. So a wish outlives every
// process, and a process that was away follows it when it comes back.
import type { LogLevel } from '../runtime/config-types.js';
import type { Executor } from './connection.js';

export interface ServiceChoice {
  /** One of our binaries; null: all. */
  readonly binary: string | null;
  /** `host`, which also stands for `host@backend`; null: all. */
  readonly host: string | null;
}

export interface LogLevelRecord {
  readonly binary: string;
  readonly host: string;
  /** What the process told last; null until it has. */
  readonly level: LogLevel | null;
}

const chosenSql = `(?::text is null or "binary" = ?::text) and (?::text is null or host = ?::text or split_part(host, '@', 1) = ?::text)`;

function bindingsOf({ binary, host }: ServiceChoice): (string | null)[] {
  return [binary, binary, host, host, host];
}

export async function listLogLevels(db: Executor, choice: ServiceChoice): Promise<LogLevelRecord[]> {
  return db('services')
    .whereRaw(chosenSql, bindingsOf(choice) as string[])
    .orderBy(['binary', 'host'])
    .select('binary', 'host', 'log_level_in_force as level');
}

export async function wishLogLevel(db: Executor, choice: ServiceChoice, level: LogLevel): Promise<void> {
  await db('services')
    .whereRaw(chosenSql, bindingsOf(choice) as string[])
    .update({ log_level: level });
}
