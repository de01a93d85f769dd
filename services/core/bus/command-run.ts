// One execution of one step, for every delivery that asks for it. While it runs, the same step may be asked again (delivered twice, or
// with a higher attempt after a silence): those join and get the same outcome; nothing is started twice and nothing is aborted.
//
// A cancel aborts it, whether it runs or still waits for its turn; it then ends with the failure `cancelled`, or with what it had done.
//
//   asked -> (waits for its keys) -> fence -> effect -> outcome
//      \__ after ten seconds: deliveries are acknowledged, because a broker closes the channel of a delivery held too long (30 minutes),
//          and from then on a sign of life goes out every ten seconds, in the name of the newest attempt
import type { Cancel, Command, StepOutcome } from '../messages/envelope.js';
import { type CancelTimer, type Clock, every } from '../runtime/clock.js';
import type { Delivery } from './consumer.js';

/** `handed-back`: the worker ends, and nothing or only repeatable work was done. */
export type RunEnd = Exclude<StepOutcome, { kind: 'progress' }> | 'handed-back';

export interface RunOptions {
  readonly clock: Clock;
  /** After so long deliveries are acknowledged and signs of life begin. */
  readonly quietMs: number;
  readonly mayAckEarly: () => boolean;
  readonly sendProgress: (command: Command, percent: number) => void;
  readonly execute: (run: CommandRun) => Promise<RunEnd>;
}

const SHORTEST_BETWEEN_MS = 1000;

export class CommandRun {
  readonly end: Promise<RunEnd>;
  private readonly deliveries: Delivery<Command>[];
  private newest: Command;
  private percent = 0;
  private sentPercent = 0;
  private sentAtMs: number;
  private ackedEarly = false;
  private over = false;
  private later: CancelTimer | null = null;
  private readonly stopSigns: CancelTimer;
  private readonly cancelling = new AbortController();

  constructor(
    first: Delivery<Command>,
    private readonly options: RunOptions,
  ) {
    this.deliveries = [first];
    this.newest = first.message;
    this.sentAtMs = options.clock.monotonicMs();
    this.stopSigns = every(options.clock, options.quietMs, () => this.onQuiet());
    this.end = options.execute(this).finally(() => this.fallSilent());
  }

  /** No more signs of life: the work has ended, or its worker ends without it. Its timers would keep the process alive. */
  fallSilent(): void {
    this.over = true;
    this.stopSigns();
    this.later?.();
  }

  /** The command of the newest attempt; results and progress for older ones are ignored by the conductor. */
  get command(): Command {
    return this.newest;
  }

  /** True when a delivery was acknowledged before the end, so that the broker no longer has the command. */
  get isOnlyHere(): boolean {
    return this.ackedEarly;
  }

  /** Aborted when the operation does not want the step any more. */
  get cancelSignal(): AbortSignal {
    return this.cancelling.signal;
  }

  /** A cancel speaks of what had been asked when it was sent: later asks have a higher epoch. True when it meant this run. */
  cancel({ operationId, epoch }: Cancel): boolean {
    if (this.over || this.newest.operationId !== operationId || this.newest.epoch > epoch) return false;
    this.cancelling.abort();
    return true;
  }

  join(delivery: Delivery<Command>): void {
    this.deliveries.push(delivery);
    if (delivery.message.attempt > this.newest.attempt) this.newest = delivery.message;
    if (this.ackedEarly) delivery.ack();
  }

  /** At most one message a second; the last value always goes out. */
  readonly onProgress = (percent: number): void => {
    if (this.over || !Number.isFinite(percent)) return;
    this.percent = Math.min(100, Math.max(0, percent));
    if (this.percent === this.sentPercent || this.later !== null) return;
    const { clock } = this.options;
    const waitMs = this.sentAtMs + SHORTEST_BETWEEN_MS - clock.monotonicMs();
    if (waitMs <= 0) {
      this.sendSign();
      return;
    }
    this.later = clock.after(waitMs, () => {
      this.later = null;
      this.sendSign();
    });
  };

  /** The work waits before it begins: its delivery is acknowledged now, so that it keeps no place from commands behind it. */
  readonly expectWait = (): void => this.onQuiet();

  private onQuiet(): void {
    if (this.over) return;
    if (!this.ackedEarly && this.options.mayAckEarly()) {
      this.ackedEarly = true;
      for (const delivery of this.deliveries) delivery.ack();
    }
    this.sendSign();
  }

  private sendSign(): void {
    this.sentAtMs = this.options.clock.monotonicMs();
    this.sentPercent = this.percent;
    this.options.sendProgress(this.newest, this.percent);
  }
}
