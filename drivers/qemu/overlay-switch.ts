// Makes a running guest write to prepared overlays, and takes an unfinished attempt back.
//
//   before:  device -> f(active)                 overlay's nodes opened, backing:null, used by nobody
//   after:   device -> f(overlay) -> f(active)   one transaction for all disks: one point in time for the guest
//
// blockdev-snapshot leaves the overlay's header alone, so the relative backing name written by the volume side stays.
//
// A whole reading of the graph holds the guest for some round trips to the bricks for every layer (block-graph.ts), so there is one: behind the opening,
// where chain and overlay are compared before there is no way back. The switch itself changes no header: behind it the edges are read again.
import { activeLayer, appendOverlay, type Chain, encryptionOf } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { FreezeReport, ObservedDisk, SwitchOutcome, SwitchSpec, SwitchState } from '../hypervisor-driver.js';
import type { ShareAccess } from '../volume-driver.js';
import { activeNode, type BlockGraph, type BlockOutline, isBelowDevice, observedLayers } from './block-graph.js';
import { requireChain } from './disk-hotplug.js';
import { layerNodes } from './disk-options.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { layerNodeNames } from './node-names.js';
import { closeNodes, openNodes, PROBE_MS } from './open-nodes.js';
import { QmpCommandError } from './qmp-messages.js';
import { transportOf } from './share-transport.js';

type DiskSwitch = SwitchSpec['disks'][number];
/** How the disk's share is reached; from what the server was given when the disk came to it. */
export type AccessOf = (volumeId: string) => ShareAccess;
/** Runs the one moment, with the guest's file systems frozen or not, and says which. */
export type Freeze = (moment: () => Promise<void>) => Promise<FreezeReport>;

/** True when the overlay is anywhere in the disk's chain. */
function usesOverlay(outline: BlockOutline, { volumeId, overlayFile }: DiskSwitch): boolean {
  return isBelowDevice(outline, volumeId, layerNodeNames(volumeId, overlayFile).format);
}

/** What the chain is once the switch is done. The overlay's snapshot is not told here, and nothing observed depends on it. */
function switchedChain({ chain, overlayFile }: DiskSwitch): Chain {
  return appendOverlay(chain, overlayFile, `overlay ${overlayFile}`);
}

export async function switchDisks(
  monitor: GuestMonitor,
  disks: readonly DiskSwitch[],
  accessOf: AccessOf,
  freeze: Freeze,
): Promise<SwitchOutcome> {
  const outline = await monitor.blockOutline();
  const todo = disks.filter((disk) => !usesOverlay(outline, disk));
  if (todo.length > 0 && todo.length < disks.length) {
    throw new ServiceError('chain_mismatch', 'Some disks of the group are switched and some are not.');
  }
  for (const disk of todo) await openOverlay(monitor, outline, disk, accessOf(disk.volumeId));
  const before = await demandReady(monitor, todo);
  // A worker that died behind its transaction took what it knew of the freeze with it.
  let report: FreezeReport = { frozen: false, fileSystems: 0, reason: 'unknown' };
  // All that takes time is done: nothing but the transaction happens while the guest's file systems are frozen.
  if (todo.length > 0) report = await freeze(() => takeSnapshot(monitor, before, todo));
  const after = await monitor.rearranged(before);
  const observed = disks.map((disk) => ({
    volumeId: disk.volumeId,
    layers: requireChain(after, disk.volumeId, switchedChain(disk)),
  }));
  return { disks: observed, freeze: report };
}

async function openOverlay(
  monitor: GuestMonitor,
  outline: BlockOutline,
  disk: DiskSwitch,
  access: ShareAccess,
): Promise<void> {
  const transport = transportOf(access);
  await transport.probe(PROBE_MS);
  // Nodes left by an earlier attempt were opened before the file may have been made anew.
  const { format, protocol } = layerNodeNames(disk.volumeId, disk.overlayFile);
  await closeNodes(
    monitor,
    [format, protocol].filter((name) => outline.names.has(name)),
  );
  const overlay = { file: disk.overlayFile, format: 'qcow2' as const, ...encryptionOf(activeLayer(disk.chain)) };
  await openNodes(monitor, layerNodes(disk.volumeId, overlay, transport, null));
}

