// Private GlusterFS: one or more glusterd, each in a network namespace of its own, and a Gluster volume across them. Brick data,
// glusterd's records, logs and pid files lie below the given directory. A glusterd that the machine runs is neither used nor seen.
// glusterd is entered with `nsenter --net`, which keeps the host's mount namespace (`ip netns exec` would hide later mounts).
// Bricks (glusterfsd) are started by glusterd and outlive it; stopping ends everything that lives in the namespace.
// Source of glusterd's options: `glusterd_init` of GlusterFS 10; without its own socket file a second glusterd dies at start.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DeployError } from './deploy-error.js';
import { askGluster, connects, type GlusterNode, mustAnswer, notReady, waitFor } from './gluster-command.js';
import { recordBrickSockets, removeBrickSockets, removeStalePidFiles } from './gluster-leftovers.js';
import { unmountServers } from './mounts.js';
import { addressOf, ensureNetwork, namespacePath, namespacesOf, processesIn, removeNetwork } from './network.js';
import {
  endProcess,
  ensureProcess,
  findLiving,
  identify,
  isAlive,
  lastLines,
  type ProcessIdentity,
} from './processes.js';

export interface GlusterPlan {
  /** Absolute; made when missing; on a filesystem with trusted extended attributes (ext4, XFS). */
  readonly directory: string;
  readonly tag: string;
  readonly subnet: string;
  /** 1, or 3 for a replica. */
  readonly nodes: number;
}

export interface RunningGluster {
  readonly nodes: readonly GlusterNode[];
}

