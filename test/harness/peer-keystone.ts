// A private Keystone, Debian's own package unchanged: SQLite file, fernet keys, configuration and log in one directory, served by
// uwsgi on a loopback port as the user `keystone`. For tests that hold Saggar against the real identity service.
// It touches neither /etc/keystone nor the packaged service, ends with stop() and can be started again on the same data.
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { endProcess, lastLines, type ProcessIdentity, startProcess } from '../../deploy/processes.js';
import { findSystemUser, mustRun, runProgram } from '../../deploy/programs.js';
import { waitFor } from './wait-for.js';

export interface PeerSettings {
  /** Life of its tokens in seconds; default 3600. */
  readonly tokenSeconds?: number;
  /** How long after its expiry a service may still have a token validated, in seconds; default Keystone's own 172800. */
  readonly allowExpiredSeconds?: number;
}

export interface PeerKeystonePlan extends PeerSettings {
  /** Absolute and private to this Keystone; every parent must be open to other users (mode o+x). */
  readonly directory: string;
  /** Region of the bootstrap's endpoints; default RegionOne. */
  readonly region?: string;
}

export interface PeerKeystone {
  /** Without a version and without a slash at the end. */
  readonly url: string;
  /** Of the user `admin`, with the role admin in the project `admin` of the domain `default`. */
  readonly adminPassword: string;
  readonly logFile: string;
  /** Serves again on the same port and data, with other settings when some are given. Nothing to do is success. */
  start(settings?: PeerSettings): Promise<void>;
  /** Ends the server; the data stay. Nothing to do is success. */
  stop(): Promise<void>;
}

const ADMIN_PASSWORD = 'peer-admin-password';
const PROGRAMS = ['keystone-manage', 'keystone-wsgi-public', 'uwsgi_python3'] as const;
const DATABASE = 'keystone.sqlite';
const CONFIGURATION = 'keystone.conf';
const CURE = 'apt-get install keystone, without its service';

/** Why there can be no private Keystone here; null when there can. */
export function whyNoPeerKeystone(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  const missing = PROGRAMS.find((program) => !existsSync(`/usr/bin/${program}`));
  return missing === undefined ? null : `${missing} is not installed (package keystone)`;
}

/** A loopback port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

// bcrypt at its cheapest: these passwords protect nothing, and every login pays for the rounds.
function configuration(directory: string, settings: PeerSettings): string {
  return `[DEFAULT]
log_file = ${directory}/keystone.log
[database]
connection = sqlite:///${directory}/${DATABASE}
[fernet_tokens]
key_repository = ${directory}/fernet-keys
[fernet_receipts]
key_repository = ${directory}/fernet-keys
[credential]
key_repository = ${directory}/credential-keys
[token]
provider = fernet
expiration = ${settings.tokenSeconds ?? 3600}
allow_expired_window = ${settings.allowExpiredSeconds ?? 172800}
[identity]
password_hash_rounds = 4
`;
}

function asKeystone(argv: readonly string[]): readonly [string, ...string[]] {
  return ['setpriv', '--reuid=keystone', '--regid=keystone', '--clear-groups', ...argv];
}

function environment(directory: string): Record<string, string> {
  return { HOME: directory, OS_KEYSTONE_CONFIG_FILES: path.join(directory, CONFIGURATION), LC_ALL: 'C.UTF-8' };
}

async function prepare(directory: string, plan: PeerKeystonePlan, url: string): Promise<void> {
  const { uid, gid } = findSystemUser('keystone', 'keystone');
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  chownSync(directory, uid, gid);
  const file = path.join(directory, CONFIGURATION);
  writeFileSync(file, configuration(directory, plan));
  const manage = (...argv: string[]): Promise<string> =>
    mustRun(asKeystone(['/usr/bin/keystone-manage', '--config-file', file, ...argv]), CURE, {
      env: environment(directory),
      timeoutMs: 120_000,
    });
  const owner = ['--keystone-user', 'keystone', '--keystone-group', 'keystone'];
  await manage('db_sync');
  // Keystone keeps read transactions open between requests; without this setting of the file they lock out every writer.
  await mustRun(asKeystone(['sqlite3', path.join(directory, DATABASE), 'pragma journal_mode=wal']), CURE);
  await manage('fernet_setup', ...owner);
  await manage(
    'bootstrap',
    ...['--bootstrap-password', ADMIN_PASSWORD, '--bootstrap-region-id', plan.region ?? 'RegionOne'],
    ...['admin', 'internal', 'public'].flatMap((name) => [`--bootstrap-${name}-url`, `${url}/v3`]),
  );
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/v3`, { signal: AbortSignal.timeout(5_000) });
  await response.arrayBuffer();
  return response.ok;
}

async function serve(directory: string, port: number, url: string): Promise<ProcessIdentity> {
  const serverLog = path.join(directory, 'uwsgi.log');
  const server = await startProcess({
    name: 'Keystone',
    // Processes, not threads: Keystone's SQLite connections must stay in their thread.
    argv: [
      '/usr/bin/uwsgi_python3',
      ...['--http-socket', `127.0.0.1:${port}`, '--wsgi-file', '/usr/bin/keystone-wsgi-public'],
      ...['--master', '--no-orphans', '--processes', '2', '--lazy-apps', '--need-app', '--die-on-term'],
      ...['--buffer-size', '65535', '--add-header', 'Connection: close', '--disable-logging', '--chdir', directory],
    ],
    pidFile: path.join(directory, 'server.pid.json'),
    logFile: serverLog,
    env: environment(directory),
    cwd: directory,
    ...findSystemUser('keystone', 'keystone'),
  });
  try {
    await waitFor(`Keystone to answer on ${url}`, () => answers(url), { timeoutMs: 60_000, intervalMs: 100 });
  } catch (error) {
    await endProcess(server);
    throw new Error(`${lastLines(serverLog, 20)}`, { cause: error });
  }
  return server;
}

/** Makes the data and serves; returns when Keystone answers (about ten seconds). */
export async function startPeerKeystone(plan: PeerKeystonePlan): Promise<PeerKeystone> {
  const { directory } = plan;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await prepare(directory, plan, url);
  let server: ProcessIdentity | null = null;
  const start = async (settings: PeerSettings = plan): Promise<void> => {
    if (server !== null) return;
    writeFileSync(path.join(directory, CONFIGURATION), configuration(directory, settings));
    server = await serve(directory, port, url);
  };
  await start();
  return {
    url,
    adminPassword: ADMIN_PASSWORD,
    logFile: path.join(directory, 'keystone.log'),
    start,
    async stop() {
      const running = server;
      server = null;
      if (running !== null) await endProcess(running, { signal: 'SIGTERM', graceMs: 5_000 });
      rmSync(path.join(directory, 'server.pid.json'), { force: true });
    },
  };
}

/** Runs Debian's `openstack` as the administrator of the Keystone (or with other credentials in `env`) and reads its JSON. */
export async function askPeer(
  keystone: PeerKeystone,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const admin = {
    OS_AUTH_URL: `${keystone.url}/v3`,
    OS_IDENTITY_API_VERSION: '3',
    OS_USERNAME: 'admin',
    OS_PASSWORD: keystone.adminPassword,
    OS_PROJECT_NAME: 'admin',
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
  };
  const { exitCode, stdout, stderr } = await runProgram(['/usr/bin/openstack', ...argv], {
    env: { ...admin, ...env },
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(`openstack ${argv.join(' ')}: ${stderr}`);
  return stdout.trim() === '' ? null : (JSON.parse(stdout) as unknown);
}
