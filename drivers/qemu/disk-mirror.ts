// Moves a running guest's disk from the files of one share to those of another, in the order that survives a crash at any moment:
//
//   target chain opened -> mirror started -> ready (the copy follows every write) -> flush target -> guest held -> complete -> pending
//     -> flush target -> finalize -> concluded -> flush target -> host's record names the target -> guest goes on -> dismiss
//     -> the nodes of the old files closed -> graph read back
//
// Until the host's record names the target, both sets of files hold the same: the guest stands from before the switch on. From then on the
// guest writes to the target alone. So the record says, also when QEMU or the worker has died, whose files are the disk: a server that were
// started from the old ones after that would lose what its guest wrote.
//
// `sync`: `full` where the source's active layer goes into a file of its own with all that is below it, `top` where the layers below have
// copies of their own below the target. A job found at any of these stages is taken up where it stands.
// Source: QEMU qapi/block-core.json (blockdev-mirror: the target keeps the backing chain that it was opened with).
import { activeLayer, type Chain } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { MirrorSpec, MirrorState, ObservedDisk } from '../hypervisor-driver.js';
import type { LongWork } from '../volume-driver.js';
import { activeNode, type BlockGraph, layerFile, parentsOf } from './block-graph.js';
import { type BlockJob, JobWatch, jobFailure, readJob, waitForJob, waitOrCancel, wasCancelled } from './block-jobs.js';
import { requireChain } from './disk-hotplug.js';
import { chainNodes } from './disk-options.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { holdGuest, releaseHeldGuest } from './held-guest.js';
import { jobIdOf, layerNodeNames } from './node-names.js';
import { closeNodes, ensureAnchor, openNodes, type Warn } from './open-nodes.js';
import { QmpCommandError } from './qmp-messages.js';
import { transportOf } from './share-transport.js';

export interface MirrorHost {
  readonly warn: Warn;
  /** Makes the host's record name the target, durable. */
  readonly record: (disk: ObservedDisk) => Promise<void>;
}

/** Short, so that nothing is left to be given up half-way. */
const toTheEnd = (): AbortSignal => new AbortController().signal;

export async function mirrorLive(
  monitor: GuestMonitor,
  spec: MirrorSpec,
  host: MirrorHost,
  work: LongWork,
): Promise<ObservedDisk> {
  const jobId = jobOf(spec);
  const watch = new JobWatch(monitor, jobId);
  try {
    if (!(await isSwitched(monitor, spec))) {
      await ensureMirror(monitor, spec, host.warn);
      await followMirror(monitor, spec, watch, work);
    }
    return await settle(monitor, spec, host);
  } catch (thrown) {
    throw await meaningOf(monitor, spec, thrown);
  } finally {
    watch.stop();
  }
}

/** Ends a mirror that shall not be, whatever it has come to; a guest that was switched stays so. */
export async function endMirror(monitor: GuestMonitor, spec: MirrorSpec, host: MirrorHost): Promise<MirrorState> {
  if (await isSwitched(monitor, spec)) return { switched: await settle(monitor, spec, host) };
  const id = jobOf(spec);
  const watch = new JobWatch(monitor, id);
  try {
    if ((await readJob(monitor, id)) !== null) {
      await monitor.tryExecute('job-cancel', { id }, /./);
      const past = ['moving', 'ready', 'pending'] as const;
      await waitForJob(monitor, id, watch, toTheEnd(), () => undefined, past);
      // Asked for its end and quicker than the cancel.
      if (await isSwitched(monitor, spec)) return { switched: await settle(monitor, spec, host) };
      await monitor.tryExecute('job-dismiss', { id }, /not found|No such/i);
    }
  } finally {
    watch.stop();
  }
  await closeChain(monitor, spec.volumeId, spec.target.chain);
  await releaseHeldGuest(monitor);
  return { switched: null };
}

function jobOf({ volumeId, target }: MirrorSpec): string {
  return jobIdOf('mirror', volumeId, activeLayer(target.chain).file);
}

/** Whether the guest's device stands on the target already. Errors: `not_found` when it has no such disk. */
async function isSwitched(monitor: GuestMonitor, { volumeId, target }: MirrorSpec): Promise<boolean> {
  const graph = await monitor.blockGraph();
  const active = activeNode(graph, volumeId);
  if (active === null) {
    throw new ServiceError('not_found', 'The disk is not attached to the server.', { context: { volumeId } });
  }
  return layerFile(graph, active) === activeLayer(target.chain).file;
}

/** Takes up the job that is there, or begins it. */
async function ensureMirror(monitor: GuestMonitor, spec: MirrorSpec, warn: Warn): Promise<void> {
  const id = jobOf(spec);
  const found = await readJob(monitor, id);
  if (found !== null && found.status !== 'concluded') {
    // It may have been begun with another limit; 0 is none. Refused when it has gone on meanwhile.
    const speed = { device: id, speed: spec.bytesPerSecond ?? 0 };
    if (found.status === 'moving') await monitor.tryExecute('block-job-set-speed', speed, /./);
    return;
  }
  // It failed, or was cancelled, under a worker that did not come to the end of it.
  if (found !== null) await monitor.execute('job-dismiss', { id });
  const graph = await monitor.blockGraph();
  requireChain(graph, spec.volumeId, spec.chain);
  await openTarget(monitor, graph, spec, warn);
  await startJob(monitor, graph, spec);
}

