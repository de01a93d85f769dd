// What befalls bricks and servers of a lab: killed, hung, brought back. Each act waits until it has happened, so that a test may rely
// on it in its next line; none waits for a client to notice. Nodes are counted from 1.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureVolume, startGluster } from '../../deploy/gluster.js';
import { askGluster, type GlusterNode, mustAnswer } from '../../deploy/gluster-command.js';
import { removeStalePidFiles } from '../../deploy/gluster-leftovers.js';
import { namespaceOf, processesIn } from '../../deploy/network.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../../deploy/processes.js';
import type { GlusterLab } from './gluster-lab.js';
import { waitFor } from './wait-for.js';

/** Against hanging only: a client looks for a brick that came back every three seconds, on a busy machine much later. */
const limit = { timeoutMs: 120_000, intervalMs: 50 };

/** The brick process (glusterfsd) of the node; null when it does not run. */
export async function findBrick(lab: GlusterLab, node: number, volume?: string): Promise<ProcessIdentity | null> {
  const brick = lab.brickPath(node, '', volume);
  for (const pid of await processesIn(namespaceOf(lab.plan.tag, node))) {
    if (commandLineOf(pid).includes(brick)) return identify(pid);
  }
  return null;
}

/** SIGKILL, as when the server loses its power. Answers when the process is gone; not running is success. */
export async function killBrick(lab: GlusterLab, node: number, volume?: string): Promise<void> {
  const brick = await findBrick(lab, node, volume);
  if (brick === null) return;
  signalProcess(brick, 'SIGKILL');
  await waitFor(`the brick of node ${node} to be gone`, () => !isAlive(brick), limit);
}

/** Starts the node's brick (and the volume's other missing ones), and answers when all accept connections. */
export async function restartBrick(lab: GlusterLab, node: number, volume?: string): Promise<void> {
  const name = volume ?? lab.volumes[0] ?? '';
  // Where nobody reaps orphans at once, glusterd takes a zombie for its running brick and starts none.
  if ((await findBrick(lab, node, volume)) === null) removeStalePidFiles(`${lab.plan.directory}/node${node}/run`);
  await mustAnswer(nodeOf(lab, node), ['volume', 'start', name, 'force']);
  await ensureVolume(lab.plan, { nodes: lab.nodes.slice(0, lab.plan.nodes) }, { name, replica: 3 });
  await waitFor(`the brick of node ${node} to run`, async () => (await findBrick(lab, node, volume)) !== null, limit);
}

/** SIGSTOP: connections stay open and nothing answers, until `wakeBrick`. */
export async function hangBrick(lab: GlusterLab, node: number, volume?: string): Promise<void> {
  await signalBrick(lab, node, 'SIGSTOP', volume);
}

export async function wakeBrick(lab: GlusterLab, node: number, volume?: string): Promise<void> {
  await signalBrick(lab, node, 'SIGCONT', volume);
}

/** Kills everything of the node: glusterd, its bricks, its self-heal daemon. */
export async function killNode(lab: GlusterLab, node: number): Promise<void> {
  const living = (await processesIn(namespaceOf(lab.plan.tag, node))).map(identify).filter((one) => one !== null);
  for (const each of living) signalProcess(each, 'SIGKILL');
  await waitFor(`node ${node} to be gone`, () => living.every((each) => !isAlive(each)), limit);
}

/** Starts glusterd again and with it the node's bricks; answers when all bricks of all volumes accept connections. */
export async function restartNode(lab: GlusterLab, node: number): Promise<void> {
  removeStalePidFiles(`${lab.plan.directory}/node${node}/run`);
  const gluster = await startGluster({ ...lab.plan, nodes: lab.nodes.length });
  const nodes = gluster.nodes.slice(0, lab.plan.nodes);
  for (const name of lab.volumes) await ensureVolume(lab.plan, { nodes }, { name, replica: 3 });
}

/**
 * Waits until the mount's client has shaken hands with every brick. A client looks for a brick that came back every three seconds;
 * until it has found it, the next brick to die takes the quorum away (ENOTCONN).
 */
export async function waitForMount(lab: GlusterLab, mountPoint: string, volume?: string): Promise<void> {
  const name = volume ?? lab.volumes[0] ?? '';
  const isConnected = (brick: number): boolean =>
    // Source: GlusterFS's meta translator, the client translator's dump of its private data.
    /^connected = 1$/m.test(
      readFileSync(path.join(mountPoint, '.meta/graphs/active', `${name}-client-${brick}`, 'private'), 'utf8'),
    );
  await waitFor(`${mountPoint} to be connected to every brick`, () => [0, 1, 2].every(isConnected), limit);
}

/** As `waitForMount`, for a process that uses libgfapi (QEMU): it has a connection to each node that is not to glusterd. */
export async function waitForClient(lab: GlusterLab, pid: number): Promise<void> {
  await waitFor(
    `process ${pid} to be connected to every brick`,
    () => {
      const lines = execFileSync('ss', ['-Htnp', 'state', 'established'], { encoding: 'utf8' }).split('\n');
      const peers = lines
        .filter((line) => line.includes(`pid=${pid},`))
        .map((line) => line.trim().split(/\s+/)[3] ?? '');
      const bricks = peers
        .filter((peer) => !peer.endsWith(':24007'))
        .map((peer) => peer.slice(0, peer.lastIndexOf(':')));
      return lab.nodes.slice(0, lab.plan.nodes).every(({ address }) => bricks.includes(address));
    },
    limit,
  );
}

/** What `gluster WORDS --xml` answers at the node (default the first); a refusal is an answer. */
export function askLab(lab: GlusterLab, words: readonly string[], node = 1): ReturnType<typeof askGluster> {
  return askGluster(nodeOf(lab, node), words);
}

/** `gluster volume set`; an error names glusterd's reason. */
export async function setOption(lab: GlusterLab, key: string, value: string, volume?: string): Promise<void> {
  await mustAnswer(nodeOf(lab, 1), ['volume', 'set', volume ?? lab.volumes[0] ?? '', key, value]);
}

async function signalBrick(lab: GlusterLab, node: number, signal: NodeJS.Signals, volume?: string): Promise<void> {
  const brick = await findBrick(lab, node, volume);
  if (brick === null) throw new Error(`the brick of node ${node} does not run`);
  signalProcess(brick, signal);
}

function nodeOf(lab: GlusterLab, node: number): GlusterNode {
  const found = lab.nodes[node - 1];
  if (found === undefined) throw new RangeError(`the lab has no node ${node}`);
  return found;
}

function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
