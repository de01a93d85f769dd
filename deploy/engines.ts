// The three engines that Saggar runs on, started side by side: a private one each, or the server that DATABASE_URL, AMQP_URL or
// SAGGAR_SHARES (a shares file in Cinder's format) names. An engine of somebody else's is never started, stopped or changed.
// SAGGAR_BACKENDS=2 asks for two private shares, each a backend of its own.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BACKEND, type BackendShares, type Engines } from './config-files.js';
import { DeployError } from './deploy-error.js';
import { ensureVolume, sharesFileText, startGluster } from './gluster.js';
import { namespacesOf } from './network.js';
import type { Places } from './places.js';
import { ensureDatabase, findRunning, startPostgres } from './postgres.js';
import type { Progress } from './progress.js';
import { isRabbitmqRunning, startRabbitmq } from './rabbitmq.js';
import type { Layout } from './state-directory.js';
import { stopEngine } from './stop.js';

export interface External {
  readonly databaseUrl: string | null;
  readonly amqpUrl: string | null;
  readonly sharesFile: string | null;
  /** How many backends there are to be: 1 to 9. */
  readonly backends: number;
}

/** Name of the private Gluster volume. */
export const GLUSTER_VOLUME = 'saggar';
const DATABASE = 'saggar';

/** What the environment points at. Throws when a named file is missing. */
export function externalEngines(env: NodeJS.ProcessEnv = process.env): External {
  const value = (name: string): string | null => {
    const text = env[name];
    return text === undefined || text === '' ? null : text;
  };
  const sharesFile = value('SAGGAR_SHARES');
  if (sharesFile !== null && !existsSync(sharesFile)) {
    throw new DeployError(
      'the shares file was not found',
      `SAGGAR_SHARES names ${path.resolve(sharesFile)}`,
      'correct the path, or unset SAGGAR_SHARES to get a private share',
    );
  }
  return {
    databaseUrl: value('DATABASE_URL'),
    amqpUrl: value('AMQP_URL'),
    sharesFile: sharesFile === null ? null : path.resolve(sharesFile),
    backends: readBackends(value('SAGGAR_BACKENDS'), sharesFile !== null),
  };
}

function readBackends(text: string | null, hasOwnShares: boolean): number {
  if (text === null || text === '1') return 1;
  if (!/^[2-9]$/.test(text)) {
    throw new DeployError(
      'the number of backends cannot be used',
      `SAGGAR_BACKENDS is ${JSON.stringify(text)}`,
      'give a number from 1 to 9, or unset it to get one backend',
    );
  }
  if (hasOwnShares) {
    throw new DeployError(
      'only private shares can be several backends',
      'both SAGGAR_SHARES and SAGGAR_BACKENDS are set',
      'unset one of them; backends on your own shares are written into the configuration of a volume worker',
    );
  }
  return Number(text);
}

/**
 * Starts or adopts all engines. What this call started itself is added to `undo` as a function that stops it again, also when
 * another engine fails.
 */
export async function startEngines(
  places: Places,
  layout: Layout,
  external: External,
  progress: Progress,
  undo: (() => Promise<void>)[],
): Promise<Engines> {
  const results = await Promise.allSettled([
    external.databaseUrl === null
      ? progress.during('PostgreSQL', () => ownPostgres(places, layout, undo))
      : Promise.resolve(external.databaseUrl),
    external.amqpUrl === null
      ? progress.during('RabbitMQ', () => ownRabbitmq(places, layout, undo))
      : Promise.resolve(external.amqpUrl),
    external.sharesFile === null
      ? progress.during('GlusterFS', () => ownGluster(places, layout, external.backends, undo))
      : Promise.resolve({ backends: [{ name: BACKEND, sharesFile: external.sharesFile }], glusterdSocket: null }),
  ]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const [database, amqp, shares] = results;
  if (database.status === 'rejected' || amqp.status === 'rejected' || shares.status === 'rejected') {
    throw new Error('unreachable: a rejected result was handled above');
  }
  return { databaseUrl: database.value, amqpUrl: amqp.value, ...shares.value };
}

async function ownPostgres(places: Places, layout: Layout, undo: (() => Promise<void>)[]): Promise<string> {
  if (findRunning(places.postgres) === null) undo.push(() => stopEngine('postgres', places, layout));
  const server = await startPostgres({ directory: places.postgres });
  await ensureDatabase(server, DATABASE);
  return server.url(DATABASE);
}

async function ownRabbitmq(places: Places, layout: Layout, undo: (() => Promise<void>)[]): Promise<string> {
  if (!isRabbitmqRunning(places.rabbitmq)) undo.push(() => stopEngine('rabbitmq', places, layout));
  return (await startRabbitmq({ directory: places.rabbitmq, tag: layout.tag, ports: layout.ports })).url;
}

async function ownGluster(
  places: Places,
  layout: Layout,
  count: number,
  undo: (() => Promise<void>)[],
): Promise<Pick<Engines, 'backends' | 'glusterdSocket'>> {
  if ((await namespacesOf(layout.tag)).length === 0) undo.push(() => stopEngine('gluster', places, layout));
  const plan = { directory: places.gluster, tag: layout.tag, subnet: layout.subnet, nodes: 1 };
  const gluster = await startGluster(plan);
  const backends: BackendShares[] = [];
  for (let number = 1; number <= count; number += 1) {
    const glusterVolume = numbered(GLUSTER_VOLUME, number);
    await ensureVolume(plan, gluster, { name: glusterVolume, replica: 1 });
    const sharesFile = places.sharesFileOf(number);
    mkdirSync(path.dirname(sharesFile), { recursive: true, mode: 0o700 });
    writeWhenChanged(sharesFile, sharesFileText(gluster, [glusterVolume]));
    backends.push({ name: numbered(BACKEND, number), sharesFile });
  }
  return { backends, glusterdSocket: gluster.nodes[0]?.glusterdSocket ?? null };
}

/** The first keeps the bare name. */
function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name}${number}`;
}

/** The operator may have added shares to the file: the lines that we need are kept in it, nothing else is touched. */
function writeWhenChanged(file: string, ours: string): void {
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '# Shares of this Saggar, in the format of Cinder.\n';
  const missing = ours.split('\n').filter((line) => line !== '' && !present.split('\n').includes(line));
  if (missing.length > 0 || !existsSync(file))
    writeFileSync(file, `${present}${missing.map((l) => `${l}\n`).join('')}`);
}
