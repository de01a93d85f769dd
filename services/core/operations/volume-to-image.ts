// Copies a volume into the hidden volume that holds an image's data, in the disk format of the image, and computes what a download of it will
// be. The volume (at rest, or an internal snapshot of one in use) is only read.
//
//   V <- V.S1 (<- V.int)   =>   the same, and volume-H    one independent file in raw, qcow2, vmdk, ...
//
// For an image service the file is sent there, and goes again; an image that got no data is withdrawn:
//
//   claimed, waits for data   =>   volume-H   =>   volume-H, sent   =>   (nothing here)
//
// Of an encrypted volume the image is encrypted with the same key; its plain content is never written anywhere.
import { type Chain, encryptionOf, trySnapshotLayers, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { demandUnattached, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, outputOf, type StepContext } from './definition.js';
import type { VolumeFacts } from './facts.js';

type Context = StepContext<'volume-to-image'>;

function sourceLayers({ facts: { source }, params }: Context): { share: string; backendHost: string; chain: Chain } {
  const { snapshotId } = params.source;
  const chain = source === null || snapshotId === null ? source?.chain : trySnapshotLayers(source.chain, snapshotId);
  if (source === null || chain === null || chain === undefined || chain.length === 0) {
    throw new ServiceError('not_found', 'The volume has no data to copy.');
  }
  return { share: source.access.share, backendHost: source.backendHost, chain };
}

/** Throws `conflict` when what would be copied and what it would become do not agree on a key: then one of the two has changed meanwhile. */
function demandSameKey(source: VolumeFacts | null, image: VolumeFacts | null): void {
  const keys = [source, image].map((volume) => volume?.encryption?.keyId);
  if (source === null || image === null || keys[0] === keys[1]) return;
  throw new ServiceError('conflict', 'The encryption of the volume has changed since its upload was asked for.');
}

function isRemote({ params }: Pick<Context, 'params'>): boolean {
  return params.remote === true;
}

function needLayer(context: Context) {
  const layer = outputOf(context, 'convert-image', 'image.convert')?.layer;
  if (layer === undefined) throw new ServiceError('internal', 'The image was made without a layer.');
  if (layer.keyId === context.facts.volume?.encryption?.keyId) return layer;
  throw new ServiceError('chain_mismatch', 'The image is not encrypted as it should be.');
}

export const volumeToImage = defineOperation({
  type: 'volume-to-image',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    // A snapshot's layers are frozen; the volume itself must stay as it is.
    { resource: `volume:${source.volumeId}`, mode: source.snapshotId === null ? 'chain' : 'read' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  plan: ({ source: { snapshotId } }, { source, volume }) => {
    if (snapshotId === null) demandUnattached(source);
    demandSameKey(source, volume);
    return null;
  },
  steps: [
    {
      // So that whatever fails behind it takes the image away, which nobody else would.
      name: 'claim-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: isRemote,
      do: (context) => ask('glance.claim', { volumeId: needVolume(context).id, imageId: context.params.imageId }),
      undo: (context) => ask('glance.discard', { volumeId: needVolume(context).id, imageId: context.params.imageId }),
      // Without data, for its owner to delete; the volume is not kept from its own for as long as the image service is away.
      mayBeLeft: true,
    },
    {
      name: 'convert-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      do: (context) => {
        const volume = needVolume(context);
        const { share, backendHost, chain } = sourceLayers(context);
        return ask('image.convert', {
          volumeId: volume.id,
          sourceShare: share,
          ...(backendHost === volume.backendHost ? {} : { sourceBackend: backendHost }),
          source: [...chain] as [(typeof chain)[number]],
          target: {
            ...{ share: volume.access.share, file: volumeFileName(volume.id), format: context.params.format },
            ...encryptionOf(volume.encryption ?? {}),
          },
        });
      },
      undo: (context) => {
        const volume = needVolume(context);
        const files = [volumeFileName(volume.id)];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
    {
      name: 'digest-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      readOnly: true,
      do: (context) => {
        const volume = needVolume(context);
        const file = volumeFileName(volume.id);
        return ask('image.digest', { volumeId: volume.id, share: volume.access.share, file });
      },
    },
    {
      name: 'write-record',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: (context) => !isRemote(context),
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('record.write', { volumeId: id, share: access.share, chain: [needLayer(context)] });
      },
      undo: (context) => {
        const { id, access } = needVolume(context);
        return ask('record.write', { volumeId: id, share: access.share, chain: null });
      },
    },
    {
      // What is left behind it is ours alone to tidy up.
      name: 'send-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      pivot: true,
      when: isRemote,
      do: (context) => {
        const { id, access } = needVolume(context);
        const digest = outputOf(context, 'digest-image', 'image.digest');
        if (digest === undefined) throw new ServiceError('internal', 'The image was made without a digest.');
        const { sizeBytes: bytes, md5, sha512 } = digest;
        const { imageId } = context.params;
        return ask('glance.send', {
          ...{ volumeId: id, share: access.share, file: volumeFileName(id), imageId, bytes, md5, sha512 },
        });
      },
    },
    {
      name: 'remove-copy',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: isRemote,
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('files.remove', { volumeId: id, share: access.share, files: [volumeFileName(id)] });
      },
    },
  ],
});
