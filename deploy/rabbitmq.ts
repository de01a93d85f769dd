// A private RabbitMQ node with an epmd of its own, run as the user `rabbitmq`, listening on loopback only, without plugins. Nothing
// of a broker that the machine may have is used. Both processes outlive the program that starts them and are adopted later.
//   - /usr/lib/rabbitmq/bin/rabbitmq-server is called, not the wrapper in /usr/sbin, which insists on the system's settings
//   - epmd is started by us and in the foreground of its own session, so that it can be ended by its pid: the one a node starts
//     by itself outlives the node
//   - ports must lie below 32768; with an ephemeral one epmd failed silently because a connection held the port (measured)
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from './deploy-error.js';
import { ensureProcess, findLiving, isAlive, lastLines, type ProcessIdentity, stopProcess } from './processes.js';
import { findSystemUser } from './programs.js';

export interface RabbitmqPlan {
  /** Absolute; made when missing. */
  readonly directory: string;
  /** Unique on this machine, letters and digits. */
  readonly tag: string;
  readonly ports: { readonly amqp: number; readonly distribution: number; readonly epmd: number };
}

export interface RunningRabbitmq {
  readonly pid: number;
  readonly adopted: boolean;
  /** `amqp://` URL with the password of this node's only user. */
  readonly url: string;
}

const USER = 'saggar';
const READY_LIMIT_MS = 90_000;
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Starts node and epmd, or adopts those that run, and returns when AMQP is answered. */
export async function startRabbitmq(plan: RabbitmqPlan): Promise<RunningRabbitmq> {
  const user = findSystemUser('rabbitmq', 'rabbitmq-server');
  const places = placesOf(plan.directory);
  for (const folder of [plan.directory, places.home, places.log, places.data]) {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    chownSync(folder, user.uid, user.gid);
  }
  const password = ensurePassword(places.password);
  writeConfiguration(plan, password, user.gid);
  const env = environment(plan);
  await ensureProcess({
    name: 'epmd',
    argv: [findEpmd(), '-port', String(plan.ports.epmd), '-address', '127.0.0.1'],
    pidFile: places.epmdPidFile,
    logFile: path.join(plan.directory, 'epmd.log'),
    env,
    ...user,
  });
  await waitForAnswer(plan.ports.epmd, null, (socket, done) => socket.once('connect', done), places.output);
  const server = await ensureProcess({
    name: 'RabbitMQ',
    argv: [SERVER],
    pidFile: places.serverPidFile,
    logFile: places.output,
    env,
    ...user,
  });
  await waitForAnswer(plan.ports.amqp, server, expectAmqp, places.output);
  const url = `amqp://${USER}:${password}@127.0.0.1:${plan.ports.amqp}`;
  return { pid: server.pid, adopted: server.adopted, url };
}

/** True when the node that was started on the directory still runs. */
export function isRabbitmqRunning(directory: string): boolean {
  return findLiving(placesOf(directory).serverPidFile) !== null;
}

/** Ends node and epmd; messages and queues stay on disk. Nothing to do is success. */
export async function stopRabbitmq(directory: string): Promise<void> {
  const places = placesOf(directory);
  await stopProcess(places.serverPidFile, { graceMs: 30_000 });
  await stopProcess(places.epmdPidFile, { graceMs: 2_000 });
}

interface Places {
  readonly home: string;
  readonly data: string;
  readonly log: string;
  readonly output: string;
  readonly password: string;
  readonly serverPidFile: string;
  readonly epmdPidFile: string;
}

function placesOf(directory: string): Places {
  const at = (name: string): string => path.join(directory, name);
  return {
    home: at('home'),
    data: at('data'),
    log: at('log'),
    output: at('server.log'),
    password: at('password'),
    serverPidFile: at('server.pid.json'),
    epmdPidFile: at('epmd.pid.json'),
  };
}

function ensurePassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** The default user is made by the node's first start only; a loopback listener and one user are all it has. */
function writeConfiguration(plan: RabbitmqPlan, password: string, group: number): void {
  const file = path.join(plan.directory, 'rabbitmq.conf');
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${plan.ports.amqp}`,
    `default_user = ${USER}`,
    `default_pass = ${password}`,
    'disk_free_limit.absolute = 100MB',
    'vm_memory_high_watermark.absolute = 512MiB',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o640 });
  chownSync(file, 0, group);
  writeFileSync(path.join(plan.directory, 'enabled_plugins'), '[].\n', { mode: 0o644 });
}

function environment(plan: RabbitmqPlan): Readonly<Record<string, string>> {
  const places = placesOf(plan.directory);
  return {
    HOME: places.home,
    HOSTNAME: 'localhost',
    RABBITMQ_NODENAME: `saggar${plan.tag}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(plan.ports.amqp),
    RABBITMQ_DIST_PORT: String(plan.ports.distribution),
    RABBITMQ_MNESIA_BASE: places.data,
    RABBITMQ_LOG_BASE: places.log,
    RABBITMQ_PID_FILE: path.join(plan.directory, 'data', 'node.pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(plan.directory, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: path.join(plan.directory, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // Makes the start script exec the node instead of standing between it and our signals; systemd itself is not needed.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_PORT: String(plan.ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Distribution on loopback only; no busy waiting on a machine with few cores.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  };
}

function findEpmd(): string {
  const base = '/usr/lib/erlang';
  const versions = existsSync(base) ? readdirSync(base).filter((name) => name.startsWith('erts-')) : [];
  const found = versions.map((name) => path.join(base, name, 'bin', 'epmd')).find((file) => existsSync(file));
  if (found === undefined || !existsSync(SERVER)) {
    throw new DeployError(
      'RabbitMQ was not found',
      `${found === undefined ? `${base}/erts-*/bin/epmd` : SERVER} does not exist`,
      'apt-get install rabbitmq-server',
    );
  }
  return found;
}

type Probe = (socket: net.Socket, done: () => void) => void;

/** AMQP 0-9-1: the server answers the protocol header with a method frame (type 1), Connection.Start. */
const expectAmqp: Probe = (socket, done) => {
  socket.once('connect', () => socket.write(Buffer.from('AMQP\u0000\u0000\u0009\u0001', 'latin1')));
  socket.once('data', (piece) => {
    if (piece[0] === 1) done();
  });
};

async function waitForAnswer(port: number, server: ProcessIdentity | null, probe: Probe, log: string): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!(await answers(port, probe))) {
    const gone = server !== null && !isAlive(server);
    if (gone || Date.now() > deadline) {
      throw new DeployError(
        gone
          ? 'RabbitMQ ended while starting'
          : `RabbitMQ did not answer on port ${port} in ${READY_LIMIT_MS / 1000} s`,
        lastLines(log, 8),
        `read ${log}; if the port is taken, end the program that holds it`,
      );
    }
    await sleep(50);
  }
}

function answers(port: number, probe: Probe): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    probe(socket, () => end(true));
  });
}
