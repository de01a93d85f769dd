// Takes an existing image file on a share as a volume, by renaming it.
//
//   some-file   =>  volume-V       (same inode; refused when it is a link, names other files, or is not what was declared)
import { volumeFileName } from '../domain/chain.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';

export const volumeManage = defineOperation({
  type: 'volume-manage',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  steps: [
    {
      name: 'manage-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      do: (context) => {
        const volume = needVolume(context);
        return ask('image.manage', {
          volumeId: volume.id,
          share: volume.access.share,
          sourceFile: context.params.sourceFile,
          targetFile: volumeFileName(volume.id),
          format: volume.format,
        });
      },
    },
  ],
});
