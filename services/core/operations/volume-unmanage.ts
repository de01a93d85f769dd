// Lets go of an idle volume: its record is removed, its one image file stays on the share under its name, from where it can be taken
// over again.
//
//   volume-V, volume-V.info   =>   volume-V
import { ServiceError } from '../domain/errors.js';
import { demandUnattached, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

function writeRecord(context: StepContext<'volume-unmanage'>, chain: 'none' | 'own') {
  const volume = needVolume(context);
  return ask('record.write', {
    volumeId: volume.id,
    share: volume.access.share,
    chain: chain === 'own' ? volume.chain : null,
  });
}

export const volumeUnmanage = defineOperation({
  type: 'volume-unmanage',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  // Its one file must be the whole of it, and nobody else's.
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true, independent: true }),
  plan: (_params, { volume }) => {
    if (volume === null || volume.hasSnapshots || volume.chain.length !== 1) {
      throw new ServiceError('volume_busy', 'The volume is more than one image file.');
    }
    demandUnattached(volume);
    return null;
  },
  steps: [
    {
      name: 'check-image',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      readOnly: true,
      do: (context) => {
        const volume = needVolume(context);
        return ask('chain.verify', { volumeId: volume.id, share: volume.access.share, chain: volume.chain });
      },
    },
    {
      name: 'remove-record',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => writeRecord(context, 'none'),
      undo: (context) => writeRecord(context, 'own'),
    },
  ],
});
