// The sign of life of processes that have the database: API and conductor write it themselves, as workers do by their reports. With it
// they learn the log level that an operator wishes, and tell which one is in force.
import { every, systemClock } from '../runtime/clock.js';
import type { LogLevel } from '../runtime/config-types.js';
import { type Logger, logLevelOf, setLogLevel } from '../runtime/logger.js';
import type { Database } from './connection.js';

export interface PresenceOptions {
  readonly db: Database;
  readonly binary: 'saggar-api' | 'saggar-conductor';
  readonly host: string;
  /** The process's root logger. */
  readonly logger: Logger;
  /** Default 5,000. */
  readonly everyMs?: number;
}

export interface Presence {
  /** Waits for a write that is under way. Never rejects. */
  stop(): Promise<void>;
}

const EVERY_MS = 5000;

const signSql = `
insert into services ("binary", host, log_level_in_force, updated_at) values (?, ?, ?, utc_now())
on conflict ("binary", host) do update
  set updated_at = excluded.updated_at, log_level_in_force = excluded.log_level_in_force
returning log_level`;

export function startPresence({ db, binary, host, logger, everyMs = EVERY_MS }: PresenceOptions): Presence {
  let underWay: Promise<void> | null = null;
  let missed = false;
  let stopped = false;

  const sign = async (): Promise<void> => {
    const inForce = logLevelOf(logger);
    const answer = (await db.raw(signSql, [binary, host, inForce as string])) as {
      rows: { log_level: LogLevel | null }[];
    };
    const wanted = answer.rows[0]?.log_level ?? null;
    if (wanted === null || wanted === inForce || inForce === null) return;
    setLogLevel(logger, wanted);
    logger.info({ from: inForce, to: wanted }, 'the log level was changed');
    await sign();
  };

  const signNow = (): void => {
    if (stopped || underWay !== null) return;
    underWay = sign()
      .then(() => {
        missed = false;
      })
      .catch((error: unknown) => {
        // The database is away, which is said elsewhere, once.
        if (!missed) logger.debug({ err: error }, 'the sign of life was not written');
        missed = true;
      })
      .finally(() => {
        underWay = null;
      });
  };

  const cancel = every(systemClock, everyMs, signNow);
  signNow();
  return {
    stop: async () => {
      stopped = true;
      cancel();
      await underWay;
    },
  };
}
