// Removes the data of an image: as a volume is deleted, after the last volume that stands on its layer has become independent.
//
//   volume-V(.info)   =>   (nothing)
import { defineOperation, type Step } from './definition.js';
import { volumeDelete } from './volume-delete.js';

export const imageDelete = defineOperation({
  type: 'image-delete',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true }),
  // The parameters that the steps look at are the same. The image of an encrypted volume has the volume's key, which goes with the last of both.
  steps: volumeDelete.steps as unknown as readonly Step<'image-delete'>[],
});
