// A blank volume, or one with the data of a snapshot or an image: at once, standing on the source's layers, or as a full copy (with progress).
//
//   blank:            (nothing)          =>  volume-V
//   instant copy:     [.. <- frozen]     =>  [.. <- frozen <- volume-V]   an empty overlay; the source's chain only gets one more reader
//   full copy:        S's frozen layers  =>  volume-V                    independent; the source chain is only read
//
// Which one is decided when the operation has its locks: instant when the request allowed it, both are on one share, and the chain would
// not be too deep. The pointer to the source's layer is stored with that decision, before the overlay is made.
import { activeLayer, type Chain, encryptionOf, trySnapshotLayers, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { beginCopy } from '../domain/shared-layers.js';
import { gibToBytes } from '../domain/size.js';
import { appendOverlayStep, createKeyStep, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';
import { mayShareLayers } from './facts.js';

type Context = StepContext<'volume-create'>;

function target(context: Context) {
  const volume = needVolume(context);
  return {
    share: volume.access.share,
    file: volumeFileName(volume.id),
    format: volume.format,
    sizeBytes: gibToBytes(volume.sizeGib),
    preallocation: volume.preallocation,
    ...encryptionOf(volume.encryption ?? {}),
  };
}

/** The frozen layers to copy or to stand on; null when there are none. An image's data is frozen as a whole. */
function frozenLayers(chain: Chain, snapshotId: string | null): Chain | null {
  if (snapshotId !== null) return trySnapshotLayers(chain, snapshotId);
  return chain.length === 0 ? null : chain;
}

/** How large the disk in an image is may be known only now, when its bytes have been read. */
function demandRoomForImage(snapshotId: string | null, chain: Chain, sizeBytes: number): void {
  if (snapshotId !== null || chain.length === 0 || activeLayer(chain).virtualSizeBytes <= sizeBytes) return;
  throw new ServiceError('image_too_large', 'The disk in the image is larger than the volume.');
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
  cancellable: true,
  settlesBeforeUndone: true,
  plan: ({ source, instant }, { volume, source: from }) => {
    if (source === null || volume === null || from === null) return null;
    demandRoomForImage(source.snapshotId, from.chain, gibToBytes(volume.sizeGib));
    if (instant === undefined) return null;
    if (from.access.share !== volume.access.share || from.backendHost !== volume.backendHost) return null;
    const below = frozenLayers(from.chain, source.snapshotId);
    if (below === null || below.length + 1 > instant.maxLayers || !mayShareLayers(volume, from)) return null;
    const file = volumeFileName(volume.id);
    const { chain: after, foreignLayers } = beginCopy(below, file, gibToBytes(volume.sizeGib));
    return { before: below, after, file, foreignBefore: foreignLayers, foreignAfter: foreignLayers };
  },
  steps: [
    createKeyStep(
      ({ plan, facts }) => plan === null && facts.volume?.encryption !== undefined,
      (context) => needVolume(context).encryption,
    ),
    {
      name: 'create-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params }) => params.source === null,
      do: (context) => ask('image.create', { volumeId: needVolume(context).id, target: target(context) }),
      undo: removeTarget,
    },
    appendOverlayStep(({ plan }) => plan !== null),
    {
      name: 'copy-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params, plan }) => params.source !== null && plan === null,
      do: (context) => {
        const { source } = context.facts;
        const volume = needVolume(context);
        const frozen = source === null ? null : frozenLayers(source.chain, context.params.source?.snapshotId ?? null);
        if (source === null || frozen === null) throw new ServiceError('not_found', 'The source has no data to copy.');
        return ask('image.copy', {
          volumeId: volume.id,
          sourceShare: source.access.share,
          ...(source.backendHost === volume.backendHost ? {} : { sourceBackend: source.backendHost }),
          source: [...frozen],
          target: target(context),
        });
      },
      undo: removeTarget,
    },
  ],
});
