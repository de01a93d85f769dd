// The loop that both workers run: commands in, results and reports out.
//
//   - commands for the same volume or server run one after another, in the order of the queue
//   - a step that runs already, or whose very attempt was answered lately, is not executed again; its result is sent (again)
//   - what somebody else may have answered is asked for again, see attempt-memory.ts
//   - a delivery is acknowledged when the broker has confirmed its result; long ones earlier, see command-run.ts
//   - at the end: no new commands; what runs gets its grace, is then interrupted and handed back to the queue, so that the worker's
//     next life or its standby takes it up at once
//   - a cancel interrupts what an operation runs here; it comes the way of commands, and is not answered itself
// Facts of a step are never kept for a later step: a worker may be killed at any instruction.
import { handOver } from '../domain/work-end.js';
import {
  type Cancel,
  type Command,
  type Notice,
  type Report,
  routingKeys,
  type StepOutcome,
} from '../messages/envelope.js';
import { parseNotice, parseOrder } from '../messages/parse-message.js';
import { type Clock, pause, systemClock } from '../runtime/clock.js';
import { type FaultPoint, inertFaultPoint } from '../runtime/fault-points.js';
import type { Logger } from '../runtime/logger.js';
import { Standstill } from '../runtime/standstill.js';
import { AttemptMemory, type Known, stepKey } from './attempt-memory.js';
import { CommandExecutor } from './command-executor.js';
import type { CommandHandlers } from './command-handler.js';
import { CommandRun, type RunEnd } from './command-run.js';
import type { BusConnection } from './connection.js';
import { type Consumer, type Delivery, startConsumer } from './consumer.js';
import { Publisher } from './publisher.js';
import { startReports } from './report-sender.js';
import { ResultSender } from './result-sender.js';

export interface WorkerLoopOptions {
  readonly connection: BusConnection;
  /** Routing key of the commands, from `routingKeys`. */
  readonly queue: string;
  /** Goes into every result; host and boot id. */
  readonly workerName: string;
  readonly handlers: CommandHandlers;
  /** The volume and server ids that a command must have for itself. */
  readonly keyOf: (command: Command) => string | readonly string[];
  readonly report: () => Promise<Report>;
  readonly reportSeconds: number;
  /** What to do with notices for this process; a report follows each. Without it, none are heard. */
  readonly notices?: { readonly bootId: string; readonly follow: (notice: Notice) => void };
  readonly logger: Logger;
  readonly faultPoint?: FaultPoint;
  /** Commands that are held without acknowledgement; default 32. */
  readonly prefetch?: number;
  /** Longest time without acknowledgement or sign of life; default 10,000. */
  readonly quietMs?: number;
  readonly clock?: Clock;
}

export interface WorkerLoop {
  reportNow(): void;
  /** Work that no command asked for, beside no command of the same volume or server. Rejects with what the work throws. */
  alone<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
  /** How many steps run or wait for their turn. */
  readonly busy: number;
  /** Ends the loop; running steps get so long (default 5,000 ms) before they are interrupted. Never rejects. */
  stop(graceMs?: number): Promise<void>;
}

/** Above this many steps in hand, deliveries stay unacknowledged, so that the broker sends no more. */
const MAX_IN_HAND = 256;
const AFTER_INTERRUPT_MS = 2000;

export function startWorkerLoop(options: WorkerLoopOptions): WorkerLoop {
  return new RunningWorkerLoop(options);
}

class RunningWorkerLoop implements WorkerLoop {
  private readonly runs = new Map<string, CommandRun>();
  private readonly memory = new AttemptMemory();
  /** Aborted when the worker's life has ended by a standstill. */
  private stood: AbortSignal;
  private readonly interrupt = new AbortController();
  private readonly standstill: Standstill;
  private readonly publisher: Publisher;
  private readonly sender: ResultSender;
  private readonly executor: CommandExecutor;
  private readonly consumer: Consumer;
  private readonly notices: Consumer | null;
  private readonly reports: { reportNow(): void; stop(): void };
  private readonly stopListening: () => void;

  constructor(private readonly options: WorkerLoopOptions) {
    const { connection, queue, workerName, handlers, keyOf, report, reportSeconds, logger } = options;
    const { faultPoint = inertFaultPoint, prefetch = 32, clock = systemClock } = options;
    this.publisher = new Publisher({ connection });
    this.sender = new ResultSender(this.publisher, workerName, logger, faultPoint);
    const keysOf = (command: Command): readonly string[] => [keyOf(command)].flat();
    this.standstill = new Standstill(clock, connection.heartbeatMs, handOver);
    this.stood = this.standstill.since();
    const { standstill, interrupt } = this;
    this.executor = new CommandExecutor({ handlers, keysOf, faultPoint, logger, signal: interrupt.signal, standstill });
    this.consumer = startConsumer<Command | Cancel>({
      connection,
      publisher: this.publisher,
      routingKey: queue,
      parse: parseOrder,
      prefetch,
      onChannel: () => this.memory.beginLife(),
      handle: (delivery) => this.onOrder(delivery),
    });
    this.reports = startReports({ publisher: this.publisher, report, reportMs: reportSeconds * 1000, clock, logger });
    this.notices = this.startNotices();
    this.stopListening = connection.onState((state) => {
      if (state === 'connected') this.reports.reportNow();
    });
  }

