// Gives a volume at rest the content of an image. The old content is there until the new one is complete and on record.
//
//   before:               [old layers]
//   after new-content:    [old layers]    fresh       an overlay on the image's layers, or a full copy; undo removes it
//   after verify-chain:   [image's <- fresh]          PIVOT: the record names it; the old content is given up
//   after remove-old:     the old files are gone, after no header names them
import { activeLayer, type Chain, encryptionOf } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { beginCopy } from '../domain/shared-layers.js';
import { gibToBytes } from '../domain/size.js';
import { demandUnattached, needPlan, needVolume, SECOND, verifyPlanStep, writePlanRecordStep } from './common-steps.js';
import { ask, type ChainPlan, defineOperation, ownLayersBefore, type StepContext } from './definition.js';
import type { VolumeFacts } from './facts.js';

type Context = StepContext<'volume-reimage'>;

function standsOnImage(plan: ChainPlan): boolean {
  return (plan.foreignAfter ?? 0) > 0;
}

function removeNew(context: Context) {
  const volume = needVolume(context);
  const files = [needPlan(context).file];
  return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
}

function newChain(
  { newFile, instant }: Context['params'],
  volume: VolumeFacts,
  source: VolumeFacts,
): { readonly chain: Chain; readonly foreignLayers: number } {
  const sizeBytes = gibToBytes(volume.sizeGib);
  if (activeLayer(source.chain).virtualSizeBytes > sizeBytes) {
    throw new ServiceError('image_too_large', 'The disk in the image is larger than the volume.');
  }
  const isNear = source.access.share === volume.access.share && source.backendHost === volume.backendHost;
  if (
    instant !== undefined &&
    isNear &&
    volume.encryption === undefined &&
    source.chain.length + 1 <= instant.maxLayers &&
    !volume.baseMustBeRaw
  ) {
    return beginCopy(source.chain, newFile, sizeBytes);
  }
  const format = volume.baseMustBeRaw ? 'raw' : volume.format;
  const layer = {
    file: newFile,
    format,
    virtualSizeBytes: sizeBytes,
    snapshotId: null,
    ...encryptionOf(volume.encryption ?? {}),
  };
  return { chain: [layer], foreignLayers: 0 };
}

export const volumeReimage = defineOperation({
  type: 'volume-reimage',
  locks: ({ volumeId, source }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    { resource: `volume:${source.volumeId}`, mode: 'read' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  needsAlone: () => ({ files: 'all', noInternalSnapshots: true }),
  plan: (params, { volume, source }) => {
    if (volume === null || source === null || source.chain.length === 0) {
      throw new ServiceError('not_found', 'The image has no data.');
    }
    if (volume.hasSnapshots) throw new ServiceError('volume_busy', 'The volume has snapshots.');
    if (!params.reserved) demandUnattached(volume);
    const { chain: after, foreignLayers } = newChain(params, volume, source);
    return {
      before: volume.chain,
      after,
      file: params.newFile,
      foreignBefore: volume.foreignLayers,
      foreignAfter: foreignLayers,
    };
  },
  steps: [
    {
      name: 'prepare-overlay',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: ({ plan }) => plan !== null && standsOnImage(plan),
      do: (context) => {
        const volume = needVolume(context);
        const { after, file: overlayFile } = needPlan(context);
        const chain = after.slice(0, -1) as [(typeof after)[number]];
        const { virtualSizeBytes: sizeBytes } = activeLayer(after);
        const { share } = volume.access;
        return ask('overlay.prepare', { volumeId: volume.id, share, chain, overlayFile, sizeBytes });
      },
      undo: removeNew,
    },
    {
      name: 'copy-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ plan }) => plan !== null && !standsOnImage(plan),
      do: (context) => {
        const volume = needVolume(context);
        const { source } = context.facts;
        if (source === null) throw new ServiceError('not_found', 'The image has no data.');
        const layer = activeLayer(needPlan(context).after);
        const { format, virtualSizeBytes: sizeBytes, file } = layer;
        return ask('image.copy', {
          volumeId: volume.id,
          sourceShare: source.access.share,
          ...(source.backendHost === volume.backendHost ? {} : { sourceBackend: source.backendHost }),
          source: [...source.chain] as [(typeof source.chain)[number]],
          target: {
            share: volume.access.share,
            ...{ file, format, sizeBytes, ...encryptionOf(layer) },
            preallocation: volume.preallocation,
          },
        });
      },
      undo: removeNew,
    },
    verifyPlanStep(),
    writePlanRecordStep(),
    {
      name: 'remove-old',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ plan }) => plan !== null && ownLayersBefore(plan).length > 0,
      do: (context) => {
        const volume = needVolume(context);
        const files = ownLayersBefore(needPlan(context)).map(({ file }) => file);
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
  ],
});
