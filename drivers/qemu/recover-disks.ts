// Brings back a guest that QEMU stopped because its share was away (werror=stop). A plain `cont` does not do: QEMU gives a gluster node up
// for good when a flush has failed ("No medium found"). What the guest has written and not flushed may be known to QEMU alone by then: the
// tables of a qcow2 layer that say where it lies. So the format nodes stay as they are, and only what talks to the share is replaced:
//
//   f(active) -> p(active) -> dead node         f(active) -> p(active) -> fresh node
//       |                                           |
//   f(base)   -> p(base)   -> dead node         f(base)   -> p(base)   -> fresh node
//
//   every file opened afresh                  where the share does not let that happen nothing has been touched, and the next round looks again
//   what bricks have only in memory flushed
//   the fresh nodes put under the nodes of the files, all disks in one command; dead ones closed
//   what QEMU still holds written and flushed
//   graph read back = the record
//   cont; the guest's requests that failed are sent again by the device
//
// What a disk is made of comes from the host's record, which follows every change of a chain: with a dead node QEMU answers
// query-named-block-nodes for no disk at all ("Block device .. is ejected"). The names of the nodes, which it still tells, are derived
// from the file names, so a record that is behind (a worker that died at the wrong moment) is noticed, and nothing is touched.
//
// A try may end behind any command, and QEMU may still do what nobody waits for any more (a node that took longer to open than the worker
// listened). So each try closes first what an earlier one has left, and uses no node that it has not opened itself.
//
// Source: QEMU 7.2, block/gluster.c (the node loses its driver when glfs_fsync fails), block.c (bdrv_co_flush by generations of writes).
// Lost all the same is what bricks had in their memory and not on their disks, when all of them lose their power at once.
// Disks on plain directories have no such trouble and are left alone.
import { activeLayer, type Layer } from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import type { DiskSpec, RecoveryState } from '../hypervisor-driver.js';
import type { BlockGraph } from './block-graph.js';
import { requireChain } from './disk-hotplug.js';
import { passOn, sharedOptions } from './disk-options.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { deviceId, layerNodeNames, renewedNames } from './node-names.js';
import { closeNodes, PROBE_MS } from './open-nodes.js';
import { isObject, type JsonObject, QmpCommandError } from './qmp-messages.js';
import { transportOf } from './share-transport.js';

/** 'Q'. Source: QEMU docs/interop/qcow2.txt, the magic string. */
const QCOW2_FIRST_BYTE = '0x51';

/** `record`: the disks that the server has on record, with their present chains. */
export async function recoverDisks(monitor: GuestMonitor, record: readonly DiskSpec[]): Promise<RecoveryState> {
  if ((await monitor.runState()) !== 'io-error') return 'not-needed';
  if (await hasMovingJob(monitor)) return 'busy';
  // The only part of the graph that QEMU tells while a node is dead.
  const { children: edges } = await monitor.blockOutline();
  // What is on record and not attached (an attach that failed) does no harm.
  const attached = record.filter(({ volumeId }) => edges.has(devicePath(volumeId)));
  const disks = attached.filter(({ access }) => transportOf(access).anchor !== null);
  if (disks.length === 0) return 'not-needed';
  if (await isShareFull(monitor)) return 'share-full';
  demandRecord(edges, disks);
  try {
    await renewFiles(monitor, edges, disks);
    // What QEMU still holds; where this fails the next round begins again.
    for (const { volumeId, chain } of disks)
      await monitor.flushNode(layerNodeNames(volumeId, activeLayer(chain).file).format);
  } catch (thrown) {
    if (asServiceError(thrown).code === 'backend_offline') return 'share-away';
    throw thrown;
  }
  const graph = await monitor.blockGraph();
  for (const { volumeId, chain } of disks) requireChain(graph, volumeId, chain);
  await monitor.execute('cont');
  return 'recovered';
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

/** Puts fresh nodes under the nodes of all files, at once, and closes those that were there. Throws `backend_offline`; nothing has changed then. */
async function renewFiles(
  monitor: GuestMonitor,
  edges: BlockGraph['children'],
  disks: readonly DiskSpec[],
): Promise<void> {
  const options: JsonObject[] = [];
  const old: string[] = [];
  for (const { volumeId, chain, access, readOnly, foreignLayers = 0 } of disks) {
    const transport = transportOf(access);
    await transport.probe(PROBE_MS);
    for (const [index, { file, format }] of chain.entries()) {
      const { protocol } = layerNodeNames(volumeId, file);
      const present = edges.get(protocol)?.get('file');
      const fresh = renewedNames(protocol).find((name) => name !== present);
      if (present === undefined || fresh === undefined) throw tooOld(volumeId);
      const shared = sharedOptions(readOnly || index < foreignLayers);
      await closeNodes(monitor, [fresh]);
      await openFresh(monitor, { ...transport.fileOptions(file), 'node-name': fresh, ...shared });
      if (index === chain.length - 1 && !readOnly) await flushBricks(monitor, fresh, format);
      options.push({ ...passOn, 'node-name': protocol, file: fresh, ...shared });
      // The first one has no name of ours, and goes by itself.
      if (renewedNames(protocol).includes(present)) old.push(present);
    }
  }
  await monitor.execute('blockdev-reopen', { options }, SHARE_COMMAND_MS);
  await closeNodes(monitor, old);
}

async function openFresh(monitor: GuestMonitor, options: JsonObject): Promise<void> {
  try {
    await monitor.execute('blockdev-add', options, SHARE_COMMAND_MS);
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    throw new ServiceError('backend_offline', 'A file of the guest cannot be opened yet.', {
      context: { said: thrown.description },
    });
  }
}

/**
 * A new node believes that there is nothing to flush until something is written through it, though bricks may have in memory what was written
 * through the old one. So the first byte of the header is written as it is. A raw file has no byte that is known; its next flush behind a
 * write does it.
 */
async function flushBricks(monitor: GuestMonitor, node: string, format: Layer['format']): Promise<void> {
  if (format !== 'qcow2') return;
  for (const command of [`write -q -P ${QCOW2_FIRST_BYTE} 0 1`, 'flush']) {
    const line = { 'command-line': `qemu-io ${node} "${command}"` };
    await monitor.execute('human-monitor-command', line, SHARE_COMMAND_MS);
  }
}

/** Started before files had nodes of their own. */
function tooOld(volumeId: string): ServiceError {
  return new ServiceError(
    'chain_mismatch',
    'The server must be stopped and started: its disks cannot be opened anew.',
    {
      context: { volumeId },
    },
  );
}

function devicePath(volumeId: string): string {
  return `/machine/peripheral/${deviceId(volumeId)}/virtio-backend`;
}
