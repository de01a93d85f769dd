// A broker, workers and a conductor's taking of results in one process, without time: what is delivered next is the caller's choice. The relay,
// the workers' fence and turn-taking, and the engine are the real ones; queues are lists, and behind the workers is the world in memory.
//
// The order is as wild as a real one may be: commands of one key come in their order, of different keys in any; results in any; copies of
// a command come at any time later, to whoever has the queue then. Each queue has a worker and a standby. The broker gives the one that takes over
// everything again that was not acknowledged, also what was answered before a death; a worker knows what it has answered as long as it lives.

import { AttemptMemory } from '../../../services/core/bus/attempt-memory.js';
import { CommandExecutor } from '../../../services/core/bus/command-executor.js';
import type { CommandContext, CommandHandlers } from '../../../services/core/bus/command-handler.js';
import { CommandRun, type RunEnd } from '../../../services/core/bus/command-run.js';
import { relayBatch } from '../../../services/core/db/conductor/outbox.js';
import { type Applied, applyResult } from '../../../services/core/db/engine/results.js';
import { inTransaction } from '../../../services/core/db/in-transaction.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import {
  type Cancel,
  type Command,
  commandSchemas,
  type Result,
  resultOf,
  type StepOutcome,
} from '../../../services/core/messages/envelope.js';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';
import type { FaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Standstill } from '../../../services/core/runtime/standstill.js';
import { volumeKeyOf } from '../../../services/volume-worker/command-handlers.js';
import { tellEmpty } from '../../integration/engine/fake-contents.js';
import { type Rig, settings } from '../../integration/engine/rig.js';
import type { Dice } from '../../system/chain-torture/torture-plan.js';
import type { FaultDice } from './sim-faults.js';

interface Queued {
  readonly queue: string;
  readonly command: Command;
}

/** Something may have been written to the outbox since it was asked last. */
export interface Doorbell {
  rings: boolean;
}

/** One process. */
interface Worker {
  readonly executor: CommandExecutor;
  readonly memory: AttemptMemory;
}

/** Who has the queue, and who waits for it. */
interface Pair {
  active: Worker;
  standby: Worker;
}

/** The worker's process has ended: its answer never comes. */
class Died extends Error {}

const logger = silentLogger();

/** As the compute worker has it: one thing at a time for a server. */
function keysOf(command: Command): readonly string[] {
  const { serverId } = command.params as { serverId?: string };
  return serverId === undefined ? [volumeKeyOf(command)].flat() : [`server ${serverId}`];
}

export class SimBus {
  private queued: Queued[] = [];
  private late: Queued[] = [];
  private results: Result[] = [];
  private readonly cancels: Cancel[] = [];
  private readonly workers = new Map<string, Pair>();
  /** The highest epoch that had an effect, by key: the world's own book, which no worker can forget. */
  private readonly effects = new Map<string, number>();
  /** Steps that have had their effect. */
  private readonly effective = new Set<string>();
  /** What must never be. */
  readonly violations: string[] = [];
  /** Operations that have ended, told once each. */
  onEnded: (ended: { readonly id: string; readonly type: string; readonly state: 'done' | 'failed' }) => Promise<void> =
    () => Promise.resolve();
  private readonly ended = new Set<string>();
  private readonly done: string[] = [];

  constructor(
    private readonly rig: Rig,
    private readonly dice: Dice,
    private readonly faults: FaultDice,
    private readonly doorbell: Doorbell,
  ) {}

  /** What happened last, for people. */
  get history(): readonly string[] {
    return this.done;
  }

  note(text: string): void {
    this.done.push(text);
  }

  get hasCommands(): boolean {
    return this.queued.length + this.late.length > 0;
  }

  get hasResults(): boolean {
    return this.results.length > 0;
  }

