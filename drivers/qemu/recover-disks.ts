// Brings back a guest that QEMU stopped because its share was away (werror=stop). A plain `cont` does not do: once all bricks were away,
// QEMU's gluster nodes are dead for good ("No medium found"), and an old qcow2 node would later write stale tables over newer ones. So, while
// the guest stands:
//
//   a fresh read of the share works            else nothing is touched, and the next round looks again
//   a note that it has begun                   the old nodes are about to go
//   device -> null node, all disks             the guest's devices stay, with nothing behind them
//   old nodes closed, top down                 closing before opening: nothing old can be written after something new was read
//   chains opened anew -> devices -> graph read back = the record
//   cont; the guest's requests that failed are sent again by the device
//
// What a disk is made of comes from the host's record, which follows every change of a chain: with a dead node QEMU answers
// query-named-block-nodes for no disk at all ("Block device .. is ejected"). The names of the nodes, which it still tells, are derived
// from the file names, so a record that is behind (a worker that died at the wrong moment) is noticed, and nothing is touched.
//
// Source: measured 24 of 24 outages of all bricks survived so, without a loss of fsync'ed data (performance.strict-o-direct on).
// A worker that dies in between finds the note and goes on. A try may end behind any command, and QEMU may still do what nobody waits for
// any more (a node that took longer to open than the worker listened). So each try closes first what an earlier one has left, and uses no
// node that it has not opened itself. Disks on plain directories have no such trouble and are left alone.
import type { Chain } from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import type { DiskSpec, RecoveryState } from '../hypervisor-driver.js';
import { type BlockGraph, parseBlockGraph } from './block-graph.js';
import { requireChain } from './disk-hotplug.js';
import { chainNodes } from './disk-options.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { deviceId, layerNodeNames } from './node-names.js';
import { closeNodes, ensureAnchor, nodeExists, openNodes, PROBE_MS, type Warn } from './open-nodes.js';
import { isObject } from './qmp-messages.js';
import { transportOf } from './share-transport.js';

/** A file beside the server's record that says that disks are being opened anew. */
export interface RecoveryNote {
  exists(): Promise<boolean>;
  write(): Promise<void>;
  remove(): Promise<void>;
}

/** `record`: the disks that the server has on record, with their present chains. */
export async function recoverDisks(
  monitor: GuestMonitor,
  record: readonly DiskSpec[],
  note: RecoveryNote,
  warn: Warn,
): Promise<RecoveryState> {
  if ((await monitor.runState()) !== 'io-error') return 'not-needed';
  if (await hasMovingJob(monitor)) return 'busy';
  const edges = await readEdges(monitor);
  // What is on record and not attached (an attach that failed) does no harm.
  const attached = record.filter(({ volumeId }) => edges.has(devicePath(volumeId)));
  const disks = attached.filter(({ access }) => transportOf(access).anchor !== null);
  if (disks.length === 0) return 'not-needed';
  if (!(await note.exists())) {
    if (await isShareFull(monitor)) return 'share-full';
    demandRecord(edges, disks);
  }
  if (!(await shareAnswers(monitor, disks))) return 'share-away';
  await note.write();
  for (const disk of disks) await takeAway(monitor, disk);
  for (const disk of disks) await giveBack(monitor, disk, warn);
  const graph = await monitor.blockGraph();
  for (const { volumeId, chain } of disks) requireChain(graph, volumeId, chain);
  // Before the guest goes on, for nobody looks at one that runs: the next outage would find the note of this one.
  await note.remove();
  await monitor.execute('cont');
  return 'recovered';
}

/** Which node is above which; the only part of the graph that QEMU tells while a node is dead. */
async function readEdges(monitor: GuestMonitor): Promise<BlockGraph['children']> {
  return parseBlockGraph([], await monitor.execute('x-debug-query-block-graph')).children;
}

/** Throws `chain_mismatch` unless each disk's nodes are, by their names, those of the chain on record. */
function demandRecord(edges: BlockGraph['children'], disks: readonly DiskSpec[]): void {
  for (const { volumeId, chain } of disks) {
    const open: string[] = [];
    let node = edges.get(devicePath(volumeId))?.get('root');
    while (node !== undefined && open.length <= chain.length) {
      open.unshift(node);
      node = edges.get(node)?.get('backing');
    }
    const wanted = chain.map(({ file }) => layerNodeNames(volumeId, file).format);
    if (open.join() === wanted.join()) continue;
    throw new ServiceError('chain_mismatch', 'The guest’s disk is not made of the files on the host’s record.', {
      context: { volumeId, open, wanted },
    });
  }
}

