// Live merge of a layer into a neighbour and live flatten, in the order that survives a crash at any moment (measured: a job that only
// reports COMPLETED may not have its data on stable storage yet, and the header already points past it):
//
//   commit and stream:  start (auto-finalize off) -> pending -> flush receiver -> finalize -> concluded -> flush -> dismiss
//   active commit:      start -> ready -> guest held -> complete -> concluded -> flush base (now active) -> merged layer marked
//                       -> guest goes on -> dismiss
//   all:                close the nodes of the layers that are left -> read the graph back
//
// Why the guest stands still for some 10 ms in the second case: once it writes to the base, committing the merged layer again (as
// the offline path would after a crash) would put old data over new. The mark in the merged layer's header forbids that, and no
// guest write may come between the switch and the mark.
//
// A job found at any of these stages is taken up where it stands: QEMU outlives us. While a commit runs the base is no snapshot's state
// any more, so the caller repeats it until it is done. A stream leaves the receiver showing the same at every moment.
import { ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { FlattenSpec, MergeSpec, ObservedDisk } from '../hypervisor-driver.js';
import { AUTOCLEAR_OFFSET } from '../image/qcow2-header.js';
import type { LongWork } from '../volume-driver.js';
import { activeNode, type BlockGraph, chainNodesOf, layerFile } from './block-graph.js';
import { type BlockJob, JobWatch, jobFailure, readJob, waitForJob, waitOrCancel, wasCancelled } from './block-jobs.js';
import { requireChain } from './disk-hotplug.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { holdGuest, releaseHeldGuest } from './held-guest.js';
import { isActiveCommit, type LivePlan, planFlatten, planMerge } from './live-plan.js';
import { layerNodeNames } from './node-names.js';
import { closeNodes } from './open-nodes.js';
import { QmpCommandError } from './qmp-messages.js';

export function mergeLive(monitor: GuestMonitor, spec: MergeSpec, work: LongWork): Promise<ObservedDisk> {
  return workLive(monitor, planMerge(spec), work);
}

export function flattenLive(monitor: GuestMonitor, spec: FlattenSpec, work: LongWork): Promise<ObservedDisk> {
  return workLive(monitor, planFlatten(spec), work);
}

async function workLive(monitor: GuestMonitor, plan: LivePlan, work: LongWork): Promise<ObservedDisk> {
  const { volumeId } = plan;
  const watch = new JobWatch(monitor, plan.jobId);
  try {
    if (await ensureJob(monitor, plan)) await followJob(monitor, plan, watch, work);
    else await flushChain(monitor, plan);
    // What a worker that died has left.
    if (isActiveCommit(plan)) await releaseHeldGuest(monitor);
  } catch (thrown) {
    throw isActiveCommit(plan) ? await afterFailedSwitch(monitor, plan, thrown) : thrown;
  } finally {
    watch.stop();
  }
  await closeLeft(monitor, plan);
  const layers = requireChain(await monitor.blockGraph(), volumeId, plan.result);
  return { volumeId, layers };
}

/**
 * What the failure of an active commit means. Before the switch: what it says. After it, or when nobody can tell: the guest may write to the
 * base, and a caller that took the merge for failed would start it from the old layer some day; so the answer is that it is not known. A guest that
 * stands between the switch and the mark stays so, for a write of it there would be lost to a commit that is done once more.
 */
async function afterFailedSwitch(monitor: GuestMonitor, plan: LivePlan, thrown: unknown): Promise<unknown> {
  const { volumeId, left } = plan;
  const merged = left[0] ?? '';
  const graph = await monitor.blockGraph().catch(() => null);
  const isBefore = graph !== null && findNode(graph, volumeId, merged) !== null;
  const isMarked = graph !== null && !graph.nodes.has(layerNodeNames(volumeId, merged).protocol);
  if (isBefore || isMarked) await releaseHeldGuest(monitor);
  if (isBefore || (graph !== null && activeNode(graph, volumeId) === null)) return thrown;
  return new ServiceError('hypervisor_offline', 'It is not known whether the guest was switched.', { cause: thrown });
}

/** False when there is nothing to do any more: no job, and no layer of those that shall go is part of the disk. */
async function ensureJob(monitor: GuestMonitor, plan: LivePlan): Promise<boolean> {
  const { jobId, volumeId } = plan;
  const found = await readJob(monitor, jobId);
  if (found !== null && !wasCancelled(found)) {
    await setSpeed(monitor, plan, found);
    return true;
  }
  // Cancelled by an earlier worker, which did not come to the end of it.
  if (found !== null) await monitor.execute('job-dismiss', { id: jobId });
  const graph = await monitor.blockGraph();
  if (activeNode(graph, volumeId) === null) {
    throw new ServiceError('not_found', 'The disk is not attached to the server.', { context: { volumeId } });
  }
  if (!plan.left.some((file) => findNode(graph, volumeId, file) !== null)) return false;
  requireChain(graph, volumeId, plan.before);
  if (isActiveCommit(plan)) demandMarkable(graph, plan);
  await startJob(monitor, graph, plan);
  return true;
}

/** Byte 88 of a version 2 header lies among its extensions; written there, the mark would break it, and protect nothing. */
function demandMarkable(graph: BlockGraph, { volumeId, left }: LivePlan): void {
  const name = findNode(graph, volumeId, left[0] ?? '');
  if (name === null || graph.nodes.get(name)?.isOldQcow2 !== true) return;
  throw new ServiceError(
    'bad_request',
    'The active layer has a qcow2 header of version 2: merge it upwards, or while no guest has it.',
    { context: { volumeId, file: left[0] } },
  );
}

async function startJob(monitor: GuestMonitor, graph: BlockGraph, plan: LivePlan): Promise<void> {
  const { volumeId, below } = plan;
  const node = (file: string | null) => (file === null ? null : findNode(graph, volumeId, file));
  const common = {
    'job-id': plan.jobId,
    'auto-dismiss': !staysToBeRead(plan),
    ...(plan.bytesPerSecond === null ? {} : { speed: plan.bytesPerSecond }),
    // The relative name goes into the header as it is, so that the chain reads the same through a mount.
    ...(plan.repointed === null || below === null ? {} : { 'backing-file': below }),
    ...(isActiveCommit(plan) ? {} : { 'auto-finalize': false }),
  };
  const ends =
    plan.command === 'block-commit'
      ? {
          device: activeNode(graph, volumeId)?.name,
          'top-node': node(plan.left[0] ?? null),
          'base-node': node(plan.receiver),
        }
      : { device: node(plan.receiver), ...(below === null ? {} : { 'base-node': node(below) }) };
  try {
    await monitor.execute(plan.command, { ...common, ...ends }, SHARE_COMMAND_MS);
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    const code = /in use by block job|is busy/i.test(thrown.description) ? 'volume_busy' : 'internal';
    throw new ServiceError(code, 'The hypervisor refused the merge.', { context: { said: thrown.description } });
  }
}

/** A job found under way may have been begun with another limit. 0 is none. */
async function setSpeed(monitor: GuestMonitor, { jobId, bytesPerSecond }: LivePlan, job: BlockJob): Promise<void> {
  if (job.status !== 'moving') return;
  // Refused when the job has gone on meanwhile.
  await monitor.tryExecute('block-job-set-speed', { device: jobId, speed: bytesPerSecond ?? 0 }, /./);
}

/** Brings a job from whatever stage it is at to its end. Throws what it failed with, after dismissing it. */
async function followJob(monitor: GuestMonitor, plan: LivePlan, watch: JobWatch, work: LongWork): Promise<void> {
  const { jobId, volumeId } = plan;
  const receiver = layerNodeNames(volumeId, plan.receiver).format;
  // What comes after the moving is short, and is not given up half-way.
  const toTheEnd = new AbortController().signal;
  const wait = (past: BlockJob['status']) =>
    waitForJob(monitor, jobId, watch, toTheEnd, work.onProgress, ['moving', past]);
  let job = await waitOrCancel(monitor, jobId, watch, work);
  if (job.status === 'ready') {
    // Flushed before the stop: the guest then waits for little.
    await monitor.flushNode(receiver);
    await holdGuest(monitor);
    // "cannot be resumed/completed in this state": a predecessor has asked for the completion already.
    await monitor.tryExecute('job-complete', { id: jobId }, /cannot accept command verb|state/i);
    job = await wait('ready');
  }
  if (job.status === 'pending') {
    await monitor.flushNode(receiver);
    await monitor.execute('job-finalize', { id: jobId }, SHARE_COMMAND_MS);
    job = await wait('pending');
  }
  if (job.error !== null) {
    if (staysToBeRead(plan)) await monitor.execute('job-dismiss', { id: jobId });
    throw wasCancelled(job) && work.signal.aborted ? cancelledError() : jobFailure(job);
  }
  await flushChain(monitor, plan);
  if (isActiveCommit(plan)) {
    await markMerged(monitor, volumeId, plan.left[0] ?? '');
    await releaseHeldGuest(monitor);
  }
  if (staysToBeRead(plan)) await monitor.execute('job-dismiss', { id: jobId });
}

/** See block-jobs.ts. */
function staysToBeRead(plan: LivePlan): boolean {
  return plan.command === 'block-commit';
}

/** The node whose header changed, or which is the active one now, must be on stable storage before anybody unlinks the layer. */
async function flushChain(monitor: GuestMonitor, { volumeId, receiver, repointed }: LivePlan): Promise<void> {
  const graph = await monitor.blockGraph();
  const { format } = layerNodeNames(volumeId, repointed ?? receiver);
  const active = activeNode(graph, volumeId);
  const names = new Set([...(graph.nodes.has(format) ? [format] : []), ...(active === null ? [] : [active.name])]);
  await monitor.flushNodes(...names);
}

/**
 * Sets the mark (autoclear bit 63, the highest bit of byte 88) in the header of a layer that no disk uses any more. Its format node
 * goes first: QEMU lets nobody write below it. A missing protocol node tells that an earlier call has marked it.
 */
async function markMerged(monitor: GuestMonitor, volumeId: string, file: string): Promise<void> {
  const { format, protocol } = layerNodeNames(volumeId, file);
  await closeNodes(monitor, [format]);
  if (!(await monitor.blockOutline()).names.has(protocol)) return;
  const write = `qemu-io ${protocol} "write -q -P 0x80 ${AUTOCLEAR_OFFSET} 1"`;
  await monitor.execute('human-monitor-command', { 'command-line': write }, SHARE_COMMAND_MS);
  await monitor.flushNode(protocol);
  await closeNodes(monitor, [protocol]);
}

/** Nodes that we added are never removed by a job. */
async function closeLeft(monitor: GuestMonitor, { volumeId, left }: LivePlan): Promise<void> {
  const graph = await monitor.blockGraph();
  for (const file of left) {
    if (findNode(graph, volumeId, file) !== null) {
      throw new ServiceError('chain_mismatch', 'The merged layer is still part of the guest’s disk.', {
        context: { volumeId, file },
      });
    }
    const { format, protocol } = layerNodeNames(volumeId, file);
    await closeNodes(
      monitor,
      [format, protocol].filter((name) => graph.nodes.has(name)),
    );
  }
}

function findNode(graph: BlockGraph, volumeId: string, file: string): string | null {
  return chainNodesOf(graph, volumeId).find((node) => layerFile(graph, node) === file)?.name ?? null;
}
