// What a worker gives to its loop: one handler per command type. A handler is idempotent: done already is success, and it may be asked
// again at any moment, also after having done half of its work in an earlier life of the process.
import { asServiceError } from '../domain/errors.js';
import type {
  Command,
  CommandOutput,
  CommandParams,
  CommandType,
  StepOutcome,
  WireError,
} from '../messages/envelope.js';
import type { Logger } from '../runtime/logger.js';

export interface CommandContext<T extends CommandType = CommandType> {
  readonly command: Command<T>;
  /** Carries the operation's and the request's id. */
  readonly logger: Logger;
  /**
   * Aborted when the worker ends (reason `handOver`): stop soon and throw; the command is then handed back, not failed. Also aborted when
   * the operation does not want the step any more: stop and throw `cancelled`, with nothing half-made that a repeat could not go on from.
   */
  readonly signal: AbortSignal;
  /** 0 to 100. Cheap: what comes too fast is thinned out. */
  readonly onProgress: (percent: number) => void;
  /** To be called by work that waits its turn, which may be long. */
  readonly expectWait: () => void;
}

/** The answer to the undo of a pivot when the world has already gone forward. */
export interface ForwardAnswer<T extends CommandType> {
  readonly forward: CommandOutput<T>;
}

/**
 * Resolves with what was observed. A ServiceError fails the step with its code and public message; with `partial: false` in its
 * context it says that nothing was changed. Any other error is `internal`.
 */
export type CommandHandler<T extends CommandType> = (
  params: CommandParams<T>,
  context: CommandContext<T>,
) => Promise<CommandOutput<T> | ForwardAnswer<T>>;

export type CommandHandlers = { readonly [T in CommandType]?: CommandHandler<T> };

const MAX_DETAIL = 4000;

/** A handler's failure as it goes over the wire. */
export function failedOutcome(thrown: unknown): StepOutcome & { kind: 'failed' } {
  const error = asServiceError(thrown);
  const detail = describeForLog(error.context, error.cause);
  const wire: WireError = { code: error.code, message: error.message, ...(detail === '' ? {} : { detail }) };
  return { kind: 'failed', error: wire, partial: error.context['partial'] !== false };
}

function describeForLog(context: Readonly<Record<string, unknown>>, cause: unknown): string {
  const facts = Object.keys(context).length === 0 ? '' : safeJson(context);
  const why = cause instanceof Error ? (cause.stack ?? cause.message) : cause === undefined ? '' : String(cause);
  return [facts, why]
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, MAX_DETAIL);
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[context cannot be shown]';
  }
}
