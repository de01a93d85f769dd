// Makes the copy of an image that volumes of one pool stand on, in a format that they can stand on. The image's data is only read.
//
//   image's bytes (raw, qcow2, vmdk, ...; this or another pool of the worker)   =>   volume-C (qcow2, independent, frozen from then on)
//
// Of an image that an image service keeps:
//
//   raw, qcow2:   (nothing)  =>  volume-C                                    as the bytes came, judged
//   others:       (nothing)  =>  fetched-C  =>  fetched-C, volume-C  =>  volume-C
import { type Layer, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { isLayerFormat } from '../domain/image-formats.js';
import { gibToBytes } from '../domain/size.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, outputOf, type StepContext } from './definition.js';
import { demandDeclared, showsItself } from './image-upload.js';
import { mostBytes } from './volume-receive.js';

type Context = StepContext<'image-cache-fill'>;

/** An earlier fill, for a smaller volume, has made it. */
function isThere({ facts: { volume } }: Context): boolean {
  return volume !== null && volume.chain.length > 0;
}

/** Volumes can stand on the bytes as they come. What is to show its format (an ISO) is looked at before anything is made of it. */
function standsAsFetched({ params: { remote, sourceFormat } }: Pick<Context, 'params'>): boolean {
  return remote !== undefined && isLayerFormat(sourceFormat) && !showsItself(remote.declared);
}

function fetchedFile(context: Pick<Context, 'params'>): string {
  const { volumeId } = context.params;
  return standsAsFetched(context) ? volumeFileName(volumeId) : `fetched-${volumeId}`;
}

/** How the bytes are judged. */
function judgedAs({ params: { sourceFormat } }: Context): 'raw' | 'qcow2' | 'opaque' {
  return isLayerFormat(sourceFormat) ? sourceFormat : 'opaque';
}

/** What volumes stand on, once all steps are done. */
export function cachedLayer(context: Context): Layer {
  const converted = outputOf(context, 'convert-image', 'image.convert')?.layer;
  const layer = converted ?? outputOf(context, 'fetch-image', 'glance.fetch')?.layer;
  if (layer === undefined) throw new ServiceError('internal', 'The image was copied without a layer.');
  return layer;
}

/** Throws `bad_request` when what was fetched does not show the format that it is to have. */
function sourceOf(context: Context) {
  const volume = needVolume(context);
  const fetched = outputOf(context, 'fetch-image', 'glance.fetch');
  if (fetched !== undefined) {
    demandDeclared(context.params.remote?.declared ?? null, fetched.detected);
    return { sourceShare: volume.access.share, source: [fetched.layer] as [Layer] };
  }
  const { source } = context.facts;
  const [layer] = source?.chain ?? [];
  if (source === null || layer === undefined) throw new ServiceError('not_found', 'The image has no data.');
  return {
    sourceShare: source.access.share,
    ...(source.backendHost === volume.backendHost ? {} : { sourceBackend: source.backendHost }),
    source: [layer] as [Layer],
  };
}

function removeAsk(context: Context, file: string) {
  const volume = needVolume(context);
  return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files: [file] });
}

export const imageCacheFill = defineOperation({
  type: 'image-cache-fill',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    ...(source === null ? [] : [{ resource: `volume:${source.volumeId}`, mode: 'read' } as const]),
  ],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    {
      name: 'fetch-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => context.params.remote !== undefined && !isThere(context),
      do: (context) => {
        const volume = needVolume(context);
        const { remote, maxSizeGib } = context.params;
        if (remote === undefined) throw new ServiceError('internal', 'The image is not kept elsewhere.');
        const { imageId, declared, bytes, md5, sha512 } = remote;
        const most = maxSizeGib === undefined ? Number.MAX_SAFE_INTEGER : mostBytes('qcow2', gibToBytes(maxSizeGib));
        return ask('glance.fetch', {
          ...{ volumeId: volume.id, share: volume.access.share, file: fetchedFile(context) },
          ...{ imageId, declared, format: judgedAs(context), maxBytes: bytes ?? most },
          ...(bytes === undefined ? {} : { expectedBytes: bytes }),
          ...(md5 === undefined ? {} : { md5 }),
          ...(sha512 === undefined ? {} : { sha512 }),
        });
      },
      undo: (context) => removeAsk(context, fetchedFile(context)),
    },
    {
      name: 'convert-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => !standsAsFetched(context) && !isThere(context),
      do: (context) => {
        const volume = needVolume(context);
        return ask('image.convert', {
          volumeId: volume.id,
          ...sourceOf(context),
          sourceFormat: context.params.sourceFormat,
          ...(context.params.maxSizeGib === undefined ? {} : { maxSizeBytes: gibToBytes(context.params.maxSizeGib) }),
          target: { share: volume.access.share, file: volumeFileName(volume.id), format: 'qcow2' },
        });
      },
      undo: (context) => removeAsk(context, volumeFileName(context.params.volumeId)),
    },
    {
      name: 'remove-fetched',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => context.params.remote !== undefined && !standsAsFetched(context) && !isThere(context),
      do: (context) => removeAsk(context, fetchedFile(context)),
    },
  ],
});
