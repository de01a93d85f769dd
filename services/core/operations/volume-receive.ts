// A new volume whose data a client sends from a local file, by ticket. A qcow2 becomes the volume's base as it is; it is copied only where the
// type wants another format or allocated files.
//
//   as it is:   (nothing)  =>  volume-V                          grown to the size of the volume where the disk is smaller
//   converted:  (nothing)  =>  upload-T  =>  upload-T, volume-V  =>  volume-V
//
// A client that breaks off, never comes, or sends what the guards refuse fails the first step; nothing is left.
import { type Layer, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { gibToBytes } from '../domain/size.js';
import type { CommandParams } from '../messages/envelope.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, outputOf, type StepContext } from './definition.js';
import { receivedIn, receiveStep } from './transfer-steps.js';

type Context = StepContext<'volume-receive'>;

/** A full qcow2 is larger than its disk: tables, refcounts, clusters that nothing uses any more. */
export function mostBytes(format: 'raw' | 'qcow2', diskBytes: number): number {
  return format === 'raw' ? diskBytes : Math.ceil(diskBytes * 1.25) + 64 * 1024 ** 2;
}

function receivedFile({ params: { convert, transferId, volumeId } }: Pick<Context, 'params'>): string {
  return convert ? `upload-${transferId}` : volumeFileName(volumeId);
}

function needLayer(context: Context): Layer {
  const received = receivedIn(context);
  if (received === undefined) throw new ServiceError('internal', 'The volume was received without a layer.');
  return received.layer;
}

function removeAsk(context: Context, file: string) {
  const { id, access } = needVolume(context);
  return ask('files.remove', { volumeId: id, share: access.share, files: [file] });
}

/** The base of the volume, once all steps are done. */
export function receivedBase(context: Context): Layer {
  const copied = outputOf(context, 'convert-image', 'image.copy')?.layer;
  return copied ?? outputOf(context, 'grow-image', 'image.extend')?.layer ?? needLayer(context);
}

export const volumeReceive = defineOperation({
  type: 'volume-receive',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  cancellable: true,
  settlesBeforeUndone: true,
  steps: [
    receiveStep<'volume-receive'>((context) => {
      const { id, access, sizeGib } = needVolume(context);
      const { transferId, ticketSha256, idleSeconds, format, expectedBytes } = context.params;
      const diskBytes = gibToBytes(sizeGib);
      return {
        volume: { id, share: access.share },
        ...{ transferId, ticketSha256, idleSeconds, format, file: receivedFile(context) },
        ...{ maxBytes: mostBytes(format, diskBytes), maxVirtualSizeBytes: diskBytes, hash: 'sha256' },
        ...(expectedBytes === null ? {} : { expectedBytes }),
      };
    }),
    {
      name: 'convert-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params }) => params.convert,
      do: (context) => {
        const { id, access, format, preallocation, sizeGib } = needVolume(context);
        const { share } = access;
        const target = { share, file: volumeFileName(id), format, sizeBytes: gibToBytes(sizeGib), preallocation };
        return ask('image.copy', { volumeId: id, sourceShare: share, source: [needLayer(context)], target });
      },
      undo: (context) => removeAsk(context, volumeFileName(context.params.volumeId)),
    },
    {
      name: 'remove-upload',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: ({ params }) => params.convert,
      do: (context) => removeAsk(context, receivedFile(context)),
    },
    {
      name: 'grow-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) =>
        !context.params.convert && needLayer(context).virtualSizeBytes < gibToBytes(needVolume(context).sizeGib),
      do: (context) => {
        const { id, access, sizeGib } = needVolume(context);
        const chain: CommandParams<'image.extend'>['chain'] = [needLayer(context)];
        return ask('image.extend', { volumeId: id, share: access.share, chain, newSizeBytes: gibToBytes(sizeGib) });
      },
    },
  ],
});
