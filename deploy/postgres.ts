// A private PostgreSQL: own data directory, a UNIX socket in a closed folder and no TCP at all, run as the user `postgres`. It knows
// nothing of the clusters that the machine may have and does not touch them. Durable by default (fsync and synchronous_commit on);
// tests may turn that off. The server outlives the program that starts it and is adopted at the next start.
// Who may connect: whoever may enter the socket folder (mode 0700, so postgres and root); no password is needed there.
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DeployError } from './deploy-error.js';
import {
  endProcess,
  findLiving,
  identify,
  lastLines,
  type ProcessIdentity,
  startProcess,
  writePidFile,
} from './processes.js';
import { findSystemUser, mustRun, type SystemUser } from './programs.js';

export interface PostgresPlan {
  /** Absolute; made when missing. Every parent must be open to other users (mode o+x). */
  readonly directory: string;
  /** false only in tests: a power failure may then lose everything. */
  readonly durable?: boolean;
  /** Default 100. */
  readonly maxConnections?: number;
  /** Default 32. */
  readonly sharedBuffersMib?: number;
}

export interface RunningPostgres {
  readonly pid: number;
  readonly adopted: boolean;
  /** `postgresql://` URL of a database of this server, by its socket. */
  url(database: string): string;
}

const SUPERUSER = 'saggar';
const READY_LIMIT_MS = 30_000;
const ZOMBIE_LIMIT_MS = 10_000;

/** Starts the server, or adopts the one that runs on the directory, and returns when it answers. */
export async function startPostgres(plan: PostgresPlan): Promise<RunningPostgres> {
  const user = findSystemUser('postgres', 'postgresql');
  const places = placesOf(plan.directory);
  for (const folder of [plan.directory, places.socket]) {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, user.uid, user.gid);
  }
  await mustRun(['chmod', '0700', places.socket], 'choose a state directory on a local filesystem');
  if (!existsSync(path.join(places.data, 'PG_VERSION'))) await initialise(plan, user);
  const url = (database: string): string =>
    `postgresql:///${database}?host=${encodeURIComponent(places.socket)}&user=${SUPERUSER}`;
  const running = findRunning(plan.directory);
  // A server that was killed a moment ago still has its pid, until the kernel is done with it: then a new one is started after all.
  if (running !== null && (await becomesReady(url('postgres'), running, places.log))) {
    writePidFile(places.pidFile, running);
    return { pid: running.pid, adopted: true, url };
  }
  await waitForEarlierLife(places.data);
  const started = await startProcess({
    name: 'PostgreSQL',
    argv: [path.join(binaries(places.data), 'postgres'), '-D', places.data, ...settings(plan, places.socket)],
    pidFile: places.pidFile,
    logFile: places.log,
    env: { LC_ALL: 'C.UTF-8', HOME: plan.directory },
    ...user,
  });
  if (!(await becomesReady(url('postgres'), started, places.log))) {
    throw new DeployError('PostgreSQL ended while starting', lastLines(places.log, 5), `read ${places.log}`);
  }
  return { pid: started.pid, adopted: false, url };
}

/** Ends the server ("fast": open sessions are ended, data is written). Data stays. Nothing to do is success. */
export async function stopPostgres(directory: string): Promise<void> {
  const { pidFile } = placesOf(directory);
  const running = findRunning(directory);
  if (running !== null) await endProcess(running, { signal: 'SIGINT', graceMs: 30_000 });
  rmSync(pidFile, { force: true });
}

/** The server that runs on the directory, started by whomever; null when none. */
export function findRunning(directory: string): ProcessIdentity | null {
  const { data, pidFile } = placesOf(directory);
  const recorded = findLiving(pidFile);
  if (recorded !== null) return recorded;
  const lock = path.join(data, 'postmaster.pid');
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8').split('\n')[0]) : Number.NaN;
  // postmaster.pid survives a crash, and its number may be somebody else's by now: the command line tells.
  if (!Number.isInteger(pid) || !commandLine(pid).includes(data)) return null;
  return identify(pid);
}

/**
 * After a crash the server's children need a moment to notice, and its pid may stay as a zombie until init collects it; a new server
 * refuses to start as long as that pid exists at all. When nothing but the zombie is left, its lock file says nothing true.
 */
