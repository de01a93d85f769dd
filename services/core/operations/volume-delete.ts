// Removes a volume's record and files. Nothing to undo: a failure leaves `error_deleting`, and deleting may be asked again.
//
//   volume-V(.info)   =>   (nothing)      files go through the share's trash, after no header names them any more
//
// Layers that it shares with the volume that it was copied from are not its own, and stay. One whose layers others share waits for them.
import { volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { demandUnattached, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation } from './definition.js';
import type { VolumeFacts } from './facts.js';

/** Newest first, so that no header names a file that goes before its overlay. */
function filesOf(volume: VolumeFacts): readonly string[] {
  const own = volume.chain.slice(volume.foreignLayers);
  if (own.length > 0) return [...own].reverse().map((layer) => layer.file);
  // Only an existing file that was to be taken over has no size yet. It holds its owner's data and was never ours to remove.
  return volume.sizeGib === 0 ? [] : [volumeFileName(volume.id)];
}

export const volumeDelete = defineOperation({
  type: 'volume-delete',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true }),
  // A clone may have put its internal snapshot into the chain after the deletion was accepted and before it got the lock.
  plan: (_params, { volume }) => {
    demandUnattached(volume);
    if (volume?.hasSnapshots === true) throw new ServiceError('volume_busy', 'The volume still has snapshots.');
    return null;
  },
  steps: [
    {
      name: 'remove-record',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: ({ facts }) => facts.volume !== null,
      do: (context) => {
        const volume = needVolume(context);
        return ask('record.write', { volumeId: volume.id, share: volume.access.share, chain: null });
      },
    },
    {
      name: 'remove-files',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ facts }) => facts.volume !== null && filesOf(facts.volume).length > 0,
      do: (context) => {
        const volume = needVolume(context);
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files: filesOf(volume) });
      },
    },
    {
      // What lies in the share's trash after that is noise. A key that copies still use stays until the last of them is deleted.
      name: 'remove-key',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: ({ facts: { volume } }) => volume?.encryption !== undefined && !volume.encryption.keyIsShared,
      do: (context) => {
        const volume = needVolume(context);
        return ask('key.remove', { volumeId: volume.id, keyId: volume.encryption?.keyId ?? '' });
      },
    },
  ],
});
