// A blank volume, or one with the data of a snapshot (a full copy, with progress).
//
//   blank:          (nothing)            =>  volume-V
//   from snapshot:  S's frozen layers    =>  volume-V      (independent copy; the source chain is only read)
import { volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { gibToBytes } from '../domain/size.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

type Context = StepContext<'volume-create'>;

function target(context: Context) {
  const volume = needVolume(context);
  return {
    share: volume.access.share,
    file: volumeFileName(volume.id),
    format: volume.format,
    sizeBytes: gibToBytes(volume.sizeGib),
    preallocation: volume.preallocation,
  };
}

function removeTarget(context: Context) {
  const volume = needVolume(context);
  return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files: [volumeFileName(volume.id)] });
}

export const volumeCreate = defineOperation({
  type: 'volume-create',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    ...(source === null ? [] : [{ resource: `volume:${source.volumeId}` as const, mode: 'read' as const }]),
  ],
  locksAttachedServer: false,
  settlesBeforeUndone: true,
  steps: [
    {
      name: 'create-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params }) => params.source === null,
      do: (context) => ask('image.create', { volumeId: needVolume(context).id, target: target(context) }),
      undo: removeTarget,
    },
    {
      name: 'copy-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params }) => params.source !== null,
      do: (context) => {
        const { source } = context.facts;
        const snapshotId = context.params.source?.snapshotId;
        const end = source?.chain.findIndex((layer) => layer.snapshotId === snapshotId) ?? -1;
        if (source === null || end <= 0) throw new ServiceError('not_found', 'The snapshot has no data to copy.');
        return ask('image.copy', {
          volumeId: needVolume(context).id,
          sourceShare: source.access.share,
          source: source.chain.slice(0, end),
          target: target(context),
        });
      },
      undo: removeTarget,
    },
  ],
});
