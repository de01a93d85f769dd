// Moves a volume to another pool of the same worker host, with its snapshots, in use by a server of ours or not. A retype that needs another
// pool or another format (volumes for several servers are raw) is this operation, with the new type; it may stay in its pool.
//
//   before:              pool A: [foreign .. <- base <- s1 <- active]
//   after copy-image:    pool A: the same            pool B: base' <- s1' <- active'       nobody uses the copy; undo removes it
//   after compare-copy:  every byte of both was read: only then the source may be given up
//   after verify-chain:  pool B: base' <- s1' <- active'    PIVOT: the record names the copy, in one transaction with pool, type and promises
//   after remove-source: nothing of the volume is left in pool A
//
// In a running guest the layers that nobody writes to are copied and compared so; the active one is mirrored by the hypervisor:
//
//   after prepare-target: pool B: base' <- s1' <- active' (empty)
//   after mirror-live:    guest -> active'           PIVOT: the guest stands on pool B, and its host's record says so; our record follows
//
// The base takes up whatever it stands on of other volumes, so the volume is independent after the move, and only its own files are removed.
// Its snapshots keep their contents: each layer of the copy holds what the layer at its place held.
//
// The copies never get the names of the source: two pools may be the same directory under two names, and a file that lies there from
// long ago must not be taken for the copy. The name is drawn once per operation, and shown as Cinder shows it (`name_id`).
import { activeLayer, type Chain, encryptionOf, type Layer, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import type { CommandParams } from '../messages/envelope.js';
import {
  createKeyStep,
  demandUnattached,
  guestIsLive,
  inspectGuestStep,
  needPlan,
  needServer,
  needVolume,
  SECOND,
} from './common-steps.js';
import { ask, type ChainPlan, defineOperation, ownLayersBefore, type StepContext } from './definition.js';
import type { OperationFacts, PlacesFacts, VolumeFacts } from './facts.js';

type Context = StepContext<'volume-migrate'>;
type WireChain = CommandParams<'chain.copy'>['source'];

function needPlaces({ places }: OperationFacts): PlacesFacts {
  if (places === null) throw new ServiceError('no_valid_backend', 'A pool of the migration is gone.');
  return places;
}

function shareOf({ facts }: Context, which: keyof PlacesFacts): string {
  return needPlaces(facts)[which].access.share;
}

function sourceOf({ facts }: Context) {
  const { from, to } = needPlaces(facts);
  return {
    sourceShare: from.access.share,
    ...(from.backendHost === to.backendHost ? {} : { sourceBackend: from.backendHost }),
  };
}

/** One layer is one file, whatever it stands on. */
function flatCopyParams(context: Context): CommandParams<'image.copy'> {
  const { before, file } = needPlan(context);
  const { format, preallocation } = context.params;
  return {
    volumeId: needVolume(context).id,
    ...sourceOf(context),
    source: [...before] as WireChain,
    target: {
      share: shareOf(context, 'to'),
      file,
      format,
      sizeBytes: activeLayer(before).virtualSizeBytes,
      preallocation,
      ...encryptionOf(activeLayer(needPlan(context).after)),
    },
  };
}

/** How many layers are copied while nobody writes to them: all, or all but the one that a guest writes to. */
function restingLayers(context: Context): number {
  return needPlan(context).after.length - (guestIsLive(context) ? 1 : 0);
}

function layerCopyParams(context: Context): CommandParams<'chain.copy'> {
  const { before, after, foreignBefore = 0 } = needPlan(context);
  const resting = restingLayers(context);
  return {
    volumeId: needVolume(context).id,
    ...sourceOf(context),
    source: before.slice(0, foreignBefore + resting) as WireChain,
    foreignLayers: foreignBefore,
    target: {
      share: shareOf(context, 'to'),
      chain: after.slice(0, resting) as WireChain,
      preallocation: context.params.preallocation,
    },
  };
}

function isFlat(context: Context): boolean {
  return needPlan(context).after.length === 1;
}

function mirrorParams(context: Context): CommandParams<'guest.mirror'> {
  const { before, after, foreignBefore = 0 } = needPlan(context);
  return {
    serverId: needServer(context).id,
    volumeId: needVolume(context).id,
    chain: [...before] as WireChain,
    foreignLayers: foreignBefore,
    target: { access: needPlaces(context.facts).to.access, chain: [...after] as WireChain },
  };
}

/** The layers of the copy: own names, the base in the format that was asked for. */
function copiesOf(own: Chain, nameId: string, format: Layer['format'], key: Pick<Layer, 'keyId'>): Chain {
  return own.map(({ file, virtualSizeBytes, snapshotId }, index) => {
    if (index === 0) return { file: volumeFileName(nameId), format, virtualSizeBytes, snapshotId, ...key };
    const ending = file.includes('.') ? file.slice(file.indexOf('.') + 1) : `layer-${index}`;
    return { file: `${volumeFileName(nameId)}.${ending}`, format: 'qcow2', virtualSizeBytes, snapshotId, ...key };
  });
}

/** Nobody but the one server of ours may have it. */
function demandMovable(volume: VolumeFacts, server: OperationFacts['server']): void {
  if (server === null) demandUnattached(volume);
  else if ((volume.attachmentCount ?? 1) > 1)
    throw new ServiceError('volume_busy', 'The volume is attached more than once.');
}

export const volumeMigrate = defineOperation({
  type: 'volume-migrate',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: true,
  cancellable: true,
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true }),
  // The source is whole until the pivot: a pool that dies under its copy must not keep the volume from its users.
  settlesBeforeUndone: true,
  unlocksBeforeUndone: true,
  plan: ({ nameId, format, newKey }, facts) => {
    const { volume, server } = facts;
    const { from } = needPlaces(facts);
    if (volume === null || volume.access.share !== from.access.share || volume.backendHost !== from.backendHost) {
      throw new ServiceError('volume_busy', 'The volume is not where it was any more.');
    }
    demandMovable(volume, server);
    activeLayer(volume.chain);
    const own = volume.chain.slice(volume.foreignLayers);
    const { encryption } = volume;
    const key = encryptionOf((newKey === undefined ? encryption : newKey) ?? {});
    const after = copiesOf(own, nameId, format, key);
    // Nobody can begin to share it meanwhile: whoever copies the volume waits for its lock.
    const isLeft = newKey !== undefined && encryption !== undefined && !encryption.keyIsShared;
    const keyLeft = isLeft ? { keyLeft: encryption.keyId } : {};
    const copy: ChainPlan = { before: volume.chain, after, file: volumeFileName(nameId), ...keyLeft };
    return volume.foreignLayers === 0 ? copy : { ...copy, foreignBefore: volume.foreignLayers };
  },
  steps: [
    inspectGuestStep(),
    createKeyStep<'volume-migrate'>(
      ({ params }) => params.newKey != null,
      ({ params }) => params.newKey ?? undefined,
      { at: 'to' },
    ),
    {
      name: 'copy-image',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 60 * SECOND,
      when: (context) => restingLayers(context) > 0,
      do: (context) =>
        isFlat(context) ? ask('image.copy', flatCopyParams(context)) : ask('chain.copy', layerCopyParams(context)),
      undo: (context) =>
        ask('files.remove', {
          volumeId: context.params.volumeId,
          share: shareOf(context, 'to'),
          files: [...needPlan(context).after].reverse().map(({ file }) => file),
        }),
    },
    {
      name: 'compare-copy',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 60 * SECOND,
      readOnly: true,
      when: (context) => restingLayers(context) > 0,
      do: (context) =>
        isFlat(context)
          ? ask('image.compare', flatCopyParams(context))
          : ask('chain.compare', layerCopyParams(context)),
    },
    {
      name: 'prepare-target',
      on: 'volume-worker',
      at: 'to',
      timeoutMs: 60 * SECOND,
      when: guestIsLive,
      do: (context) => {
        const { after } = needPlan(context);
        const { id: volumeId } = needVolume(context);
        const share = shareOf(context, 'to');
        const { file, format, virtualSizeBytes: sizeBytes, ...layer } = activeLayer(after);
        const { preallocation } = context.params;
        const target = { share, file, format, sizeBytes, preallocation, ...encryptionOf(layer) };
        if (isFlat(context)) return ask('image.create', { volumeId, target });
        const chain = after.slice(0, -1) as WireChain;
        return ask('overlay.prepare', { volumeId, share, chain, overlayFile: file, sizeBytes });
      },
      undo: (context) =>
        ask('files.remove', {
          volumeId: context.params.volumeId,
          share: shareOf(context, 'to'),
          files: [activeLayer(needPlan(context).after).file],
        }),
    },
    {
      name: 'mirror-live',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      mustBeKnown: true,
      when: guestIsLive,
      do: (context) => ask('guest.mirror', mirrorParams(context)),
      undo: (context) => ask('guest.unmirror', mirrorParams(context)),
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
          chain: needPlan(context).after as WireChain,
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
          chain: needPlan(context).after as WireChain,
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
    {
      name: 'remove-key',
      on: 'volume-worker',
      at: 'from',
      timeoutMs: 30 * SECOND,
      when: ({ plan, facts }) => plan?.keyLeft !== undefined && facts.keyLeftIsNeeded !== true,
      do: (context) => ask('key.remove', { volumeId: needVolume(context).id, keyId: needPlan(context).keyLeft ?? '' }),
    },
  ],
});
