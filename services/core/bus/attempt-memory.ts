// What a worker knows of the commands that its queue gives it: which it has answered, and which nobody else can have answered.
//
//   worker A   attempt 3 -> "failed for good" |dies before its ack
//   conductor                    the operation has failed, the volume goes on
//   worker B                                    attempt 3, delivered again -> carried out?  no: "ask me again"
//   conductor                                                                  nobody waits for attempt 3: ignored
//
// A *life* of a worker begins when its process gets hold of its queue and ends when it may have lost it: with the channel, with a standstill, with the
// process. In one life nobody else is given the queue's commands. So a command that was asked in this life, and that is not among the answered, is
// new. Which ones were asked in this life only the conductor can tell: the first command of a life is answered "ask me again", with the life's
// name; what is asked for that answer carries the name, and every command with a higher epoch was asked later still.
import { randomUUID } from 'node:crypto';
import type { Command, FailedOutcome, StepOutcome } from '../messages/envelope.js';
import { BoundedMap } from './bounded-map.js';

/** What to answer instead of carrying the command out. */
export type Known =
  /** Answered in this process, so its result is sent again. */
  | { readonly kind: 'answered'; readonly outcome: StepOutcome }
  /** It may have been answered by a worker of which this one knows nothing. */
  | { readonly kind: 'ask-again'; readonly outcome: FailedOutcome };

interface Answer {
  readonly outcome: StepOutcome;
  readonly epoch: number;
}

const REMEMBERED_RESULTS = 1000;

export class AttemptMemory {
  private readonly answered: BoundedMap<string, Answer>;
  private life = '';
  /** Epochs from here on were asked in this life; null: not heard yet. */
  private since: number | null = null;
  /** The highest epoch of which the answer is not remembered any more. */
  private forgotten = 0;

  constructor(remembered = REMEMBERED_RESULTS) {
    this.answered = new BoundedMap(remembered, (_key, { epoch }) => {
      this.forgotten = Math.max(this.forgotten, epoch);
    });
    this.beginLife();
  }

  /** The queue may have been somebody else's until now. What was answered before stays answered. */
  beginLife(): void {
    this.life = randomUUID();
    this.since = null;
  }

  /** null: to be carried out. */
  look(command: Command): Known | null {
    const known = this.answered.get(attemptKey(command));
    if (known !== undefined) return { kind: 'answered', outcome: known.outcome };
    // A conductor of the release before does not know of lives.
    if (command.life === undefined) return null;
    if (command.life === this.life) this.since = Math.min(this.since ?? command.epoch, command.epoch);
    // Whoever wanted to be asked has not lived to answer.
    const hasDied = command.life !== null && command.life !== this.life;
    const isOfThisLife = this.since !== null && command.epoch >= this.since;
    if (isOfThisLife && command.epoch > this.forgotten) return null;
    return { kind: 'ask-again', outcome: askAgain(this.life, hasDied) };
  }

  remember(command: Command, outcome: StepOutcome): void {
    this.answered.set(attemptKey(command), { outcome, epoch: command.epoch });
  }
}

/** Nothing was done. The code is one that a conductor of the release before tries again. */
function askAgain(life: string, askedBefore: boolean): FailedOutcome {
  const message = 'The worker does not know whether this was answered before it began.';
  return {
    kind: 'failed',
    error: { code: 'fenced', message },
    partial: false,
    askAgain: life,
    ...(askedBefore ? { askedBefore } : {}),
  };
}

export const stepKey = (command: Command): string => `${command.operationId} ${command.step} ${command.phase}`;
const attemptKey = (command: Command): string => `${stepKey(command)} ${command.attempt}`;
