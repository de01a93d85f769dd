// What a snapshot has kept, to a client as one file, by ticket. Its layers are frozen, so a guest may go on writing above them; a volume itself
// is downloaded by way of an internal snapshot. One plain file of the wanted format goes out as it lies there; else a copy is made first.
//
//   one file:   V <- V.S                        =>  the same
//   a chain:    V <- V.S1 <- V.S2, download-T   =>  V <- V.S1 <- V.S2      the copy lives while it is read
import { type Chain, trySnapshotLayers } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import type { CommandParams } from '../messages/envelope.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';
import { sendStep } from './transfer-steps.js';

type Context = StepContext<'volume-send'>;

function copyFile({ params: { transferId } }: Context): string {
  return `download-${transferId}`;
}

function needLayers(context: Context): Chain {
  const layers = trySnapshotLayers(needVolume(context).chain, context.params.snapshotId);
  if (layers === null || layers.length === 0) throw new ServiceError('not_found', 'There is no data to read.');
  return layers;
}

/** The one file that goes out as it is; null when a copy has to be made. */
function plainFile(context: Context): string | null {
  const [only, ...more] = needLayers(context);
  return only === undefined || more.length > 0 || only.format !== context.params.format ? null : only.file;
}

function removeCopy(context: Context) {
  const { id, access } = needVolume(context);
  return ask('files.remove', { volumeId: id, share: access.share, files: [copyFile(context)] });
}

export const volumeSend = defineOperation({
  type: 'volume-send',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'read' }],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    {
      name: 'copy-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => plainFile(context) === null,
      do: (context) => {
        const { id, access } = needVolume(context);
        const { share } = access;
        const layers = needLayers(context);
        const sizeBytes = layers.at(-1)?.virtualSizeBytes ?? 0;
        const target = {
          share,
          file: copyFile(context),
          format: context.params.format,
          sizeBytes,
          preallocation: 'off' as const,
        };
        const source = [...layers] as CommandParams<'image.copy'>['source'];
        return ask('image.copy', { volumeId: id, sourceShare: share, source, target });
      },
      undo: removeCopy,
    },
    sendStep<'volume-send'>((context) => {
      const { id, access } = needVolume(context);
      const { transferId, ticketSha256, idleSeconds, lifeSeconds } = context.params;
      return {
        volume: { id, share: access.share },
        ...{ transferId, ticketSha256, idleSeconds, lifeSeconds },
        file: plainFile(context) ?? copyFile(context),
      };
    }),
    {
      name: 'remove-copy',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => plainFile(context) === null,
      do: removeCopy,
    },
  ],
});