  get busy(): number {
    return this.runs.size;
  }

  reportNow(): void {
    this.reports.reportNow();
  }

  alone<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.executor.alone(keys, work);
  }

  async stop(graceMs = 5000): Promise<void> {
    this.stopListening();
    this.standstill.stop();
    this.reports.stop();
    const deaf = this.notices?.stop();
    const stopped = this.consumer.stop(graceMs + AFTER_INTERRUPT_MS);
    await Promise.race([stopped, pause(systemClock, graceMs, this.interrupt.signal)]);
    this.interrupt.abort(handOver);
    // Results that cannot be sent now are given up with the process: their steps are asked again.
    const giveUp = setTimeout(() => this.sender.stop(), AFTER_INTERRUPT_MS / 2);
    await stopped;
    clearTimeout(giveUp);
    for (const run of this.runs.values()) run.fallSilent();
    this.sender.stop();
    await deaf;
    await this.publisher.close();
  }

  private startNotices(): Consumer | null {
    const { connection, notices } = this.options;
    if (notices === undefined) return null;
    return startConsumer({
      connection,
      publisher: this.publisher,
      routingKey: routingKeys.notices(notices.bootId),
      parse: parseNotice,
      handle: ({ message }) => {
        notices.follow(message);
        this.reports.reportNow();
        return Promise.resolve();
      },
    });
  }

  private onOrder(delivery: Delivery<Command | Cancel>): Promise<void> {
    return isCommand(delivery) ? this.onCommand(delivery) : this.onCancel(delivery.message as Cancel);
  }

  /** Nothing is answered: the steps that end by it do that, and for all others the cancel came too late or too early. */
  private onCancel(cancel: Cancel): Promise<void> {
    const { operationId, epoch } = cancel;
    const met = [...this.runs.values()].filter((run) => run.cancel(cancel)).map((run) => run.command.step);
    this.options.logger.info({ operationId, epoch, steps: met }, met.length > 0 ? 'cancelled' : 'nothing to cancel');
    return Promise.resolve();
  }

  private async onCommand(delivery: Delivery<Command>): Promise<void> {
    const command = delivery.message;
    const known = this.lookUp(command);
    if (known?.kind === 'answered') return this.answer(delivery, known.outcome);
    if (known?.kind === 'ask-again' && !this.runs.has(stepKey(command))) return this.askAgain(delivery, known.outcome);
    const run = this.joinOrStart(delivery);
    const end = await run.end;
    if (end === 'handed-back') return this.handBack(delivery, run);
    this.memory.remember(command, end);
    return this.answer(delivery, end);
  }

  /** Deliveries that came before a standstill may still be in the socket, and be somebody else's by now. */
  private lookUp(command: Command): Known | null {
    if (this.standstill.since() !== this.stood) {
      this.stood = this.standstill.since();
      this.memory.beginLife();
    }
    return this.memory.look(command);
  }

  private async askAgain(delivery: Delivery<Command>, outcome: StepOutcome): Promise<void> {
    const { operationId, step, phase, attempt } = delivery.message;
    this.options.logger.info({ operationId, step, phase, attempt }, 'not known here: it is to be asked again');
    if (!(await this.sender.send(delivery.message, outcome))) delivery.giveBack();
  }

  private joinOrStart(delivery: Delivery<Command>): CommandRun {
    const key = stepKey(delivery.message);
    const running = this.runs.get(key);
    if (running !== undefined) {
      running.join(delivery);
      return running;
    }
    const { clock = systemClock, quietMs = 10_000 } = this.options;
    const run = new CommandRun(delivery, {
      clock,
      quietMs,
      mayAckEarly: () => this.runs.size <= MAX_IN_HAND,
      sendProgress: (command, percent) => {
        void this.sender.sendProgress(command, percent);
      },
      // The turn in between lets `runs` know the run before it can end.
      execute: (self): Promise<RunEnd> => Promise.resolve().then(() => this.executor.execute(self)),
    });
    this.runs.set(key, run);
    void run.end.finally(() => this.runs.delete(key));
    return run;
  }

  private async answer(delivery: Delivery<Command>, outcome: StepOutcome): Promise<void> {
    const sent = await this.sender.send(delivery.message, outcome);
    if (!sent) delivery.giveBack();
  }

  /** What the broker still has is delivered again; what was acknowledged early is put back into the queue, once. */
  private async handBack(delivery: Delivery<Command>, run: CommandRun): Promise<void> {
    delivery.giveBack();
    if (!run.isOnlyHere || delivery.message !== run.command) return;
    try {
      await this.publisher.publish(this.options.queue, delivery.message, { timeoutMs: AFTER_INTERRUPT_MS / 2 });
    } catch (error) {
      const { operationId, step } = delivery.message;
      this.options.logger.warn(
        { err: error, operationId, step },
        'a step was not handed back; it is asked again later',
      );
    }
  }
}

const isCommand = (delivery: Delivery<Command | Cancel>): delivery is Delivery<Command> =>
  delivery.message.kind === 'command';