/** Every device that stopped the guest did so for want of room: the nodes are sound, and going on would only stop it again. */
async function isShareFull(monitor: GuestMonitor): Promise<boolean> {
  const blocks = await monitor.execute('query-block').catch(() => null);
  const states = Array.isArray(blocks) ? blocks.map((one) => (isObject(one) ? one['io-status'] : null)) : [];
  return states.includes('nospace') && !states.includes('failed');
}

/** A job that moves has the nodes in use; it fails by itself while the share is away, and its command is asked again. */
async function hasMovingJob(monitor: GuestMonitor): Promise<boolean> {
  const jobs = await monitor.execute('query-jobs');
  return Array.isArray(jobs) && jobs.some((job) => isObject(job) && job['status'] !== 'concluded');
}

/** Opens the active file of every disk afresh, beside the dead nodes, and reads its first sector. */
async function shareAnswers(monitor: GuestMonitor, disks: readonly DiskSpec[]): Promise<boolean> {
  try {
    for (const { volumeId, chain, access } of disks) {
      const transport = transportOf(access);
      await transport.probe(PROBE_MS);
      const file = chain.at(-1)?.file ?? '';
      const name = lookOf(volumeId, file);
      const options = { ...transport.fileOptions(file), 'node-name': name, 'read-only': true };
      // One that an earlier try has left may have been opened before the outage was over: it would never answer.
      await closeNodes(monitor, [name]);
      await monitor.execute('blockdev-add', options, SHARE_COMMAND_MS);
      const look = { 'command-line': `qemu-io ${name} "read -q 0 512"` };
      const said = await monitor.execute('human-monitor-command', look, SHARE_COMMAND_MS);
      await closeNodes(monitor, [name]);
      if (typeof said === 'string' && said.trim() !== '') return false;
    }
    return true;
  } catch (thrown) {
    const { code } = asServiceError(thrown);
    if (code === 'hypervisor_offline') throw thrown;
    return false;
  }
}

async function takeAway(monitor: GuestMonitor, { volumeId, chain }: DiskSpec): Promise<void> {
  const size = activeOf(chain).virtualSizeBytes;
  const empty = { driver: 'null-co', 'node-name': nothingOf(volumeId), size, 'read-zeroes': true };
  await monitor.tryExecute('blockdev-add', empty, nodeExists);
  await setDrive(monitor, volumeId, nothingOf(volumeId));
  const topDown = [...chain].reverse().map(({ file }) => layerNodeNames(volumeId, file));
  await closeNodes(
    monitor,
    topDown.flatMap(({ format, protocol }) => [format, protocol]),
  );
}

async function giveBack(monitor: GuestMonitor, disk: DiskSpec, warn: Warn): Promise<void> {
  const { volumeId, chain } = disk;
  const transport = transportOf(disk.access);
  await ensureAnchor(monitor, await monitor.blockGraph(), transport, warn);
  await openNodes(monitor, chainNodes(volumeId, chain, transport, disk.readOnly, disk.foreignLayers));
  await setDrive(monitor, volumeId, layerNodeNames(volumeId, activeOf(chain).file).format);
  await closeNodes(monitor, [nothingOf(volumeId)]);
}

function devicePath(volumeId: string): string {
  return `/machine/peripheral/${deviceId(volumeId)}/virtio-backend`;
}

function activeOf(chain: Chain): Chain[number] {
  const active = chain.at(-1);
  if (active === undefined) throw new ServiceError('chain_mismatch', 'A disk of the guest has no image file.');
  return active;
}

function lookOf(volumeId: string, file: string): string {
  return layerNodeNames(volumeId, `look ${file}`).protocol;
}

function nothingOf(volumeId: string): string {
  return layerNodeNames(volumeId, 'nothing').protocol;
}

/** Looks first: a QEMU that is told to put a node in its own place ends, and the guest with it (measured with 7.2). */
async function setDrive(monitor: GuestMonitor, volumeId: string, node: string): Promise<void> {
  const edges = await readEdges(monitor);
  if (edges.get(devicePath(volumeId))?.get('root') === node) return;
  const path = `/machine/peripheral/${deviceId(volumeId)}`;
  await monitor.execute('qom-set', { path, property: 'drive', value: node }, SHARE_COMMAND_MS);
}
