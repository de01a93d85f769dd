// Takes a snapshot back that was let go: its overlay is in the chain, and from now on belongs to the new snapshot. Files stay as they are,
// with their names; the record of the chain changes.
//
//   before:              V <- V.old  (made for `old`, which has no row)
//   after verify-chain:  V <- V.old  (made for the new snapshot)    PIVOT: the record says so
//   after write-record:  .info says so too
import { ServiceError } from '../domain/errors.js';
import { tryRenameSnapshot } from '../domain/unmanaged.js';
import { verifyPlanStep, writePlanRecordStep } from './common-steps.js';
import { defineOperation, planFor } from './definition.js';

export const snapshotManage = defineOperation({
  type: 'snapshot-manage',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  plan: ({ file, oldId, snapshotId }, { volume }) => {
    const after = volume === null ? null : tryRenameSnapshot(volume.chain, file, oldId, snapshotId);
    if (volume === null || after === null) {
      throw new ServiceError('volume_busy', 'The file is no unmanaged snapshot of the volume any more.');
    }
    return planFor(volume, { after, file });
  },
  steps: [verifyPlanStep(), writePlanRecordStep()],
});
