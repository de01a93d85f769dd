// A private real Cinder (Debian's python3-cinder) beside a test: api, scheduler and volume service over a private PostgreSQL and
// RabbitMQ, without storage (peer-cinder/saggar_peer.py). Nothing of a Cinder that the machine may have is used: the programs are
// started from the Python package, so not even users, units or /etc/cinder exist. Everything is started and ended by pid.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDatabase, startPostgres, stopPostgres } from '../../deploy/postgres.js';
import {
  findLiving,
  isAlive,
  lastLines,
  type ProcessIdentity,
  startProcess,
  stopProcess,
} from '../../deploy/processes.js';
import { mustRun } from '../../deploy/programs.js';
import { startRabbitmq, stopRabbitmq } from '../../deploy/rabbitmq.js';
import { ensureLayout } from '../../deploy/state-directory.js';
import { privateDirectory } from './environment.js';
import { writePeerConfiguration } from './peer-cinder/configuration.js';
import { waitFor } from './wait-for.js';

/** Who a token stands for; ids are 32 hex digits. */
export interface PeerPerson {
  readonly token: string;
  readonly userId: string;
  readonly projectId: string;
  readonly projectName: string;
  readonly roles: readonly string[];
}

export interface PeerCinder {
  /** `http://127.0.0.1:<port>`, the root of versions and /v3. */
  readonly url: string;
  /** Debian's version of the package. */
  readonly packageVersion: string;
  stop(): Promise<void>;
}

const pythonPath = path.join(path.dirname(fileURLToPath(import.meta.url)), 'peer-cinder');
const READY_MS = 120_000;
const CURE = 'apt-get install python3-cinder, or run npm run differential, which installs it';
const services = ['volume', 'scheduler', 'api'] as const;

/** Keystone's token body, as the middleware reads it. */
function tokenBody(person: PeerPerson): object {
  const domain = { id: 'default', name: 'Default' };
  return {
    methods: ['password'],
    user: { id: person.userId, name: person.token, domain },
    project: { id: person.projectId, name: person.projectName, domain },
    is_domain: false,
    roles: person.roles.map((name) => ({ id: name, name })),
    audit_ids: ['x'],
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: '2100-01-01T00:00:00.000000Z',
    catalog: [],
  };
}

/**
 * Starts everything and returns when the API answers and the scheduler knows the backend. On failure, and when the signal ends the wait,
 * nothing is left.
 */
export async function startPeerCinder(people: readonly PeerPerson[], signal?: AbortSignal): Promise<PeerCinder> {
  const directory = privateDirectory();
  const at = (name: string): string => path.join(directory, name);
  const stop = async (): Promise<void> => {
    for (const name of services) killGroup(at(`${name}.pid.json`));
    const endings = await Promise.allSettled(services.map((name) => stopProcess(at(`${name}.pid.json`))));
    endings.push(...(await Promise.allSettled([stopRabbitmq(at('rabbitmq')), stopPostgres(at('postgres'))])));
    rmSync(directory, { recursive: true, force: true });
    for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
  };
  try {
    return { ...(await startIn(directory, people, signal)), stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/**
 * The volume service has a child for its backend, which outlives it when it is killed and which it waits for when it is not. Nothing of
 * the peer is worth an orderly end, so the whole group goes at once: each service leads one (startProcess).
 */
function killGroup(pidFile: string): void {
  const leader = findLiving(pidFile);
  if (leader === null) return;
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function startIn(
  directory: string,
  people: readonly PeerPerson[],
  signal: AbortSignal | undefined,
): Promise<Omit<PeerCinder, 'stop'>> {
  const at = (name: string): string => path.join(directory, name);
  const layout = await ensureLayout(directory);
  for (const folder of ['state/locks', 'log']) mkdirSync(at(folder), { recursive: true });
  const tokens = Object.fromEntries(people.map((person) => [person.token, tokenBody(person)]));
  writeFileSync(at('tokens.json'), JSON.stringify(tokens));
  const [postgres, rabbitmq] = await Promise.all([
    startPostgres({ directory: at('postgres'), durable: false, maxConnections: 100 }),
    startRabbitmq({ directory: at('rabbitmq'), tag: layout.tag, ports: layout.ports }),
  ]);
  await ensureDatabase(postgres, 'cinder');
  const socket = new URL(postgres.url('cinder')).searchParams.get('host') ?? '';
  const configuration = writePeerConfiguration({
    directory,
    port: layout.ports.api,
    database: `postgresql+psycopg2://saggar@/cinder?host=${socket}`,
    broker: `${rabbitmq.url.replace(/^amqp:/, 'rabbit:')}/`,
  });
  const env = {
    PYTHONPATH: pythonPath,
    PYTHONDONTWRITEBYTECODE: '1',
    PEER_TOKENS: at('tokens.json'),
    HOME: at('state'),
  };
  const program = (module: string, ...rest: readonly string[]): [string, ...string[]] => [
    '/usr/bin/python3',
    '-c',
    `from cinder.cmd.${module} import main; main()`,
    '--config-file',
    configuration,
    ...rest,
  ];
  await mustRun(program('manage', 'db', 'sync'), CURE, { env, timeoutMs: 180_000 });
  signal?.throwIfAborted();
  const started: ProcessIdentity[] = [];
  for (const name of services) {
    started.push(
      await startProcess({
        name: `cinder-${name}`,
        argv: program(name),
        pidFile: at(`${name}.pid.json`),
        logFile: at(`log/${name}.output`),
        env,
      }),
    );
  }
  const url = `http://127.0.0.1:${layout.ports.api}`;
  const explain = (): string => services.map((name) => lastLines(at(`log/${name}.output`), 12)).join('\n');
  const admin = people.find((person) => person.roles.includes('admin'));
  if (admin === undefined) throw new Error('one of the people must be an administrator');
  const end = await waitFor(
    'the peer to know its pool',
    async () => {
      if (signal?.aborted === true) return { ended: 'start' };
      const dead = started.findIndex((identity) => !isAlive(identity));
      if (dead >= 0) return { ended: services[dead] };
      return (await hasPool(url, admin.token)) ? {} : null;
    },
    { timeoutMs: READY_MS, intervalMs: 100 },
  );
  signal?.throwIfAborted();
  if (end.ended !== undefined) throw new Error(`cinder-${end.ended} ended while starting:\n${explain()}`);
  const packageVersion = await mustRun(['dpkg-query', '-W', '-f=$' + '{Version}', 'python3-cinder'], CURE);
  return { url, packageVersion };
}

async function hasPool(url: string, token: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/v3/scheduler-stats/get_pools`, { headers: { 'X-Auth-Token': token } });
    const body = (await answer.json()) as { pools?: readonly unknown[] };
    return (body.pools?.length ?? 0) > 0;
  } catch {
    return false; // it does not listen yet
  }
}
