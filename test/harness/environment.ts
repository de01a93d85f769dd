// Real parts for tests: one private PostgreSQL, RabbitMQ and GlusterFS per run of the lanes, shared by all files of a lane. Each file
// gets a database of its own, copied from a template that has the schema, and a queue prefix of its own.
// The lane runner hands the servers to its lanes in the environment (the names below). A single file run by hand, without them,
// gets servers of its own, started at the first question and ended when the file's process ends its work (`closeOwnParts`).
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { ensureVolume, sharesFileText, startGluster, stopGluster } from '../../deploy/gluster.js';
import { ensureDatabase, type RunningPostgres, startPostgres, stopPostgres } from '../../deploy/postgres.js';
import { startRabbitmq, stopRabbitmq } from '../../deploy/rabbitmq.js';
import { ensureLayout } from '../../deploy/state-directory.js';
import { migrate, openDatabase } from '../../services/core/db/connection.js';
import { markOwner } from './abandoned.js';

/** Names of environment variables: the server's maintenance database, the broker, a shares file, glusterd's socket. */
export const given = {
  database: 'SAGGAR_TEST_DATABASE_URL',
  amqp: 'SAGGAR_TEST_AMQP_URL',
  shares: 'SAGGAR_TEST_SHARES',
  glusterdSocket: 'SAGGAR_TEST_GLUSTERD_SOCKET',
} as const;

export type PartName = 'postgres' | 'rabbitmq' | 'gluster';

export interface TestParts {
  /** For child processes: the variables of `given` for what was started. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const TEMPLATE = 'saggar_template';
/** Locks out a second file that makes the template at the same time; any number that nothing else uses. */
const TEMPLATE_LOCK = 7_350_112;

/** Starts the named parts side by side in a private directory (mode 0755: the servers' users must pass). */
export async function startParts(directory: string, names: ReadonlySet<PartName>): Promise<TestParts> {
  const layout = await ensureLayout(directory);
  const at = (name: PartName): string => path.join(directory, name);
  const stops: (() => Promise<void>)[] = [];
  const env: Record<string, string> = {};
  const starts: Readonly<Record<PartName, () => Promise<void>>> = {
    async postgres() {
      stops.push(() => stopPostgres(at('postgres')));
      const server = await startPostgres({ directory: at('postgres'), durable: false, maxConnections: 300 });
      await makeTemplate(server);
      env[given.database] = server.url('postgres');
    },
    async rabbitmq() {
      stops.push(() => stopRabbitmq(at('rabbitmq')));
      env[given.amqp] = (await startRabbitmq({ directory: at('rabbitmq'), tag: layout.tag, ports: layout.ports })).url;
    },
    async gluster() {
      const plan = { directory: at('gluster'), tag: layout.tag, subnet: layout.subnet, nodes: 1 };
      stops.push(() => stopGluster(plan));
      const gluster = await startGluster(plan);
      await ensureVolume(plan, gluster, { name: 'saggar', replica: 1 });
      const sharesFile = path.join(directory, 'shares.conf');
      writeFileSync(sharesFile, sharesFileText(gluster, ['saggar']));
      env[given.shares] = sharesFile;
      env[given.glusterdSocket] = gluster.nodes[0]?.glusterdSocket ?? '';
    },
  };
  const stop = async (): Promise<void> => {
    const endings = await Promise.allSettled(stops.splice(0).map((end) => end()));
    for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
  };
  const results = await Promise.allSettled([...names].map((name) => starts[name]()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { env, stop };
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database with the newest schema, for one test file. */
export async function freshDatabase(): Promise<TestDatabase> {
  const server = await serverUrl('postgres', given.database);
  await ensureTemplate(server);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, (client) => client.query(`create database ${name} template ${TEMPLATE}`));
  return {
    url: databaseOf(server, name),
    drop: () => onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`)),
  };
}

export interface TestBroker {
  readonly url: string;
  /** First part of every name on the broker, so that files do not meet. */
  readonly prefix: string;
}

export async function freshBroker(): Promise<TestBroker> {
  return { url: await serverUrl('rabbitmq', given.amqp), prefix: `test-${randomBytes(6).toString('hex')}` };
}

export interface TestShares {
  readonly sharesFile: string;
  readonly glusterdSocket: string;
}

/** A shares file with one real share. Names on it must be the file's own: the share lives as long as the lane. */
export async function testShares(): Promise<TestShares> {
  const sharesFile = await serverUrl('gluster', given.shares);
  return { sharesFile, glusterdSocket: ownParts?.env[given.glusterdSocket] ?? process.env[given.glusterdSocket] ?? '' };
}

interface OwnParts {
  readonly directory: string;
  readonly names: Set<PartName>;
  readonly env: Record<string, string>;
  readonly stops: (() => Promise<void>)[];
}
let ownParts: OwnParts | null = null;

/** Ends servers that this process started because the runner gave none; call it in an `after` of the file. */
export async function closeOwnParts(): Promise<void> {
  const parts = ownParts;
  ownParts = null;
  if (parts === null) return;
  for (const stop of parts.stops) await stop();
  rmSync(parts.directory, { recursive: true, force: true });
}

async function serverUrl(name: PartName, variable: string): Promise<string> {
  const value = process.env[variable] ?? ownParts?.env[variable];
  if (value !== undefined) return value;
  ownParts ??= { directory: privateDirectory(), names: new Set(), env: {}, stops: [] };
  const parts = await startParts(ownParts.directory, new Set([name]));
  Object.assign(ownParts.env, parts.env);
  ownParts.stops.push(() => parts.stop());
  const started = ownParts.env[variable];
  if (started === undefined) throw new Error(`${name} was started but did not say where it is`);
  return started;
}

/** Four letters or digits that the lane runner gives a lane, so that it can tell the lane's directories from those of other runs. */
export const laneTagVariable = 'SAGGAR_TEST_LANE';

/** Below /var/tmp; short, because sockets live below it, and open, because the servers' own users must pass. */
export function privateDirectory(): string {
  const directory = mkdtempSync(`/var/tmp/saggar-${process.env[laneTagVariable] ?? 'test'}-`);
  chmodSync(directory, 0o755);
  markOwner(directory);
  return directory;
}

async function makeTemplate(server: RunningPostgres): Promise<void> {
  await ensureDatabase(server, TEMPLATE);
  const database = openDatabase({ url: server.url(TEMPLATE), poolSize: 1 });
  try {
    await migrate(database);
  } finally {
    await database.destroy();
  }
}

/** The runner's server has the template already; somebody else's (a URL set by hand) may not. */
async function ensureTemplate(server: string): Promise<void> {
  await onServer(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const present = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
    if ((present.rowCount ?? 0) === 0) await client.query(`create database ${TEMPLATE}`);
    else return;
    const database = openDatabase({ url: databaseOf(server, TEMPLATE), poolSize: 1 });
    try {
      await migrate(database);
    } finally {
      await database.destroy();
    }
  });
}

function databaseOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(url: string, act: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}
