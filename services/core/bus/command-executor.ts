// Turns one command into one outcome: fence, planned faults, handler, check of the answer. Knows no queue.
// The fence: commands carry growing epochs. A command with a lower epoch than one that was already carried out for the same volume or
// server comes from a past that the conductor has left; it is refused before any effect.
import { asServiceError, ServiceError } from '../domain/errors.js';
import { type Command, commandSchemas } from '../messages/envelope.js';
import { findSchemaViolation } from '../messages/parse-message.js';
import type { FaultPoint } from '../runtime/fault-points.js';
import { KeyedMutex } from '../runtime/keyed-mutex.js';
import type { Logger } from '../runtime/logger.js';
import type { Standstill } from '../runtime/standstill.js';
import { BoundedMap } from './bounded-map.js';
import { commandFacts } from './command-facts.js';
import { type CommandContext, type CommandHandlers, failedOutcome } from './command-handler.js';
import type { CommandRun, RunEnd } from './command-run.js';

export interface ExecutorOptions {
  readonly handlers: CommandHandlers;
  readonly keysOf: (command: Command) => readonly string[];
  readonly faultPoint: FaultPoint;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Left out where nothing else could have taken over. */
  readonly standstill?: Standstill;
}

type AnyHandler = (params: object, context: CommandContext) => Promise<object>;

const REMEMBERED_EPOCHS = 10_000;
const never = new AbortController().signal;

export class CommandExecutor {
  private readonly mutex = new KeyedMutex();
  private readonly epochs = new BoundedMap<string, number>(REMEMBERED_EPOCHS);

  constructor(private readonly options: ExecutorOptions) {}

  /** Waits for earlier commands of the same keys, then executes. Never rejects. */
  async execute(run: CommandRun): Promise<RunEnd> {
    const first = run.command;
    try {
      const keys = this.options.keysOf(first);
      const stood = this.options.standstill?.since() ?? never;
      return await this.mutex.run(keys, () => this.executeNow(run, keys, stood));
    } catch (thrown) {
      this.options.logger.error(
        { err: thrown, operationId: first.operationId, step: first.step },
        'the command cannot be run',
      );
      return failedOutcome(thrown);
    }
  }

  /** Work that no command asked for, in turn with the commands of the same keys. */
  alone<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.mutex.run(keys, work);
  }

  /** `stood` is aborted when the process stood still since it was given the command. */
  private async executeNow(run: CommandRun, keys: readonly string[], stood: AbortSignal): Promise<RunEnd> {
    const { signal, standstill } = this.options;
    if (signal.aborted) return 'handed-back';
    const { command } = run;
    const { operationId, requestId, step, phase, attempt, type } = command;
    const logger = this.options.logger.child({ operationId, requestId, step, phase, attempt, command: type });
    const fence = this.findNewerEpoch(command, keys);
    if (fence !== null) {
      logger.warn({ epoch: command.epoch, seen: fence }, 'refused: a newer command was carried out already');
      return refusal('fenced', 'A newer owner works on this resource.');
    }
    if (run.cancelSignal.aborted) return refusal('cancelled', 'The work was cancelled.');
    const handler = this.options.handlers[type] as unknown as AnyHandler | undefined;
    if (handler === undefined) {
      logger.error('there is no handler for this command');
      return refusal('not_implemented', 'This worker does not know the command.');
    }
    const startedMs = performance.now();
    const facts = commandFacts(command);
    const either = AbortSignal.any([signal, run.cancelSignal, stood]);
    const { onProgress, expectWait } = run;
    const context: CommandContext = { command, logger, signal: either, onProgress, expectWait };
    try {
      const before = await this.options.faultPoint('worker:before-effect', facts);
      standstill?.look();
      if (stood.aborted) return handBack(logger);
      let answer = await handler(command.params, context);
      if (before.duplicate) answer = await handler(command.params, context);
      await this.options.faultPoint('worker:after-effect', facts);
      const end = readAnswer(command, answer);
      logger.info({ ms: Math.round(performance.now() - startedMs), outcome: end.kind }, 'step carried out');
      return end;
    } catch (thrown) {
      if (signal.aborted) {
        logger.info('the step was interrupted and is handed back');
        return 'handed-back';
      }
      if (stood.aborted) return handBack(logger);
      if (run.cancelSignal.aborted && asServiceError(thrown).code === 'cancelled') {
        logger.info({ ms: Math.round(performance.now() - startedMs) }, 'the step was cancelled');
        return failedOutcome(thrown);
      }
      logger.warn({ err: thrown, ms: Math.round(performance.now() - startedMs) }, 'step failed');
      return failedOutcome(thrown);
    }
  }

  /** The higher epoch, or null when the command is the newest, which is then remembered. */
  private findNewerEpoch(command: Command, keys: readonly string[]): number | null {
    const seen = Math.max(0, ...keys.map((key) => this.epochs.get(key) ?? 0));
    if (seen > command.epoch) return seen;
    for (const key of keys) this.epochs.set(key, command.epoch);
    return null;
  }
}

function handBack(logger: Logger): RunEnd {
  logger.warn('the process stood still: the step is handed back');
  return 'handed-back';
}

function refusal(code: 'fenced' | 'not_implemented' | 'cancelled', message: string): RunEnd {
  return { kind: 'failed', error: { code, message }, partial: false };
}

function readAnswer(command: Command, answer: object): Exclude<RunEnd, 'handed-back'> {
  const forward = command.phase === 'undo' && 'forward' in answer ? (answer.forward as object) : null;
  const output = forward ?? answer;
  const violation = findSchemaViolation(commandSchemas[command.type].output, output);
  if (violation !== null)
    throw new ServiceError('internal', 'The worker gave an unreadable answer.', { context: { violation } });
  return { kind: forward === null ? 'done' : 'forward', output };
}