  /** Outbox to queues, by the real relay; not while nothing was written there, which the real one is told by the database. */
  async relay(): Promise<number> {
    if (!this.doorbell.rings) return 0;
    this.doorbell.rings = false;
    const { published } = await relayBatch(this.rig.db, 100, (commands) => {
      const confirmed: number[] = [];
      for (const { outboxId, routingKey: queue, message } of commands) {
        if (message.kind === 'cancel') this.cancels.push(message);
        else if (!this.faults.happens('command lost')) this.queued.push({ queue, command: message });
        if (this.faults.happens('confirm lost')) this.doorbell.rings = true;
        else confirmed.push(outboxId);
      }
      return Promise.resolve(confirmed);
    });
    return published;
  }

  /** One of those that may come next. */
  async deliver(): Promise<void> {
    if (this.late.length > 0 && (this.queued.length === 0 || this.dice.below(4) === 0)) {
      const [copy] = this.late.splice(this.dice.below(this.late.length), 1);
      if (copy !== undefined) await this.perform(copy, 'late copy of ');
      return;
    }
    const busy = new Set<string>();
    const next: number[] = [];
    for (const [index, { queue, command }] of this.queued.entries()) {
      const keys = keysOf(command).map((key) => `${queue} ${key}`);
      if (!keys.some((key) => busy.has(key))) next.push(index);
      for (const key of keys) busy.add(key);
    }
    const [chosen] = this.queued.splice(next[this.dice.below(next.length)] ?? 0, 1);
    if (chosen === undefined) return;
    if (this.faults.happens('command delivered twice')) this.late.push(chosen);
    await this.perform(chosen, '');
  }

  private async perform(queued: Queued, prefix: string): Promise<void> {
    const { queue, command } = queued;
    if (this.faults.happens('the standby takes over')) this.takeOver(queue);
    const { step, phase, operationType, operationId, epoch } = command;
    const name = `${prefix}${operationType} ${operationId.slice(0, 4)} ${phase} ${step} @${epoch}`;
    const { executor, memory } = this.pairOf(queue).active;
    const known = memory.look(command);
    if (known !== null) {
      this.note(`${name}: ${known.kind}`);
      this.send(queued, known.outcome);
      return;
    }
    const end = await this.run(executor, command);
    const { died } = this;
    this.died = false;
    const outcome =
      end === 'handed-back' ? 'handed back' : end.kind === 'failed' ? `failed ${end.error.code}` : end.kind;
    this.note(`${name}: ${died ? 'the worker died' : outcome}`);
    if (died || end === 'handed-back') {
      this.restart(queued);
      return;
    }
    memory.remember(command, end);
    this.send(queued, end);
    if (this.faults.happens('worker dies before its acknowledgement')) this.restart(queued);
  }

  private run(executor: CommandExecutor, command: Command): Promise<RunEnd> {
    const { operationId, epoch } = command;
    const cancel = this.cancels.find((one) => one.operationId === operationId && one.epoch >= epoch);
    const nothing = (): void => undefined;
    const delivery = { message: command, earlierDeliveries: 0, ack: nothing, giveBack: nothing };
    const run = new CommandRun(delivery, {
      clock: new FakeClock(),
      quietMs: 10_000,
      mayAckEarly: () => false,
      sendProgress: nothing,
      // A cancel that is here already has its effect before anything begins.
      execute: (self) => Promise.resolve().then(() => executor.execute(self)),
    });
    if (cancel !== undefined && this.dice.below(2) === 0) run.cancel(cancel);
    return run.end;
  }

  private send({ command }: Queued, outcome: StepOutcome): void {
    if (this.faults.happens('result lost')) return;
    const result = resultOf(command, 'simulated', outcome);
    this.results.push(result);
    if (this.faults.happens('result delivered twice')) this.results.push(result);
  }

  private died = false;

  /** The process is gone, and with it what it knew; what it had in hand is delivered again, before all others. */
  private restart(inHand: Queued): void {
    const pair = this.pairOf(inHand.queue);
    pair.active = this.makeWorker(inHand.queue);
    this.takeOver(inHand.queue);
    this.queued.unshift(inHand);
  }

