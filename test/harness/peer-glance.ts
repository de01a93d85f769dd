// A private Glance, Debian's own package unchanged: SQLite file, image files, configuration and log in one directory, served by uwsgi on a
// loopback port as the user `glance`, with tokens of a private Keystone (peer-keystone.ts). For tests that hold Saggar against the real image
// service. It touches neither /etc/glance nor the packaged service, ends with stop() and can be started again on the same data.
import { chownSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endProcess, lastLines, type ProcessIdentity, startProcess } from '../../deploy/processes.js';
import { findSystemUser, mustRun } from '../../deploy/programs.js';
import { freePort, type PeerKeystone, whyNoPeerKeystone } from './peer-keystone.js';
import { waitFor } from './wait-for.js';

export interface PeerGlancePlan {
  /** Absolute and private to this Glance; every parent must be open to other users (mode o+x). */
  readonly directory: string;
  readonly keystone: PeerKeystone;
  /** By which it validates tokens; in the project `service`. */
  readonly account: { readonly username: string; readonly password: string };
}

export interface PeerGlance {
  /** Without a version and without a slash at the end. */
  readonly url: string;
  readonly logFile: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAMS = ['glance-manage', 'glance-wsgi-api', 'uwsgi_python3'] as const;
const PASTE = '/etc/glance/glance-api-paste.ini';
const DATABASE = 'glance.sqlite';
const CURE = 'apt-get install glance-api (deploy/debian-packages.json), without its service';

/** Why there can be no private Glance here; null when there can. */
export function whyNoPeerGlance(): string | null {
  const keystone = whyNoPeerKeystone();
  if (keystone !== null) return keystone;
  const missing = PROGRAMS.find((program) => !existsSync(`/usr/bin/${program}`));
  return missing === undefined ? null : `${missing} is not installed (package glance-api)`;
}

function configuration({ directory, keystone, account }: PeerGlancePlan): string {
  return `[DEFAULT]
log_file = ${directory}/glance.log
enabled_import_methods = []
[database]
connection = sqlite:///${directory}/${DATABASE}
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = ${directory}/images
[paste_deploy]
flavor = keystone
config_file = ${directory}/glance-api-paste.ini
[oslo_policy]
policy_dirs = ${directory}/policy.d
[keystone_authtoken]
www_authenticate_uri = ${keystone.url}/v3
auth_url = ${keystone.url}
auth_type = password
user_domain_id = default
project_domain_id = default
project_name = service
username = ${account.username}
password = ${account.password}
`;
}

function asGlance(argv: readonly string[]): readonly [string, ...string[]] {
  return ['setpriv', '--reuid=glance', '--regid=glance', '--clear-groups', ...argv];
}

function environment(directory: string): Record<string, string> {
  return { HOME: directory, OS_GLANCE_CONFIG_DIR: directory, LC_ALL: 'C.UTF-8' };
}

async function prepare(plan: PeerGlancePlan): Promise<void> {
  const { directory } = plan;
  const { uid, gid } = findSystemUser('glance', 'glance');
  for (const made of [directory, path.join(directory, 'images'), path.join(directory, 'policy.d')]) {
    mkdirSync(made, { recursive: true, mode: 0o750 });
    chownSync(made, uid, gid);
  }
  const file = path.join(directory, 'glance-api.conf');
  writeFileSync(file, configuration(plan));
  copyFileSync(PASTE, path.join(directory, 'glance-api-paste.ini'));
  for (const name of [file, path.join(directory, 'glance-api-paste.ini')]) chownSync(name, uid, gid);
  const options = { env: environment(directory), timeoutMs: 120_000 };
  await mustRun(asGlance(['/usr/bin/glance-manage', '--config-file', file, 'db_sync']), CURE, options);
  await mustRun(asGlance(['sqlite3', path.join(directory, DATABASE), 'pragma journal_mode=wal']), CURE);
}

/** 300: its list of versions, for which nobody has to say who asks. */
async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.arrayBuffer();
  return response.status === 300;
}

async function serve(directory: string, port: number, url: string): Promise<ProcessIdentity> {
  const serverLog = path.join(directory, 'uwsgi.log');
  const server = await startProcess({
    name: 'Glance',
    argv: [
      '/usr/bin/uwsgi_python3',
      ...['--http-socket', `127.0.0.1:${port}`, '--wsgi-file', '/usr/bin/glance-wsgi-api'],
      ...['--master', '--no-orphans', '--processes', '2', '--lazy-apps', '--need-app', '--die-on-term'],
      // A reader may have to start a process first; uwsgi would wait for it for four seconds.
      ...['--enable-threads', '--socket-timeout', '120'],
      ...['--buffer-size', '65535', '--add-header', 'Connection: close', '--disable-logging', '--chdir', directory],
    ],
    pidFile: path.join(directory, 'server.pid.json'),
    logFile: serverLog,
    env: environment(directory),
    cwd: directory,
    ...findSystemUser('glance', 'glance'),
  });
  try {
    await waitFor(`Glance to answer on ${url}`, () => answers(url), { timeoutMs: 60_000, intervalMs: 100 });
  } catch (error) {
    await endProcess(server);
    throw new Error(`${lastLines(serverLog, 20)}`, { cause: error });
  }
  return server;
}

/** Makes the data and serves; returns when Glance answers (about ten seconds). */
export async function startPeerGlance(plan: PeerGlancePlan): Promise<PeerGlance> {
  const { directory } = plan;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await prepare(plan);
  let server: ProcessIdentity | null = null;
  const start = async (): Promise<void> => {
    server ??= await serve(directory, port, url);
  };
  await start();
  return {
    url,
    logFile: path.join(directory, 'glance.log'),
    start,
    async stop() {
      const running = server;
      server = null;
      if (running !== null) await endProcess(running, { signal: 'SIGTERM', graceMs: 5_000 });
      rmSync(path.join(directory, 'server.pid.json'), { force: true });
    },
  };
}
