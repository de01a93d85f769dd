// Makes the copy of an image that volumes of one pool stand on, in a format that they can stand on. The image's data is only read.
//
//   image's bytes (raw, qcow2, vmdk, ...; this or another pool of the worker)   =>   volume-C (qcow2, independent, frozen from then on)
import { volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { gibToBytes } from '../domain/size.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';

export const imageCacheFill = defineOperation({
  type: 'image-cache-fill',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    { resource: `volume:${source.volumeId}`, mode: 'read' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    {
      name: 'convert-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      do: (context) => {
        const volume = needVolume(context);
        const { source } = context.facts;
        const [layer] = source?.chain ?? [];
        if (source === null || layer === undefined) throw new ServiceError('not_found', 'The image has no data.');
        return ask('image.convert', {
          volumeId: volume.id,
          sourceShare: source.access.share,
          ...(source.backendHost === volume.backendHost ? {} : { sourceBackend: source.backendHost }),
          source: [layer],
          sourceFormat: context.params.sourceFormat,
          ...(context.params.maxSizeGib === undefined ? {} : { maxSizeBytes: gibToBytes(context.params.maxSizeGib) }),
          target: { share: volume.access.share, file: volumeFileName(volume.id), format: 'qcow2' },
        });
      },
      undo: (context) => {
        const volume = needVolume(context);
        const files = [volumeFileName(volume.id)];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
  ],
});