  /** The broker takes one for dead that is not, or it is. */
  private takeOver(queue: string): void {
    const pair = this.pairOf(queue);
    [pair.active, pair.standby] = [pair.standby, pair.active];
    pair.active.memory.beginLife();
  }

  private pairOf(queue: string): Pair {
    const present = this.workers.get(queue);
    if (present !== undefined) return present;
    const made = { active: this.makeWorker(queue), standby: this.makeWorker(queue) };
    this.workers.set(queue, made);
    return made;
  }

  private makeWorker(queue: string): Worker {
    const faultPoint: FaultPoint = (name, facts = {}) => {
      const before = name === 'worker:before-effect';
      if (this.faults.happens(before ? 'worker dies before its effect' : 'worker dies after its effect')) {
        this.died = true;
        throw new Died('killed');
      }
      // What was done once is found done: it cannot be refused for good any more.
      const step = `${facts['operationId']} ${facts['step']} ${facts['phase']}`;
      if (before && !this.effective.has(step) && this.faults.happens('fails for good before its effect'))
        throw new ServiceError('no_space', 'The share is full.');
      if (this.faults.happens(before ? 'fails before its effect' : 'fails after its effect'))
        throw new ServiceError('backend_offline', 'The share does not answer.');
      return Promise.resolve({ duplicate: before && this.faults.happens('effect done twice') });
    };
    const { signal } = new AbortController();
    const standstill = new Standstill(new FakeClock(), 60_000);
    const handlers = this.handlers(queue);
    const executor = new CommandExecutor({ handlers, keysOf, faultPoint, logger, signal, standstill });
    return { executor, memory: new AttemptMemory() };
  }

  private handlers(queue: string): CommandHandlers {
    const perform = (_: object, { command }: CommandContext): Promise<object> => {
      for (const key of keysOf(command).map((one) => `${queue} ${one}`)) {
        const highest = this.effects.get(key) ?? 0;
        if (command.epoch < highest)
          this.violations.push(`I12: ${command.type} with epoch ${command.epoch} after ${highest} on ${key}`);
        this.effects.set(key, Math.max(highest, command.epoch));
      }
      tellEmpty(this.rig.world);
      const answer = this.rig.world.perform(command);
      this.effective.add(`${command.operationId} ${command.step} ${command.phase}`);
      return Promise.resolve(answer);
    };
    return Object.fromEntries(Object.keys(commandSchemas).map((type) => [type, perform])) as unknown as CommandHandlers;
  }

  /** One result, any of them. */
  async takeResult(): Promise<void> {
    const [result] = this.results.splice(this.dice.below(this.results.length), 1);
    if (result === undefined) return;
    if (this.faults.happens('conductor dies before its commit')) {
      const rollBack = new Error('killed before commit');
      await this.rig.db
        .transaction(async (tx) => {
          await applyResult(tx, result, settings);
          throw rollBack;
        })
        .catch((thrown: unknown) => {
          if (thrown !== rollBack) throw thrown;
        });
      this.results.push(result);
      return;
    }
    const applied = await inTransaction(this.rig.db, (tx) => applyResult(tx, result, settings));
    await this.hear(applied);
  }

  async hear(applied: Applied): Promise<void> {
    if (applied.kind !== 'applied') return;
    const { ended, startable } = applied.aftermath;
    if (ended !== null) {
      if (this.ended.has(ended.id)) this.violations.push(`I8: ${ended.type} ${ended.id} has ended twice`);
      this.ended.add(ended.id);
      this.note(`${ended.type} ${ended.id.slice(0, 4)} is ${ended.state}`);
      await this.onEnded(ended);
    }
    if (startable.length > 0 && this.faults.happens('conductor dies after its commit')) return;
    await this.rig.follow(applied.aftermath);
  }
}
