// Steps of operations that let somebody outside send bytes into a new file, or read a file's bytes, by ticket, at the data server of the
// volume worker. The bytes never pass broker or database; only what was observed of them comes back with the result.
//
//   receive-data:   (nothing)  =>  FILE    durable and judged when the step is done; nothing at all when it failed
//   send-data:      FILE       =>  FILE    read as often as the reader likes until it says that it has all, or nothing moves any more
// An operation that sends holds the `read` lock on what is read, so that nothing merges it away meanwhile.
import type { CommandOutput, CommandParams } from '../messages/envelope.js';
import { SECOND } from './common-steps.js';
import { ask, outputOf, type Step, type StepContext } from './definition.js';
import type { OperationType } from './params.js';

/** What an operation's parameters hold of its transfer. The ticket itself is told to nobody but the party that transfers. */
export interface TransferWish {
  /** A fresh id; it stands in the URL. */
  readonly transferId: string;
  readonly ticketSha256: string;
  readonly idleSeconds: number;
}

/** Whose transfer it is, as its operation was accepted with. */
function ownerOf(params: object): { readonly project?: string } {
  const { project } = params as { readonly project?: string };
  return project === undefined ? {} : { project };
}

export type ReceiveWish = Omit<CommandParams<'transfer.receive'>, 'volumeId' | 'share'> & {
  readonly volume: { readonly id: string; readonly share: string };
};
export type SendWish = Omit<CommandParams<'transfer.send'>, 'volumeId' | 'share'> & {
  readonly volume: { readonly id: string; readonly share: string };
};

export const RECEIVE_STEP = 'receive-data';
export const SEND_STEP = 'send-data';

export function receiveStep<T extends OperationType>(describe: (context: StepContext<T>) => ReceiveWish): Step<T> {
  return {
    name: RECEIVE_STEP,
    on: 'volume-worker',
    timeoutMs: 60 * SECOND,
    do: (context) => {
      const { volume, ...wish } = describe(context);
      return ask('transfer.receive', { volumeId: volume.id, share: volume.share, ...wish, ...ownerOf(context.params) });
    },
    undo: (context) => {
      const { volume, file } = describe(context);
      return ask('files.remove', { volumeId: volume.id, share: volume.share, files: [file] });
    },
  };
}

export function sendStep<T extends OperationType>(describe: (context: StepContext<T>) => SendWish): Step<T> {
  return {
    name: SEND_STEP,
    on: 'volume-worker',
    timeoutMs: 60 * SECOND,
    readOnly: true,
    do: (context) => {
      const { volume, ...wish } = describe(context);
      return ask('transfer.send', { volumeId: volume.id, share: volume.share, ...wish, ...ownerOf(context.params) });
    },
  };
}

/** What was received, once `receive-data` is done. */
export function receivedIn(context: Pick<StepContext, 'outputs'>): CommandOutput<'transfer.receive'> | undefined {
  return outputOf(context, RECEIVE_STEP, 'transfer.receive');
}