async function waitForEarlierLife(data: string): Promise<void> {
  const lock = path.join(data, 'postmaster.pid');
  const deadline = Date.now() + ZOMBIE_LIMIT_MS;
  while (existsSync(lock)) {
    const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
    const others = processesWorkingIn(data);
    if (others === 0 && !existsSync(`/proc/${pid}`)) return;
    const zombie = existsSync(`/proc/${pid}`) && identify(pid) === null;
    if (others === 0 && !zombie) return; // somebody else's pid by now: PostgreSQL looks closer itself
    if (Date.now() > deadline) {
      if (others === 0) rmSync(lock, { force: true });
      return;
    }
    await sleep(50);
  }
}

/** Every process of a server has its data directory as working directory. */
function processesWorkingIn(data: string): number {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/cwd`) === data;
    } catch {
      return false; // it ended meanwhile
    }
  }).length;
}

/** Makes the database when it is missing. `template` is copied when given. */
export async function ensureDatabase(server: RunningPostgres, name: string, template?: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres'), connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const present = await client.query('select 1 from pg_database where datname = $1', [name]);
    if ((present.rowCount ?? 0) > 0) return;
    const from = template === undefined ? '' : ` template ${client.escapeIdentifier(template)}`;
    await client.query(`create database ${client.escapeIdentifier(name)}${from}`);
  } finally {
    await client.end();
  }
}

interface Places {
  readonly data: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
}

function placesOf(directory: string): Places {
  return {
    data: path.join(directory, 'data'),
    socket: path.join(directory, 'socket'),
    pidFile: path.join(directory, 'server.pid.json'),
    log: path.join(directory, 'server.log'),
  };
}

async function initialise(plan: PostgresPlan, user: SystemUser): Promise<void> {
  const { data } = placesOf(plan.directory);
  // A half-made directory is what an interrupted first start leaves; without PG_VERSION no server ever ran on it.
  rmSync(data, { recursive: true, force: true });
  await mustRun(
    [
      'setpriv',
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      '--',
      path.join(binaries(data), 'initdb'),
      `--pgdata=${data}`,
      `--username=${SUPERUSER}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--auth-local=trust',
      '--auth-host=reject',
      ...(plan.durable === false ? ['--no-sync'] : []),
    ],
    'check that the disk of the state directory is neither full nor read-only',
    { env: { HOME: plan.directory } },
  );
}

function settings(plan: PostgresPlan, socket: string): readonly string[] {
  const values: Readonly<Record<string, string>> = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    max_connections: String(plan.maxConnections ?? 100),
    shared_buffers: `${plan.sharedBuffersMib ?? 32}MB`,
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(plan.durable === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** $PG_BIN, else Debian's newest, else the version that made the data: a data directory opens only with its own major version. */
function binaries(data: string): string {
  const chosen = process.env['PG_BIN'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const base = '/usr/lib/postgresql';
  const versionFile = path.join(data, 'PG_VERSION');
  const installed = existsSync(base)
    ? readdirSync(base).filter((version) => existsSync(path.join(base, version, 'bin', 'postgres')))
    : [];
  const wanted = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : null;
  const version = wanted ?? installed.sort((a, b) => Number(b) - Number(a))[0] ?? null;
  if (version === null || !installed.includes(version)) {
    throw new DeployError(
      'PostgreSQL was not found',
      `no ${path.join(base, version ?? '*', 'bin', 'postgres')}`,
      `apt-get install postgresql${version === null ? '' : `-${version}`}, or set PG_BIN to its bin folder`,
    );
  }
  return path.join(base, version, 'bin');
}

/** True as soon as it answers, false as soon as it has ended. Throws when it lives and does not answer in time. */
async function becomesReady(url: string, server: ProcessIdentity, log: string): Promise<boolean> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // An error after connect (server goes away) would otherwise be thrown at nobody.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (cause) {
      if (identify(server.pid)?.startTicks !== server.startTicks) return false;
      if (Date.now() > deadline) {
        throw new DeployError(
          `PostgreSQL was not ready after ${READY_LIMIT_MS / 1000} s`,
          lastLines(log, 5),
          `read ${log}`,
          { cause },
        );
      }
      await sleep(25);
    }
  }
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