/** The graph with all overlays open, each disk being what is on record and each overlay made for it. Throws `chain_mismatch` and closes them else. */
async function demandReady(monitor: GuestMonitor, disks: readonly DiskSwitch[]): Promise<BlockGraph> {
  try {
    const graph = await monitor.blockGraph();
    for (const disk of disks) {
      requireChain(graph, disk.volumeId, disk.chain);
      demandMadeFor(graph, disk);
    }
    return graph;
  } catch (thrown) {
    for (const disk of disks) await closeOverlay(monitor, disk).catch(() => undefined);
    throw thrown;
  }
}

/** Once the guest writes to the overlay there is no way back, so a wrong overlay is refused before. */
function demandMadeFor(graph: BlockGraph, { volumeId, chain, overlayFile }: DiskSwitch): void {
  const opened = graph.nodes.get(layerNodeNames(volumeId, overlayFile).format);
  const active = activeLayer(chain);
  if (opened?.virtualSizeBytes === active.virtualSizeBytes && opened.backingName === active.file) return;
  throw new ServiceError('chain_mismatch', 'The overlay was not made for the disk’s active layer.', {
    context: { overlay: overlayFile, opened },
  });
}

async function takeSnapshot(monitor: GuestMonitor, graph: BlockGraph, disks: readonly DiskSwitch[]): Promise<void> {
  const actions = disks.map(({ volumeId, overlayFile }) => ({
    type: 'blockdev-snapshot',
    data: { node: activeNode(graph, volumeId)?.name, overlay: layerNodeNames(volumeId, overlayFile).format },
  }));
  try {
    await monitor.execute('transaction', { actions }, SHARE_COMMAND_MS);
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    // A transaction with one bad action changes nothing.
    for (const disk of disks) await closeOverlay(monitor, disk);
    const code = /in use by block job|is busy/i.test(thrown.description) ? 'volume_busy' : 'internal';
    throw new ServiceError(code, 'The hypervisor refused to switch to the overlay.', {
      context: { said: thrown.description },
    });
  }
}

async function closeOverlay(monitor: GuestMonitor, { volumeId, overlayFile }: DiskSwitch): Promise<void> {
  const { format, protocol } = layerNodeNames(volumeId, overlayFile);
  await closeNodes(monitor, [format, protocol]);
}

/** Closes overlays that no disk uses. Never takes a layer from the guest. */
export async function closeUnusedOverlays(monitor: GuestMonitor, disks: readonly DiskSwitch[]): Promise<SwitchState> {
  const outline = await monitor.blockOutline();
  if (disks.some((disk) => usesOverlay(outline, disk))) return 'switched';
  for (const disk of disks) await closeOverlay(monitor, disk);
  return 'not-switched';
}

/** Grows the active layer and tells the guest. Already that large is success. */
export async function resizeActive(
  monitor: GuestMonitor,
  volumeId: string,
  newSizeBytes: number,
): Promise<ObservedDisk> {
  const active = activeNode(await monitor.blockGraph(), volumeId);
  if (active === null) throw new ServiceError('not_found', 'The disk is not attached to the server.');
  if (active.virtualSizeBytes > newSizeBytes) throw new ServiceError('bad_request', 'A volume cannot shrink.');
  if (active.virtualSizeBytes < newSizeBytes) {
    try {
      await monitor.execute('block_resize', { 'node-name': active.name, size: newSizeBytes }, SHARE_COMMAND_MS);
    } catch (thrown) {
      if (!(thrown instanceof QmpCommandError)) throw thrown;
      const code = /No space left/i.test(thrown.description) ? 'no_space' : 'internal';
      throw new ServiceError(code, 'The disk could not be grown.', { context: { said: thrown.description } });
    }
  }
  // The share must hold the new size too, or a reader of the header sees the old one.
  await monitor.flushNode(active.name);
  const graph = await monitor.blockGraph();
  const grown = activeNode(graph, volumeId);
  if (grown?.virtualSizeBytes !== newSizeBytes) {
    throw new ServiceError('chain_mismatch', 'The disk did not take the new size.', { context: { volumeId } });
  }
  return { volumeId, layers: observedLayers(graph, volumeId) };
}