async function openTarget(monitor: GuestMonitor, graph: BlockGraph, spec: MirrorSpec, warn: Warn): Promise<void> {
  const { volumeId, chain, target } = spec;
  const transport = transportOf(target.access);
  await ensureAnchor(monitor, graph, transport, warn);
  // What an earlier attempt left open may be of files that were made anew since.
  await closeChain(monitor, volumeId, target.chain);
  await openNodes(monitor, chainNodes(volumeId, target.chain, transport, false));
  const opened = await monitor.blockGraph();
  const { format } = layerNodeNames(volumeId, activeLayer(target.chain).file);
  if (opened.nodes.get(format)?.virtualSizeBytes === activeLayer(chain).virtualSizeBytes) return;
  await closeChain(monitor, volumeId, target.chain);
  throw new ServiceError('chain_mismatch', 'The copy is not as large as the guest’s disk.', { context: { volumeId } });
}

async function startJob(monitor: GuestMonitor, graph: BlockGraph, spec: MirrorSpec): Promise<void> {
  const { volumeId, target, bytesPerSecond } = spec;
  const mirror = {
    'job-id': jobOf(spec),
    device: activeNode(graph, volumeId)?.name,
    target: layerNodeNames(volumeId, activeLayer(target.chain).file).format,
    sync: target.chain.length === 1 ? 'full' : 'top',
    'auto-finalize': false,
    'auto-dismiss': false,
    ...(bytesPerSecond === undefined ? {} : { speed: bytesPerSecond }),
  };
  try {
    await monitor.execute('blockdev-mirror', mirror, SHARE_COMMAND_MS);
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    await closeChain(monitor, volumeId, target.chain);
    const code = /in use by block job|is busy/i.test(thrown.description) ? 'volume_busy' : 'internal';
    throw new ServiceError(code, 'The hypervisor refused the copy.', { context: { said: thrown.description } });
  }
}

/** Brings the job from whatever stage it is at to its end. Throws what it failed with. */
async function followMirror(monitor: GuestMonitor, spec: MirrorSpec, watch: JobWatch, work: LongWork): Promise<void> {
  const id = jobOf(spec);
  const target = layerNodeNames(spec.volumeId, activeLayer(spec.target.chain).file).format;
  const wait = (past: BlockJob['status']) =>
    waitForJob(monitor, id, watch, toTheEnd(), () => undefined, ['moving', past]);
  let job = await waitOrCancel(monitor, id, watch, work);
  if (job.status === 'ready') {
    // Flushed before the stop: the guest then waits for little.
    await monitor.flushNode(target);
    await holdGuest(monitor);
    // "cannot accept command verb": a predecessor has asked for the completion already.
    await monitor.tryExecute('job-complete', { id }, /cannot accept command verb|state/i);
    job = await wait('ready');
  }
  if (job.status === 'pending') {
    await monitor.flushNode(target);
    await monitor.execute('job-finalize', { id }, SHARE_COMMAND_MS);
    job = await wait('pending');
  }
  if (job.error === null) return;
  await monitor.tryExecute('job-dismiss', { id }, /not found|No such/i);
  throw wasCancelled(job) && work.signal.aborted ? cancelledError() : jobFailure(job);
}

/** The guest's device stands on the target: all that makes it so for everybody else. Safe to repeat. */
async function settle(monitor: GuestMonitor, spec: MirrorSpec, host: MirrorHost): Promise<ObservedDisk> {
  const { volumeId, chain, target } = spec;
  const graph = await monitor.blockGraph();
  const active = activeNode(graph, volumeId);
  if (active !== null) await monitor.flushNode(active.name);
  const disk = { volumeId, layers: requireChain(graph, volumeId, target.chain) };
  await host.record(disk);
  await releaseHeldGuest(monitor);
  await monitor.tryExecute('job-dismiss', { id: jobOf(spec) }, /./);
  await closeChain(monitor, volumeId, chain);
  return { volumeId, layers: requireChain(await monitor.blockGraph(), volumeId, target.chain) };
}

/**
 * What a failure means. Before the switch: what it says, and the guest goes on. After it, or when nobody can tell: that it is not known, so
 * that it is asked again; a guest that stands then stays so, for what it wrote would be in files that no record names.
 */
async function meaningOf(monitor: GuestMonitor, spec: MirrorSpec, thrown: unknown): Promise<unknown> {
  const switched = await isSwitched(monitor, spec).catch(() => null);
  if (switched === false) {
    const job = await readJob(monitor, jobOf(spec)).catch(() => null);
    // One that was asked for its end switches the guest yet.
    if (job === null || job.status === 'concluded' || job.status === 'moving') {
      await releaseHeldGuest(monitor).catch(() => undefined); // the first error is the one to tell
      return thrown;
    }
  }
  if (thrown instanceof ServiceError && ['cancelled', 'not_found', 'backend_offline'].includes(thrown.code))
    return thrown;
  return new ServiceError('hypervisor_offline', 'It is not known whether the guest was switched.', { cause: thrown });
}

/** Closes the nodes of these layers, top down, as far as nothing uses them. */
async function closeChain(monitor: GuestMonitor, volumeId: string, chain: Chain): Promise<void> {
  const graph = await monitor.blockGraph();
  const nodes = [...chain].reverse().flatMap(({ file }) => {
    const { format, protocol } = layerNodeNames(volumeId, file);
    return [format, protocol];
  });
  const ours = new Set(nodes);
  const isIdle = (name: string): boolean => parentsOf(graph, name).every((parent) => ours.has(parent));
  await closeNodes(
    monitor,
    nodes.filter((name) => graph.nodes.has(name) && isIdle(name)),
  );
}
