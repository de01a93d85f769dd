// Sends results until the broker has confirmed them. While the broker is away they are kept in memory, up to a bound; one that does not
// fit any more is dropped with an error in the log, and the conductor asks its step again when it has been silent too long.
import {
  type Command,
  isAskAgain,
  type Result,
  resultOf,
  routingKeys,
  type StepOutcome,
} from '../messages/envelope.js';
import { pause, systemClock } from '../runtime/clock.js';
import { type FaultPoint, inertFaultPoint } from '../runtime/fault-points.js';
import type { Logger } from '../runtime/logger.js';
import { commandFacts } from './command-facts.js';

/** The part of Publisher that is used. */
export interface MessagePublisher {
  publish(routingKey: string, message: object, options?: { persistent?: boolean; timeoutMs?: number }): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const PROGRESS_LIMIT_MS = 5000;

export class ResultSender {
  private waiting = 0;
  private readonly ending = new AbortController();

  constructor(
    private readonly publisher: MessagePublisher,
    private readonly workerName: string,
    private readonly logger: Logger,
    private readonly faultPoint: FaultPoint,
    private readonly maxWaiting = 1000,
  ) {}

  /** Resolves true when the broker has the result, false when it was given up. Never rejects. */
  async send(command: Command, outcome: StepOutcome): Promise<boolean> {
    if (this.waiting >= this.maxWaiting) {
      this.logger.error(commandFacts(command), 'a result was dropped: too many wait for the broker');
      return false;
    }
    this.waiting += 1;
    try {
      return await this.sendUntilConfirmed(command, resultOf(command, this.workerName, outcome));
    } finally {
      this.waiting -= 1;
    }
  }

  /** Tries once; progress that is lost is followed by the next. Never rejects. */
  async sendProgress(command: Command, percent: number): Promise<void> {
    const result = resultOf(command, this.workerName, { kind: 'progress', percent });
    try {
      await this.publisher.publish(routingKeys.results, result, { timeoutMs: PROGRESS_LIMIT_MS });
    } catch (error) {
      this.logger.debug({ err: error, operationId: result.operationId }, 'progress was not sent');
    }
  }

  /** Gives up what still waits. */
  stop(): void {
    this.ending.abort();
  }

  private async sendUntilConfirmed(command: Command, result: Result): Promise<boolean> {
    const { outcome } = result;
    const facts = { ...commandFacts(command), outcome: outcome.kind };
    // Plans are about what was carried out.
    const faultPoint = isAskAgain(outcome) ? inertFaultPoint : this.faultPoint;
    let copies = 1;
    for (let tries = 0; !this.ending.signal.aborted; tries += 1) {
      try {
        if (tries === 0 && (await faultPoint('worker:before-result', facts)).duplicate) copies = 2;
        for (; copies > 0; copies -= 1) await this.publisher.publish(routingKeys.results, result);
        await faultPoint('worker:after-result', facts);
        return true;
      } catch (error) {
        if (tries === 0) this.logger.warn({ err: error, ...facts }, 'a result waits for the broker');
        await pause(systemClock, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries), this.ending.signal);
      }
    }
    return false;
  }
}