export interface GlusterVolumePlan {
  readonly name: string;
  /** A divisor of the number of nodes: 1 (distribute) or 3. */
  readonly replica: 1 | 3;
  /** Overrides and additions to `volumeOptions`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What guests' disks need; each was measured (see the audit of the Gluster driver, which names the reasons). */
export const volumeOptions: Readonly<Record<string, string>> = {
  'performance.strict-o-direct': 'on',
  'network.remote-dio': 'disable',
  'performance.stat-prefetch': 'off',
  'performance.quick-read': 'off',
  'performance.open-behind': 'off',
  'performance.read-ahead': 'off',
  'performance.io-cache': 'off',
  'cluster.eager-lock': 'enable',
  'network.ping-timeout': '10',
  'server.allow-insecure': 'on',
};

const PID_FILE = 'glusterd.pid.json';
const GLUSTERD_PORT = 24_007;
const FORCE_AFTER_MS = 5_000;

/** Starts the nodes, or adopts those that run, joins them to one pool and returns when each answers. */
export async function startGluster(plan: GlusterPlan): Promise<RunningGluster> {
  await ensureNetwork(plan);
  const nodes = await Promise.all(Array.from({ length: plan.nodes }, (_, index) => startNode(plan, index + 1)));
  const [first, ...others] = nodes;
  if (first === undefined) throw new RangeError('a Gluster pool needs a node');
  for (const other of others) await probePeer(first, other);
  return { nodes };
}

/** Makes the volume when it is missing, sets its options, starts it, and returns when every brick is reachable. */
export async function ensureVolume(
  plan: GlusterPlan,
  gluster: RunningGluster,
  volume: GlusterVolumePlan,
): Promise<void> {
  const node = firstNode(gluster);
  const present = await askGluster(node, ['volume', 'info', volume.name]);
  if (present.result !== 0) {
    const bricks = gluster.nodes.map((each, index) => `${each.address}:${brickOf(plan, index + 1, volume.name)}`);
    for (const [index] of gluster.nodes.entries())
      mkdirSync(brickOf(plan, index + 1, volume.name), { recursive: true });
    const layout = volume.replica > 1 ? ['replica', String(volume.replica)] : [];
    await mustAnswer(node, ['volume', 'create', volume.name, ...layout, ...bricks, 'force']);
  }
  const quorum = volume.replica > 1 ? { 'cluster.quorum-type': 'auto' } : {};
  // The private network is this host's alone; nobody from elsewhere is to mount what holds every disk.
  const wanted = { ...volumeOptions, 'auth.allow': `${plan.subnet}.*`, ...quorum, ...volume.options };
  const settings = Object.entries(wanted).filter(([key, value]) => !present.text.includes(settingText(key, value)));
  // One call for all: each call is a transaction of the pool and takes about a third of a second.
  if (settings.length > 0) await mustAnswer(node, ['volume', 'set', volume.name, ...settings.flat()]);
  if (!present.text.includes('<statusStr>Started</statusStr>'))
    await mustAnswer(node, ['volume', 'start', volume.name]);
  await waitForBricks(node, volume.name);
  const namespaces = await namespacesOf(plan.tag);
  recordBrickSockets(plan.directory, (await Promise.all(namespaces.map(processesIn))).flat());
}

/** Lines of a shares file in Cinder's format: the first node serves, the others are backups. */
export function sharesFileText(gluster: RunningGluster, volumeNames: readonly string[]): string {
  const [first, ...others] = gluster.nodes;
  const backups = others.map((node) => node.address).join(':');
  const rest = backups === '' ? '' : ` -o backup-volfile-servers=${backups}`;
  return volumeNames.map((name) => `${first?.address ?? ''}:/${name}${rest}\n`).join('');
}

/** Unmounts this pool's shares, ends every process of its namespaces and removes them. Brick data stays. */
export async function stopGluster(plan: Pick<GlusterPlan, 'directory' | 'tag' | 'subnet'>): Promise<void> {
  await unmountServers(plan.subnet);
  const namespaces = await namespacesOf(plan.tag);
  for (const namespace of namespaces) {
    const pids = await processesIn(namespace);
    const living = pids.map(identify).filter((identity) => identity !== null);
    if (existsSync(plan.directory)) recordBrickSockets(plan.directory, pids);
    await Promise.all(living.map((identity) => endProcess(identity, { graceMs: 5_000 })));
  }
  removeBrickSockets(plan.directory);
  for (const name of existsSync(plan.directory) ? readdirSync(plan.directory) : []) {
    rmSync(path.join(plan.directory, name, PID_FILE), { force: true });
  }
  await removeNetwork(plan.tag);
}

/** True when every glusterd that was started on the directory still runs. */
export function isGlusterRunning(directory: string): boolean {
  const pidFiles = (existsSync(directory) ? readdirSync(directory) : [])
    .map((name) => path.join(directory, name, PID_FILE))
    .filter((file) => existsSync(file));
  return pidFiles.length > 0 && pidFiles.every((file) => findLiving(file) !== null);
}

async function startNode(plan: GlusterPlan, number: number): Promise<GlusterNode> {
  const directory = path.join(plan.directory, `node${number}`);
  const at = (name: string): string => path.join(directory, name);
  for (const name of ['glusterd', 'run', 'log', 'bricks']) mkdirSync(at(name), { recursive: true });
  const node: GlusterNode = {
    address: addressOf(plan, number),
    glusterdSocket: at('run/glusterd.socket'),
    namespacePath: namespacePath(plan.tag, number),
  };
  writeFileSync(at('glusterd.vol'), volfile(directory, node));
  removeStalePidFiles(at('run'));
  const log = at('log/glusterd.log');
  const server = await ensureProcess({
    name: 'glusterd',
    argv: [
      'nsenter',
      `--net=${node.namespacePath}`,
      '--',
      'glusterd',
      '--no-daemon',
      `--volfile=${at('glusterd.vol')}`,
      `--pid-file=${at('run/glusterd.pid')}`,
      `--log-file=${log}`,
    ],
    pidFile: at(PID_FILE),
    logFile: at('log/glusterd.out'),
  });
  await waitForGlusterd(node, server, log);
  return node;
}

function volfile(directory: string, node: GlusterNode): string {
  const options: Readonly<Record<string, string>> = {
    'working-directory': path.join(directory, 'glusterd'),
    'run-directory': path.join(directory, 'run'),
    'glusterd-sockfile': node.glusterdSocket,
    'logging-directory': path.join(directory, 'log'),
    'transport-type': 'socket',
    'transport.socket.listen-port': String(GLUSTERD_PORT),
    // Without these two a peer probe never gets an answer (GlusterFS 10.3: the connection options' error code is not reset).
    'transport.socket.keepalive-time': '10',
    'transport.socket.keepalive-interval': '2',
    'transport.socket.read-fail-log': 'off',
    'ping-timeout': '0',
    'event-threads': '1',
    'transport.address-family': 'inet',
    'rpc-auth-allow-insecure': 'on',
  };
  const lines = Object.entries(options).map(([key, value]) => `    option ${key} ${value}`);
  return `volume management\n    type mgmt/glusterd\n${lines.join('\n')}\nend-volume\n`;
}

async function waitForGlusterd(node: GlusterNode, server: ProcessIdentity, log: string): Promise<void> {
  await waitFor(
    async () => existsSync(node.glusterdSocket) && (await connects(node.address, GLUSTERD_PORT)),
    () => isAlive(server),
    () =>
      new DeployError(
        isAlive(server) ? 'glusterd does not answer' : 'glusterd ended while starting',
        lastLines(log, 6),
        `read ${log}`,
      ),
  );
}

async function probePeer(first: GlusterNode, other: GlusterNode): Promise<void> {
  const joined = async (): Promise<boolean> => {
    const { text } = await askGluster(first, ['peer', 'status']);
    const peer = text.split('<peer>').find((part) => part.includes(`<hostname>${other.address}</hostname>`));
    return peer?.includes('<state>3</state>') === true && peer.includes('<connected>1</connected>');
  };
  if (await joined()) return;
  await mustAnswer(first, ['peer', 'probe', other.address]);
  await waitFor(
    joined,
    () => true,
    () => notReady(`peer ${other.address} did not join the pool`),
  );
}

async function waitForBricks(node: GlusterNode, volumeName: string): Promise<void> {
  const online = async (): Promise<boolean> => {
    const { text } = await askGluster(node, ['volume', 'status', volumeName, 'detail']);
    const bricks = text.split('<node>').slice(1);
    if (bricks.length === 0) return false;
    const reachable = await Promise.all(
      bricks.map(async (brick) => {
        const host = /<hostname>([^<]*)<\/hostname>/.exec(brick)?.[1] ?? '';
        const port = Number(/<port>(\d+)<\/port>/.exec(brick)?.[1] ?? Number.NaN);
        return brick.includes('<status>1</status>') && port > 0 && (await connects(host, port));
      }),
    );
    return reachable.every(Boolean);
  };
  const since = Date.now();
  let forced = false;
  const onlineOrForced = async (): Promise<boolean> => {
    if (await online()) return true;
    // What glusterd failed to start by itself it starts when it is told again; a running brick is left alone.
    if (!forced && Date.now() - since > FORCE_AFTER_MS) {
      forced = true;
      await mustAnswer(node, ['volume', 'start', volumeName, 'force']);
    }
    return false;
  };
  await waitFor(
    onlineOrForced,
    () => true,
    () => notReady(`the bricks of ${volumeName} did not come online`),
  );
}

function settingText(key: string, value: string): string {
  return `<name>${key}</name>\n            <value>${value}</value>`;
}

function brickOf(plan: GlusterPlan, node: number, volumeName: string): string {
  return path.join(plan.directory, `node${node}`, 'bricks', volumeName);
}

function firstNode(gluster: RunningGluster): GlusterNode {
  const [first] = gluster.nodes;
  if (first === undefined) throw new RangeError('a Gluster pool needs a node');
  return first;
}
