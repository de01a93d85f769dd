// The hypervisor's half of a snapshot whose files somebody else makes (Nova's os-assisted-volume-snapshots).
//
//   create:  caller made the overlay  =>  headers checked  =>  guest switched (PIVOT)  =>  snapshot progress 90 %
//   delete:  guest merges the file into the one below it (PIVOT)  =>  progress 90 %; the caller removes the file
//            (a guest that has ended since it was asked for may have begun: then it is merged offline)
import { appendOverlay } from '../domain/chain.js';
import { lowestChangedBy, type MergePlan, planSnapshotDelete } from '../domain/chain-merge.js';
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
} from './common-steps.js';
import { ask, defineOperation, planFor, type StepContext } from './definition.js';
import type { VolumeFacts } from './facts.js';

function switchParams(context: StepContext<'assisted-snapshot-create'>) {
  const { before: chain, file: overlayFile } = needPlan(context);
  return { serverId: needServer(context).id, disks: [{ volumeId: needVolume(context).id, chain, overlayFile }] };
}

export const assistedSnapshotCreate = defineOperation({
  type: 'assisted-snapshot-create',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'use' }],
  locksAttachedServer: true,
  plan: ({ snapshotId, newFile }, { volume }) =>
    volume === null
      ? null
      : planFor(volume, { after: appendOverlay(volume.chain, newFile, snapshotId), file: newFile }),
  steps: [
    inspectGuestStep(),
    {
      name: 'check-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      readOnly: true,
      do: (context) => {
        const volume = needVolume(context);
        return ask('chain.verify', { volumeId: volume.id, share: volume.access.share, chain: needPlan(context).after });
      },
    },
    {
      name: 'switch-guest',
      on: 'compute-worker',
      timeoutMs: 30 * SECOND,
      pivot: true,
      do: (context) => ask('guest.switch', switchParams(context)),
      undo: (context) => ask('guest.close-overlays', switchParams(context)),
    },
    verifyPlanStep(),
  ],
});

function mergeOf(volume: VolumeFacts | null, file: string): MergePlan | null {
  const snapshotId = volume?.chain.find((layer) => layer.file === file)?.snapshotId ?? null;
  if (volume === null || snapshotId === null) return null;
  return planSnapshotDelete(volume.chain, snapshotId, { foreignLayers: volume.foreignLayers });
}

export const assistedSnapshotDelete = defineOperation({
  type: 'assisted-snapshot-delete',
  cancellable: true,
  needsAlone: ({ fileToMerge }, { volume }) => {
    const merge = mergeOf(volume, fileToMerge);
    return volume === null || merge === null
      ? null
      : { files: filesFrom(volume.chain, lowestChangedBy(volume.chain, merge)) };
  },
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  plan: ({ fileToMerge }, { volume }) => {
    const merge = mergeOf(volume, fileToMerge);
    return merge === null || volume === null ? null : planFor(volume, { after: merge.result, file: fileToMerge });
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'merge-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      overtakenBy: guestHasEnded,
      mustBeKnown: true,
      when: guestIsLive,
      do: (context) => {
        const { before: chain, file } = needPlan(context);
        return ask('guest.merge', { serverId: needServer(context).id, volumeId: needVolume(context).id, chain, file });
      },
    },
    {
      name: 'merge-offline',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: (context) => remainsToBeDone(context, 'merge-live'),
      do: (context) => {
        const { id: volumeId, access } = needVolume(context);
        const { before: chain, file } = needPlan(context);
        return ask('layer.commit', { volumeId, share: access.share, chain, file });
      },
    },
    verifyPlanStep(),
  ],
});
