// The bytes of an image to a client, as they were sent. The file is frozen, and the lock keeps it where it is meanwhile.
//
//   volume-V   =>   volume-V
import { ServiceError } from '../domain/errors.js';
import { needVolume } from './common-steps.js';
import { defineOperation } from './definition.js';
import { sendStep } from './transfer-steps.js';

export const imageDownload = defineOperation({
  type: 'image-download',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'read' }],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    sendStep<'image-download'>((context) => {
      const { id, access, chain } = needVolume(context);
      const [layer] = chain;
      if (layer === undefined) throw new ServiceError('not_found', 'The image has no data.');
      const { transferId, ticketSha256, idleSeconds, lifeSeconds, bytes } = context.params;
      return {
        volume: { id, share: access.share },
        file: layer.file,
        transferId,
        ticketSha256,
        idleSeconds,
        lifeSeconds,
        bytes,
      };
    }),
  ],
});
