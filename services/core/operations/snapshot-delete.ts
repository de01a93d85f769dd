// Merges a snapshot's overlay into the layer below it, live by block-commit or offline, and removes the merged file.
//
//   before:        [.. <- base <- top <- child ..]     top is the overlay made for the snapshot
//   after merge:   [.. <- base'      <- child ..]      PIVOT: base' holds base and top; child's header names base
//   after remove:  top is gone from the share, after no header names it any more
//
// While the merge runs, base is no snapshot's state any more, so after a crash we only repeat the merge, never go back.
// A merge that cannot be done leaves the snapshot in `error_deleting`; the volume's own data is whole at every moment.
import { planSnapshotDelete } from '../domain/chain-merge.js';
import {
  guestIsLive,
  inspectGuestStep,
  needPlan,
  needServer,
  needVolume,
  SECOND,
  verifyPlanStep,
  writePlanRecordStep,
} from './common-steps.js';
import { ask, defineOperation } from './definition.js';

export const snapshotDelete = defineOperation({
  type: 'snapshot-delete',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  plan: ({ snapshotId }, { volume }) => {
    const merge = volume === null ? null : planSnapshotDelete(volume.chain, snapshotId);
    return merge === null || volume === null
      ? null
      : { before: volume.chain, after: merge.result, file: merge.top.file };
  },
  steps: [
    inspectGuestStep(),
    {
      name: 'merge-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: (context) => context.plan !== null && guestIsLive(context),
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
      when: (context) => context.plan !== null && !guestIsLive(context),
      do: (context) => {
        const volume = needVolume(context);
        const { before: chain, file } = needPlan(context);
        return ask('layer.commit', { volumeId: volume.id, share: volume.access.share, chain, file });
      },
    },
    verifyPlanStep(),
    writePlanRecordStep(),
    {
      name: 'remove-layer',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: ({ plan }) => plan !== null,
      do: (context) => {
        const volume = needVolume(context);
        return ask('files.remove', {
          volumeId: volume.id,
          share: volume.access.share,
          files: [needPlan(context).file],
        });
      },
    },
  ],
});
