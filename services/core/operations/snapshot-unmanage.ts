// Lets go of a snapshot: its row goes, its data stay. The overlay that was made for it stays in the chain, which needs it, and by which it can
// be taken back. Nothing on the share changes; the headers are read first, so that nobody lets go of what is damaged without knowing.
//
//   V <- V.S   (made for S)   =>   V <- V.S   (made for S, of which there is no row)
import { activeLayer } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { verifyPlanStep } from './common-steps.js';
import { defineOperation, planFor } from './definition.js';

export const snapshotUnmanage = defineOperation({
  type: 'snapshot-unmanage',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  plan: ({ snapshotId }, { volume }) => {
    if (volume === null || !volume.chain.some((layer) => layer.snapshotId === snapshotId)) {
      throw new ServiceError('snapshot_state', 'The snapshot has no image file.');
    }
    return planFor(volume, { after: volume.chain, file: activeLayer(volume.chain).file });
  },
  steps: [verifyPlanStep()],
});
