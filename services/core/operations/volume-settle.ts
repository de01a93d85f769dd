// Makes the files of an idle volume that came from elsewhere fit to be opened by guests: their lengths are rounded up to whole clusters, because
// libgfapi cannot open a file whose length is no multiple of 512 bytes (gluster issue 3317), which is what other tools leave behind.
//
//   volume-V, volume-V.S  =>  the same files, each some bytes longer; nothing that a guest reads changes
import { demandUnattached, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';

export const volumeSettle = defineOperation({
  type: 'volume-settle',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  plan: (_params, { volume }) => {
    demandUnattached(volume);
    return null;
  },
  steps: [
    {
      name: 'settle-files',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => {
        const volume = needVolume(context);
        const own = volume.chain.slice(volume.foreignLayers).filter(({ format }) => format === 'qcow2');
        return ask('files.settle', {
          volumeId: volume.id,
          share: volume.access.share,
          files: own.map(({ file }) => file),
        });
      },
    },
  ],
});
