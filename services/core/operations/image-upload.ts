// The bytes of an image, from a client into the one file of the hidden volume that holds them. What is not what the client says it is, or is
// refused by the guards, is not kept.
//
//   (nothing)   =>   volume-V       the bytes as they were sent (padded to whole sectors or clusters), frozen for good
//
// A client that breaks off, or never comes, fails the first step; its undo leaves nothing.
import { volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import type { CommandParams } from '../messages/envelope.js';
import { needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';
import { receivedIn, receiveStep } from './transfer-steps.js';

type Context = StepContext<'image-upload'>;

/** Which disk formats show what they are, in the words of the detection. A raw disk shows nothing, and qcow2 is judged with its header. */
const shownFormats: ReadonlySet<string> = new Set(['vmdk', 'vdi', 'vhd', 'vhdx', 'iso']);

/** Whether bytes of the disk format show that they are. */
export function showsItself(declared: string | null): boolean {
  return declared !== null && shownFormats.has(declared);
}

/** Throws `bad_request` when the bytes do not show what the client says they are. */
export function demandDeclared(declared: string | null, detected: readonly string[]): void {
  if (declared === null || !showsItself(declared) || detected.includes(declared)) return;
  const seen = detected.length === 0 ? 'nothing that is known' : detected.join(', ');
  throw new ServiceError('bad_request', `The data is not of the disk format ${declared}: it shows ${seen}.`);
}

function needReceived(context: Context) {
  const received = receivedIn(context);
  if (received === undefined) throw new ServiceError('internal', 'The image was received without a layer.');
  return received;
}

export const imageUpload = defineOperation({
  type: 'image-upload',
  locks: ({ volumeId }) => [{ resource: `volume:${volumeId}`, mode: 'chain' }],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    receiveStep<'image-upload'>((context) => {
      const { id, access } = needVolume(context);
      const { transferId, ticketSha256, idleSeconds, maxBytes, expectedBytes, format } = context.params;
      return {
        volume: { id, share: access.share },
        ...{ transferId, ticketSha256, idleSeconds, maxBytes, format, file: volumeFileName(id) },
        ...(expectedBytes === undefined ? {} : { expectedBytes }),
      };
    }),
    {
      name: 'write-record',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      do: (context) => {
        const { id, access } = needVolume(context);
        const { layer, detected } = needReceived(context);
        demandDeclared(context.params.declared, detected);
        const chain: CommandParams<'record.write'>['chain'] = [layer];
        return ask('record.write', { volumeId: id, share: access.share, chain });
      },
      undo: (context) => {
        const { id, access } = needVolume(context);
        return ask('record.write', { volumeId: id, share: access.share, chain: null });
      },
    },
  ],
});
