// Live merge of one layer into the one below it, by block-commit, in the order that survives a crash at any moment (measured: a
// job that only reports COMPLETED may not have its data on stable storage yet, and the header already points past it):
//
//   intermediate:  start (auto-finalize off) -> pending -> flush base -> finalize -> concluded -> flush child -> dismiss
//   active layer:  start -> ready -> guest stopped -> complete -> concluded -> flush base (now active) -> merged layer marked
//                  -> guest goes on -> dismiss
//   both:          close the merged layer's nodes -> read the graph back
//
// Why the guest stands still for some 10 ms in the second case: once it writes to the base, committing the merged layer again (as
// the offline path would after a crash) would put old data over new. The mark in the merged layer's header forbids that, and no
// guest write may come between the switch and the mark.
//
// A job found at any of these stages is taken up where it stands: QEMU outlives us. The merge is never undone; while it runs the
// base is no snapshot's state any more, so the caller repeats it until it is done.
import type { Chain } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { MergeSpec, ObservedDisk } from '../hypervisor-driver.js';
import { AUTOCLEAR_OFFSET } from '../image/qcow2-header.js';
import type { LongWork } from '../volume-driver.js';
import { activeNode, type BlockGraph, chainNodesOf, layerFile } from './block-graph.js';
import { type BlockJob, jobFailure, readJob, waitForJob } from './block-jobs.js';
import { requireChain } from './disk-hotplug.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { layerNodeNames, mergeJobId } from './node-names.js';
import { closeNodes } from './open-nodes.js';
import { QmpCommandError } from './qmp-messages.js';

interface MergePlace {
  readonly topFile: string;
  readonly baseFile: string;
  /** null when the merged layer is the active one. */
  readonly childFile: string | null;
  readonly result: Chain;
}

/** Where in the chain the layer is, and the chain afterwards. Sizes: the base grows to the merged layer's size, never shrinks. */
export function placeOfMerge(chain: Chain, file: string): MergePlace {
  const index = chain.findIndex((layer) => layer.file === file);
  const top = chain[index];
  const base = chain[index - 1];
  if (top === undefined || base === undefined) {
    throw new ServiceError('bad_request', 'The layer to merge has no layer below it.', { context: { file } });
  }
  const grown = { ...base, virtualSizeBytes: Math.max(base.virtualSizeBytes, top.virtualSizeBytes) };
  return {
    topFile: top.file,
    baseFile: base.file,
    childFile: chain[index + 1]?.file ?? null,
    result: [...chain.slice(0, index - 1), grown, ...chain.slice(index + 1)],
  };
}

export async function mergeLive(monitor: GuestMonitor, spec: MergeSpec, work: LongWork): Promise<ObservedDisk> {
  const { volumeId } = spec;
  const place = placeOfMerge(spec.chain, spec.file);
  const jobId = mergeJobId(volumeId, spec.file);
  let job = await readJob(monitor, jobId);
  if (job === null) {
    const graph = await monitor.blockGraph();
    if (activeNode(graph, volumeId) === null) {
      throw new ServiceError('not_found', 'The disk is not attached to the server.', { context: { volumeId } });
    }
    if (findNode(graph, volumeId, place.topFile) !== null) {
      requireChain(graph, volumeId, spec.chain);
      await startJob(monitor, graph, volumeId, place, jobId);
      job = await readJob(monitor, jobId);
    }
  }
  try {
    if (job !== null) await followJob(monitor, volumeId, place, jobId, work);
  } finally {
    if (place.childFile === null) await resumeGuest(monitor);
  }
  await closeMerged(monitor, volumeId, place);
  const layers = requireChain(await monitor.blockGraph(), volumeId, place.result);
  return { volumeId, layers };
}

async function startJob(
  monitor: GuestMonitor,
  graph: BlockGraph,
  volumeId: string,
  place: MergePlace,
  jobId: string,
): Promise<void> {
  const active = activeNode(graph, volumeId)?.name;
  const intermediate = place.childFile === null ? {} : { 'backing-file': place.baseFile, 'auto-finalize': false };
  try {
    await monitor.execute(
      'block-commit',
      {
        'job-id': jobId,
        device: active,
        'top-node': findNode(graph, volumeId, place.topFile),
        'base-node': findNode(graph, volumeId, place.baseFile),
        'auto-dismiss': false,
        ...intermediate,
      },
      SHARE_COMMAND_MS,
    );
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    const code = /in use by block job|is busy/i.test(thrown.description) ? 'volume_busy' : 'internal';
    throw new ServiceError(code, 'The hypervisor refused the merge.', { context: { said: thrown.description } });
  }
}

