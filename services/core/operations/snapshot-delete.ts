// Makes a snapshot's overlay (top) and the layer below it (base) one, live by block-commit or block-stream, or offline, and removes the file
// that the chain has lost.
//
//   before:             [.. <- base <- top <- child ..]     top is the overlay made for the snapshot
//   after merge, down:  [.. <- base'      <- child ..]      PIVOT: base' holds base and top; child's header names base
//   after merge, up:    [.. <- top'       <- child ..]      PIVOT: top' holds base and top; top's header names what is below base
//   after remove:       the record, then top (down) or base (up) is gone from the share, after no header names it any more
//
// Before anything is changed the files of the share are asked whether one that is not on record stands on either. Which way is decided by what the two
// layers take on the share (chooseDirection), and stored before the merge begins, so that a crash repeats the same way. While it runs, base (down) is no snapshot's state any more, so we only repeat the merge, never go back. A merge
// that a guest cannot finish because it has ended is finished offline (an active commit may have switched it to base and be marked so: then
// nothing is copied any more). One that cannot be done, or is cancelled, leaves the snapshot in `error_deleting`; the volume's own data is whole at every moment.
import {
  chooseDirection,
  lowestChangedBy,
  type MergePlan,
  mayMergeUp,
  planSnapshotDelete,
} from '../domain/chain-merge.js';
import type { CommandOutput } from '../messages/envelope.js';
import {
  filesFrom,
  guestHasEnded,
  guestIsLive,
  inspectGuestStep,
  needPlan,
  needServer,
  needVolume,
  remainsToBeDone,
  SECOND,
  verifyPlanStep,
  writePlanRecordStep,
} from './common-steps.js';
import { ask, type ChainPlan, defineOperation, outputOf, planFor, type StepContext } from './definition.js';
import type { VolumeFacts } from './facts.js';

type Context = StepContext<'snapshot-delete'>;

function mergeOf(volume: VolumeFacts | null, snapshotId: string, direction?: MergePlan['direction']): MergePlan | null {
  if (volume === null) return null;
  const { chain, foreignLayers } = volume;
  return planSnapshotDelete(chain, snapshotId, { foreignLayers, ...(direction === undefined ? {} : { direction }) });
}

type Measured = CommandOutput<'chain.measure'>['layers'];

/**
 * An active layer with a header of version 2 (made by an old Cinder) has no room for the mark that a guest was switched to the layer below. Pulled
 * up instead, its own header says at every moment what has been done.
 */
function mustGoUp(context: Context, merge: MergePlan | null, layers: Measured): boolean {
  if (merge === null || merge.child !== null || !guestIsLive(context)) return false;
  return layers.some(({ file, qcow2Version }) => file === merge.top.file && qcow2Version === 2);
}

/** The chain is as it was when the plan was made: the operation holds its lock. */
function chosenPlan(context: Context): ChainPlan | null {
  const { volume } = context.facts;
  const merge = mergeOf(volume, context.params.snapshotId);
  const layers = outputOf(context, 'measure-chain', 'chain.measure')?.layers ?? [];
  const bytes = (file: string): number | undefined => layers.find((layer) => layer.file === file)?.allocatedBytes;
  const base = bytes(merge?.base.file ?? '');
  const top = bytes(merge?.top.file ?? '');
  if (volume === null || base === undefined || top === undefined) return context.plan;
  const goesUp = chooseDirection({ base, top }) === 'up' || mustGoUp(context, merge, layers);
  const up = goesUp ? mergeOf(volume, context.params.snapshotId, 'up') : null;
  if (up === null || !mayMergeUp(volume.chain, up, volume.baseMustBeRaw, volume.foreignLayers)) return context.plan;
  return { ...planFor(volume, { after: up.result, file: up.removed.file }), direction: 'up' };
}

const wasMergedLive = (context: Pick<Context, 'outputs'>): boolean => !remainsToBeDone(context, 'merge-live');

/** What `layer.commit` and `guest.merge` are told beside where. */
function mergeParams(context: Context) {
  const { before: chain, file, direction } = needPlan(context);
  return { volumeId: needVolume(context).id, chain, file, ...(direction === undefined ? {} : { direction }) };
}

export const snapshotDelete = defineOperation({
  type: 'snapshot-delete',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  cancellable: true,
  needsAlone: ({ snapshotId }, { volume }) => {
    const merge = mergeOf(volume, snapshotId);
    const lowest = volume === null || merge === null ? null : lowestChangedBy(volume.chain, merge);
    return volume === null || lowest === null ? { files: [] } : { files: filesFrom(volume.chain, lowest) };
  },
  plan: ({ snapshotId }, { volume }) => {
    const merge = mergeOf(volume, snapshotId);
    return merge === null || volume === null
      ? null
      : planFor(volume, { after: merge.result, file: merge.removed.file });
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'measure-chain',
      on: 'volume-worker',
      timeoutMs: 120 * SECOND,
      readOnly: true,
      when: ({ plan }) => plan !== null,
      do: (context) => {
        const volume = needVolume(context);
        const { before: chain } = needPlan(context);
        const merge = mergeOf(volume, context.params.snapshotId);
        // Either may change or go. The record has said that nobody shares them; here the files are asked as well.
        const changing = merge === null ? [] : [merge.base.file, merge.top.file];
        return ask('chain.measure', { volumeId: volume.id, share: volume.access.share, chain, changing });
      },
      decides: chosenPlan,
    },
    {
      name: 'merge-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      overtakenBy: guestHasEnded,
      mustBeKnown: true,
      when: (context) => context.plan !== null && guestIsLive(context),
      do: (context) => ask('guest.merge', { serverId: needServer(context).id, ...mergeParams(context) }),
    },
    {
      name: 'merge-offline',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: (context) => context.plan !== null && remainsToBeDone(context, 'merge-live'),
      do: (context) => ask('layer.commit', { share: needVolume(context).access.share, ...mergeParams(context) }),
    },
    // An offline merge reads all headers back itself, as its last act.
    verifyPlanStep((context) => context.plan !== null && wasMergedLive(context)),
    writePlanRecordStep((context) => context.plan !== null && wasMergedLive(context)),
    {
      name: 'remove-layer',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: ({ plan }) => plan !== null,
      // The record first, then the file that it names no more.
      do: (context) => {
        const volume = needVolume(context);
        const { after: chain, foreignAfter: foreignLayers = 0, file: overlayFile } = needPlan(context);
        const spec = { volumeId: volume.id, share: volume.access.share, chain, foreignLayers, overlayFile };
        return ask('overlay.withdraw', spec);
      },
    },
  ],
});
