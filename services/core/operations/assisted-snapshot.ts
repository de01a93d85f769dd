// The hypervisor's half of a snapshot whose files somebody else makes (Nova's os-assisted-volume-snapshots).
//
//   create:  caller made the overlay  =>  headers checked  =>  guest switched (PIVOT)  =>  snapshot progress 90 %
//   delete:  guest merges the file into the one below it (PIVOT)  =>  progress 90 %; the caller removes the file
import { appendOverlay } from '../domain/chain.js';
import { planSnapshotDelete } from '../domain/chain-merge.js';
import { inspectGuestStep, needPlan, needServer, needVolume, SECOND, verifyPlanStep } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

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
      : { before: volume.chain, after: appendOverlay(volume.chain, newFile, snapshotId), file: newFile },
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

export const assistedSnapshotDelete = defineOperation({
  type: 'assisted-snapshot-delete',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  plan: ({ fileToMerge }, { volume }) => {
    const snapshotId = volume?.chain.find((layer) => layer.file === fileToMerge)?.snapshotId ?? null;
    const merge = volume === null || snapshotId === null ? null : planSnapshotDelete(volume.chain, snapshotId);
    return merge === null || volume === null ? null : { before: volume.chain, after: merge.result, file: fileToMerge };
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'merge-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      do: (context) => {
        const { before: chain, file } = needPlan(context);
        return ask('guest.merge', { serverId: needServer(context).id, volumeId: needVolume(context).id, chain, file });
      },
    },
    verifyPlanStep(),
  ],
});