/** Brings a job from whatever stage it is at to its end. Throws what it failed with, after dismissing it. */
async function followJob(
  monitor: GuestMonitor,
  volumeId: string,
  place: MergePlace,
  jobId: string,
  work: LongWork,
): Promise<void> {
  const base = layerNodeNames(volumeId, place.baseFile).format;
  const wait = (...past: readonly BlockJob['status'][]) =>
    waitForJob(monitor, jobId, work.signal, work.onProgress, ['moving', ...past]);
  let job = await wait();
  if (job.status === 'ready') {
    // Flushed before the stop: the guest then waits for little.
    await monitor.flushNode(base);
    await monitor.execute('stop', {}, SHARE_COMMAND_MS);
    // "cannot be resumed/completed in this state": a predecessor has asked for the completion already.
    await monitor.tryExecute('job-complete', { id: jobId }, /cannot accept command verb|state/i);
    job = await wait('ready');
  }
  if (job.status === 'pending') {
    await monitor.flushNode(base);
    await monitor.execute('job-finalize', { id: jobId }, SHARE_COMMAND_MS);
    job = await wait('pending');
  }
  if (job.error !== null) {
    await monitor.execute('job-dismiss', { id: jobId });
    throw jobFailure(job);
  }
  // The node whose header changed, or which is the active one now, must be on stable storage before anybody unlinks the layer.
  await monitor.flushNode(place.childFile === null ? base : layerNodeNames(volumeId, place.childFile).format);
  const active = activeNode(await monitor.blockGraph(), volumeId);
  if (active !== null) await monitor.flushNode(active.name);
  if (place.childFile === null) {
    await markMerged(monitor, volumeId, place.topFile);
    await resumeGuest(monitor);
  }
  await monitor.execute('job-dismiss', { id: jobId });
}

/** A guest that a merge stopped; one that stands for another reason (an I/O error, never started) is left as it is. */
async function resumeGuest(monitor: GuestMonitor): Promise<void> {
  if ((await monitor.runState()) === 'paused') await monitor.execute('cont');
}

/**
 * Sets the mark (autoclear bit 63, the highest bit of byte 88) in the header of a layer that no disk uses any more. Its format node
 * goes first: QEMU lets nobody write below it. A missing protocol node tells that an earlier call has marked it.
 */
async function markMerged(monitor: GuestMonitor, volumeId: string, file: string): Promise<void> {
  const { format, protocol } = layerNodeNames(volumeId, file);
  await closeNodes(monitor, [format]);
  const graph = await monitor.blockGraph();
  if (!graph.nodes.has(protocol)) return;
  const write = `qemu-io ${protocol} "write -q -P 0x80 ${AUTOCLEAR_OFFSET} 1"`;
  await monitor.execute('human-monitor-command', { 'command-line': write }, SHARE_COMMAND_MS);
  await monitor.flushNode(protocol);
  await closeNodes(monitor, [protocol]);
}

/** Nodes that we added are never removed by a job. */
async function closeMerged(monitor: GuestMonitor, volumeId: string, place: MergePlace): Promise<void> {
  const graph = await monitor.blockGraph();
  if (findNode(graph, volumeId, place.topFile) !== null) {
    throw new ServiceError('chain_mismatch', 'The merged layer is still part of the guest’s disk.', {
      context: { volumeId, file: place.topFile },
    });
  }
  const { format, protocol } = layerNodeNames(volumeId, place.topFile);
  await closeNodes(
    monitor,
    [format, protocol].filter((name) => graph.nodes.has(name)),
  );
}

function findNode(graph: BlockGraph, volumeId: string, file: string): string | null {
  return chainNodesOf(graph, volumeId).find((node) => layerFile(graph, node) === file)?.name ?? null;
}
