// Plugs a disk into a running guest and unplugs it. Timeline of an attach:
//   probe servers -> anchor -> nodes of the chain, bottom up -> no file but these -> device on a free port -> read the graph back
// A step that fails closes what this call opened. Of an unplug:
//   device_del, again every few seconds (a guest that boots ignores the first) -> device gone -> nodes closed, top down
import type { Chain, ObservedLayer } from '../../services/core/domain/chain.js';
import { findChainDifference } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { DiskSpec } from '../hypervisor-driver.js';
import { type BlockGraph, findForeignChild, observedLayers } from './block-graph.js';
import { chainNodes, diskDevice } from './disk-options.js';
import type { GuestMonitor } from './guest-monitor.js';
import { deviceId } from './node-names.js';
import { closeNodes, closeVolumeNodes, ensureAnchor, openNodes, type Warn } from './open-nodes.js';
import { QmpCommandError } from './qmp-messages.js';
import { freePorts, hasDevice } from './root-ports.js';
import { transportOf } from './share-transport.js';

export interface UnplugLimits {
  /** How long the guest may take to let go. One that boots does not hear it before its drivers are there. */
  readonly totalMs: number;
  /** The same of a guest that stands: it can only let go if somebody lets it run. */
  readonly standingMs: number;
  readonly repeatMs: number;
}

/** Nova waits 160 s by default (device_detach_attempts, device_detach_timeout). */
export const unplugLimits: UnplugLimits = { totalMs: 90_000, standingMs: 5_000, repeatMs: 3_000 };

/** Throws `chain_mismatch` with the difference in the context when what is open is not what is on record. */
export function requireChain(graph: BlockGraph, volumeId: string, chain: Chain): readonly ObservedLayer[] {
  refuseForeignFiles(graph, volumeId);
  const layers = observedLayers(graph, volumeId);
  const difference = findChainDifference(chain, layers);
  if (difference !== null) {
    throw new ServiceError('chain_mismatch', 'The guest’s disk is not made of the files on record.', {
      context: { volumeId, difference },
    });
  }
  return layers;
}

/** Throws `hostile_image` when an image of the volume has made QEMU open a file that is none of its layers. */
function refuseForeignFiles(graph: BlockGraph, volumeId: string): void {
  const child = findForeignChild(graph, volumeId);
  if (child === null) return;
  throw new ServiceError('hostile_image', 'An image file is not one that can be used.', {
    context: { volumeId, child },
  });
}

export async function plugDisk(monitor: GuestMonitor, disk: DiskSpec, warn: Warn): Promise<readonly ObservedLayer[]> {
  if (await hasDevice(monitor, deviceId(disk.volumeId))) {
    return requireChain(await monitor.blockGraph(), disk.volumeId, disk.chain);
  }
  const transport = transportOf(disk.access);
  await ensureAnchor(monitor, await monitor.blockOutline(), transport, warn);
  // What an earlier, unfinished attach left may be of an older chain: nothing of it is used, so it is opened afresh.
  await closeVolumeNodes(monitor, disk.volumeId);
  const opened = await openNodes(
    monitor,
    chainNodes(disk.volumeId, disk.chain, transport, disk.readOnly, disk.foreignLayers),
  );
  let before: BlockGraph;
  try {
    before = await monitor.blockGraph();
    // Before the guest sees anything of it.
    refuseForeignFiles(before, disk.volumeId);
    await addDevice(monitor, disk);
  } catch (thrown) {
    if (!(thrown instanceof ServiceError && thrown.code === 'hypervisor_offline')) {
      await closeNodes(monitor, [...opened].reverse());
    }
    throw thrown;
  }
  const after = await monitor.rearranged(before);
  try {
    return requireChain(after, disk.volumeId, disk.chain);
  } catch (thrown) {
    await unplugDisk(monitor, disk.volumeId);
    throw thrown;
  }
}

async function addDevice(monitor: GuestMonitor, disk: DiskSpec): Promise<void> {
  let refusal: QmpCommandError | null = null;
  for (const port of await freePorts(monitor)) {
    try {
      await monitor.execute('device_add', diskDevice(disk, port));
      return;
    } catch (thrown) {
      if (!(thrown instanceof QmpCommandError)) throw thrown;
      refusal = thrown;
      // Somebody at the second monitor took the port meanwhile.
      if (!/not available|slot .* in use/i.test(thrown.description)) break;
    }
  }
  throw new ServiceError('internal', 'The hypervisor refused the disk.', { context: { said: refusal?.description } });
}

/**
 * Resolves when the device and its nodes are gone. Throws `server_state` when the guest does not let go, `cancelled` on an abort; what was asked
 * stays with QEMU, which lets the device go when the guest answers after all or is reset (hw/acpi/pcihp.c: pending removals).
 */
export async function unplugDisk(
  monitor: GuestMonitor,
  volumeId: string,
  signal?: AbortSignal,
  limits = unplugLimits,
): Promise<void> {
  const device = deviceId(volumeId);
  const limitMs = (await monitor.runState()) === 'running' ? limits.totalMs : limits.standingMs;
  let askAgainAt = 0;
  const left = await monitor.until(
    async () => {
      if (!(await hasDevice(monitor, device))) return true;
      if (performance.now() >= askAgainAt) {
        askAgainAt = performance.now() + limits.repeatMs;
        // "already in the process of unplug", "guest is busy": the next round tells.
        await monitor.tryExecute('device_del', { id: device }, /./);
      }
      return null;
    },
    { limitMs, events: ['DEVICE_DELETED'], ...(signal === undefined ? {} : { signal }) },
  );
  if (left === null) {
    // Asking again would not change the guest's mind, and everything else that is asked of it would wait meanwhile.
    throw new ServiceError('server_state', 'The guest did not release the disk in time.', {
      context: { volumeId },
    });
  }
  await closeVolumeNodes(monitor, volumeId);
}
