// The connection pool. All limits are set, because a frozen server must become an error within seconds instead of a hang;
// timestamps stay text (naive UTC, as Cinder shows them) and bigints become numbers, which saves a conversion on hot paths.
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import type { ImageCacheSettings } from './image-cache-settings.js';
import type { ImageLimitSettings } from './image-limit-settings.js';
import type { InstantCopySettings } from './instant-copy-settings.js';
import { migrations } from './migrations/index.js';
import { nameStatementsOf, StatementNames } from './named-statements.js';
import { asUserParams, type NotificationSettings } from './notifications/settings.js';

export type Database = Knex;
export type Transaction = Knex.Transaction;
export type Executor = Knex | Knex.Transaction;

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize?: number;
  /** Given when what happens is to be told to the outside. */
  readonly notifications?: NotificationSettings | null;
  readonly instantCopies?: InstantCopySettings;
  readonly imageLimits?: ImageLimitSettings;
  readonly imageCache?: ImageCacheSettings;
  /** Receives knex's own complaints, which it would print otherwise. */
  readonly onWarning?: (message: string) => void;
}

const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const INT8 = 20;

function typeParsers(): { getTypeParser: typeof pg.types.getTypeParser } {
  return {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
      if (format !== 'binary' && (oid === TIMESTAMP || oid === TIMESTAMPTZ))
        return (text: string) => text.replace(' ', 'T');
      if (format !== 'binary' && oid === INT8) return Number;
      return pg.types.getTypeParser(oid, format);
    }) as typeof pg.types.getTypeParser,
  };
}

/** Opens a pool; nothing connects before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const warn = (message: unknown): void =>
    options.onWarning?.(typeof message === 'string' ? message : JSON.stringify(message));
  const names = new StatementNames();
  const config = {
    client: 'pg',
    connection: {
      connectionString: options.url,
      connectionTimeoutMillis: 2000,
      query_timeout: 10_000,
      statement_timeout: 9000,
      // A frozen process must not keep row locks from its healthy neighbours.
      idle_in_transaction_session_timeout: 15_000,
      keepAlive: true,
      application_name: 'saggar',
      types: typeParsers(),
      options: '-c timezone=UTC -c jit=off',
    } as Knex.PgConnectionConfig,
    pool: {
      min: 0,
      max: options.poolSize ?? 10,
      afterCreate: (made: pg.Client, done: (error: Error | null, connection: pg.Client) => void) => {
        nameStatementsOf(made, names);
        done(null, made);
      },
    },
    acquireConnectionTimeout: 3000,
    userParams: {
      ...asUserParams(options.notifications ?? null),
      ...(options.instantCopies === undefined ? {} : { instantCopies: options.instantCopies }),
      ...(options.imageLimits === undefined ? {} : { imageLimits: options.imageLimits }),
      ...(options.imageCache === undefined ? {} : { imageCache: options.imageCache }),
    },
    // Values would stand in the texts of errors, and those in the log.
    compileSqlOnError: false,
    log: { warn, error: warn, deprecate: warn, debug: () => undefined },
  };
  return knexFactory(config);
}

/** Brings the schema to the newest version; safe when several processes start together (knex takes a lock row). */
export async function migrate(database: Database): Promise<void> {
  await database.migrate.latest({
    migrationSource: {
      getMigrations: () => Promise.resolve([...migrations]),
      getMigrationName: (migration: (typeof migrations)[number]) => migration.name,
      getMigration: (migration: (typeof migrations)[number]) => Promise.resolve(migration),
    },
  });
}

/** True when the schema is as new as this program. */
export async function schemaIsCurrent(database: Database): Promise<boolean> {
  const rows: { name: string }[] = await database('knex_migrations').select('name');
  const present = new Set(rows.map((row) => row.name));
  return migrations.every((migration) => present.has(migration.name));
}

/** A session outside the pool for LISTEN; the caller ends it. Errors are emitted on the client; reconnect is the caller's. */
export function openListener(url: string): pg.Client {
  return new pg.Client({
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: 2000,
    application_name: 'saggar-listen',
  });
}
