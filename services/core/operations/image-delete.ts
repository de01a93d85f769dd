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
  // The parameters that the steps look at are the same. An image is kept as it was sent, so its layer has no key.
  steps: volumeDelete.steps.filter(({ name }) => name !== 'remove-key') as unknown as readonly Step<'image-delete'>[],
});
