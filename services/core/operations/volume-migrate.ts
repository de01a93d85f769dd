// Moves an idle volume without snapshots to another pool of the same worker host, as one flat copy. A retype that needs another pool or
// another format (volumes for several servers are raw) is this operation, with the new type; it may stay in its pool.
//
//   before:              pool A: [.. <- active]
//   after copy-image:    pool A: [.. <- active]      pool B: copy        nobody uses the copy; undo removes it
//   after compare-copy:  every byte of both was read: only then the source may be given up
//   after verify-chain:  pool B: copy                PIVOT: the record names the copy, in one transaction with pool, type and promises
//   after remove-source: nothing of the volume is left in pool A
//
// A volume that stands on another one's layers is independent after the move: the copy holds all that was read, and only the volume's own
// files are removed.
//
// The copy never gets the name of the source: two pools may be the same directory under two names, and a file that lies there from
// long ago must not be taken for the copy. The name is drawn once per operation, and shown as Cinder shows it (`name_id`).
import { activeLayer, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import type { CommandParams } from '../messages/envelope.js';
import { demandUnattached, needPlan, needVolume, SECOND } from './common-steps.js';
import { ask, type ChainPlan, defineOperation, ownLayersBefore, type StepContext } from './definition.js';
import type { OperationFacts, PlacesFacts } from './facts.js';

type Context = StepContext<'volume-migrate'>;

function needPlaces({ places }: OperationFacts): PlacesFacts {
  if (places === null) throw new ServiceError('no_valid_backend', 'A pool of the migration is gone.');
  return places;
}

function shareOf({ facts }: Context, which: keyof PlacesFacts): string {
  return needPlaces(facts)[which].access.share;
}

function copyParams(context: Context) {
  const { from, to } = needPlaces(context.facts);
  const { before, file } = needPlan(context);
  const { format, preallocation } = context.params;
  return {
    volumeId: needVolume(context).id,
    sourceShare: from.access.share,
    ...(from.backendHost === to.backendHost ? {} : { sourceBackend: from.backendHost }),
    source: [...before] as CommandParams<'image.copy'>['source'],
    target: {
      share: to.access.share,
      file,
      format,
      sizeBytes: activeLayer(before).virtualSizeBytes,
      preallocation,
    },
  };
}

export const volumeMigrate = defineOperation({
  type: 'volume-migrate',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  cancellable: true,
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true }),
  // The source is whole until the pivot: a pool that dies under its copy must not keep the volume from its users.
  settlesBeforeUndone: true,
  unlocksBeforeUndone: true,
  plan: ({ nameId, format }, facts) => {
    const { volume } = facts;
    const { from } = needPlaces(facts);
    if (volume === null || volume.access.share !== from.access.share || volume.backendHost !== from.backendHost) {
      throw new ServiceError('volume_busy', 'The volume is not where it was any more.');
    }
    demandUnattached(volume);
    // A snapshot that was let go has no row, but its overlay: the copy would be without it, and the old files are removed.
    const layers = volume.chain.length - volume.foreignLayers;
    if (volume.hasSnapshots || layers > 1) throw new ServiceError('volume_busy', 'The volume has snapshots.');
    const { virtualSizeBytes } = activeLayer(volume.chain);
    const file = volumeFileName(nameId);
    const copy: ChainPlan = {
      before: volume.chain,
      after: [{ file, format, virtualSizeBytes, snapshotId: null }],
      file,
    };
    return volume.foreignLayers === 0 ? copy : { ...copy, foreignBefore: volume.foreignLayers };
  },
  steps: [
    {
      name: 'copy-image',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 60 * SECOND,
      do: (context) => ask('image.copy', copyParams(context)),
      undo: (context) =>
        ask('files.remove', {
          volumeId: context.params.volumeId,
          share: shareOf(context, 'to'),
          files: [needPlan(context).file],
        }),
    },
    {
      name: 'compare-copy',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 60 * SECOND,
      readOnly: true,
      do: (context) => ask('image.compare', copyParams(context)),
    },
    {
      name: 'verify-chain',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 30 * SECOND,
      readOnly: true,
      pivot: true,
      do: (context) =>
        ask('chain.verify', {
          volumeId: needVolume(context).id,
          share: shareOf(context, 'to'),
          chain: needPlan(context).after,
        }),
    },
    {
      name: 'remove-source-record',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 30 * SECOND,
      do: (context) =>
        ask('record.write', { volumeId: needVolume(context).id, share: shareOf(context, 'from'), chain: null }),
    },
    {
      name: 'write-record',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 30 * SECOND,
      do: (context) =>
        ask('record.write', {
          volumeId: needVolume(context).id,
          share: shareOf(context, 'to'),
          chain: needPlan(context).after,
        }),
    },
    {
      name: 'remove-source',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 60 * SECOND,
      do: (context) =>
        ask('files.remove', {
          volumeId: needVolume(context).id,
          share: shareOf(context, 'from'),
          files: [...ownLayersBefore(needPlan(context))].reverse().map((layer) => layer.file),
        }),
    },
  ],
});
