// Takes an idle volume back to its newest snapshot: what was written since lies in the active overlay alone, so an empty overlay takes
// its place.
//
//   before:                 [.. <- frozen <- overlay]
//   after prepare-overlay:  [.. <- frozen <- overlay]  fresh    nobody uses the fresh overlay yet; undo removes it
//   after verify-chain:     [.. <- frozen <- fresh]             PIVOT: the record names it; what was written since is given up
//   after remove-overlay:   the old overlay is gone, after no header names it
import { activeLayer, replaceActive } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { lowestChangedByRevert } from '../domain/shared-layers.js';
import {
  demandUnattached,
  filesFrom,
  needPlan,
  needVolume,
  SECOND,
  verifyPlanStep,
  writePlanRecordStep,
} from './common-steps.js';
import { ask, defineOperation, planFor } from './definition.js';

export const volumeRevert = defineOperation({
  type: 'volume-revert',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  // An overlay that was put in for a clone lies above the snapshot's, and goes with the last volume that shares what is below it.
  needsAlone: ({ snapshotId }, { volume }) =>
    volume === null
      ? null
      : { files: filesFrom(volume.chain, lowestChangedByRevert(volume.chain, snapshotId)), noInternalSnapshots: true },
  plan: ({ snapshotId, newFile }, { volume }) => {
    if (volume === null || volume.chain.length < 2 || activeLayer(volume.chain).snapshotId !== snapshotId) {
      throw new ServiceError('volume_busy', 'The snapshot is not the latest one of the volume any more.');
    }
    demandUnattached(volume);
    return planFor(volume, { after: replaceActive(volume.chain, newFile), file: newFile });
  },
  steps: [
    {
      name: 'prepare-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => {
        const volume = needVolume(context);
        const { before, file: overlayFile } = needPlan(context);
        const chain = before.slice(0, -1);
        return ask('overlay.prepare', { volumeId: volume.id, share: volume.access.share, chain, overlayFile });
      },
      undo: (context) => {
        const volume = needVolume(context);
        const files = [needPlan(context).file];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
    verifyPlanStep(),
    writePlanRecordStep(),
    {
      name: 'remove-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => {
        const volume = needVolume(context);
        const files = [activeLayer(needPlan(context).before).file];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
  ],
});
