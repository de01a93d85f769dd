// Takes messages from one queue. Each is parsed, handled, and acknowledged when its handler has ended (or earlier, if the handler says
// so). What cannot be parsed, or was delivered too often, goes to the `parked` queue with the reason, for a person to look at; it is
// acknowledged only once it is there. Nothing a handler does can end the loop.
//
//   handler fails, trouble that can pass (a database that is down)  ->  tried again here, with growing pauses, for as long as it takes
//   handler fails otherwise                                         ->  given back after a pause; parked at the sixth delivery
//   channel lost                                                    ->  the broker delivers again; the handler must cope with that
//
// Deliveries are counted by the broker (`x-delivery-count` of quorum queues); RabbitMQ 3 has no limit of its own.
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { ServiceError } from '../domain/errors.js';
import { routingKeys } from '../messages/envelope.js';
import type { Parsed } from '../messages/parse-message.js';
import { type CancelTimer, every, pause, systemClock } from '../runtime/clock.js';
import { withLimit } from './bus-error.js';
import type { BusConnection } from './connection.js';
import { KeptChannel } from './kept-channel.js';
import type { Publisher } from './publisher.js';
import { declareOn } from './topology.js';

export interface Delivery<T> {
  readonly message: T;
  /** How often the message was delivered before. */
  readonly earlierDeliveries: number;
  /** Tells the broker that the message is done with. Harmless when called twice or after the channel was lost. */
  ack(): void;
  /** Gives the message back to the queue for another consumer, instead of `ack`. */
  giveBack(): void;
}

export interface ConsumerOptions<T> {
  readonly connection: BusConnection;
  /** Carries messages to the `parked` queue. */
  readonly publisher: Publisher;
  readonly routingKey: string;
  readonly parse: (bytes: Buffer) => Parsed<T>;
  /** Called in the order of delivery; the next call does not wait for the last one to end. */
  readonly handle: (delivery: Delivery<T>) => Promise<void>;
  /** Called before each channel takes its first message: until then the queue may have been another consumer's. */
  readonly onChannel?: () => void;
  /** How many messages may be in hand, not acknowledged; default 32. */
  readonly prefetch?: number;
  /** Parked when delivered more often than this; default 5. */
  readonly maxDeliveries?: number;
  /** How often to look whether the broker still knows the consumer; default 15,000. */
  readonly checkMs?: number;
  /** True for failures after which the same message is worth trying again here; default: the database is down. */
  readonly isPassing?: (error: unknown) => boolean;
}

export interface Consumer {
  /** Takes no more messages, waits for the handlers under way so long (default 10,000), then lets go of the queue. Never rejects. */
  stop(limitMs?: number): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
const CHECK_MS = 15_000;
const CHECK_LIMIT_MS = 5000;
const CANCEL_LIMIT_MS = 2000;

const databaseIsDown = (error: unknown): boolean => error instanceof ServiceError && error.code === 'database_offline';

/** Begins at once, or as soon as there is a broker. */
export function startConsumer<T>(options: ConsumerOptions<T>): Consumer {
  return new RunningConsumer(options);
}

class RunningConsumer<T> implements Consumer {
  private readonly kept: KeptChannel;
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopChecks: CancelTimer;
  private consumerTag: string | null = null;

  constructor(private readonly options: ConsumerOptions<T>) {
    const { connection, routingKey, prefetch = 32 } = options;
    this.kept = new KeptChannel({
      connection,
      name: `consumer of ${routingKey}`,
      setUp: async (channel) => {
        await declareOn(channel, connection.prefix, routingKey);
        await channel.prefetch(prefetch);
        options.onChannel?.();
        const queue = connection.topology.queueName(routingKey);
        const { consumerTag } = await channel.consume(queue, (raw) => this.onMessage(channel, raw));
        this.consumerTag = consumerTag;
      },
    });
    this.stopChecks = every(systemClock, options.checkMs ?? CHECK_MS, () => void this.check());
  }

  async stop(limitMs = 10_000): Promise<void> {
    this.stopping.abort();
    this.stopChecks();
    const { current } = this.kept;
    const { logger } = this.options.connection;
    try {
      if (current !== null && this.consumerTag !== null) {
        await withLimit('cancelling a consumer', CANCEL_LIMIT_MS, current.cancel(this.consumerTag));
      }
      await withLimit('handlers under way', limitMs, Promise.all(this.underWay));
    } catch (error) {
      logger.warn(
        { err: error, queue: this.options.routingKey, underWay: this.underWay.size },
        'stopped before the end',
      );
    }
    // Closing waits for the broker's answer, so acknowledgements that were written before have arrived.
    await this.kept.close();
  }

  /**
   * RabbitMQ 3.10 does not tell the consumers of a quorum queue that it was deleted (measured; of a classic queue it does). While the
   * queue is missing, this finds out and makes it again. A queue that was made again before, the broker's channel still serves by its
   * old state, and messages can be withheld: a queue must not be deleted under running consumers by hand.
   */
  private async check(): Promise<void> {
    const { current } = this.kept;
    if (current === null) return;
    const { connection, routingKey } = this.options;
    const queue = connection.topology.queueName(routingKey);
    try {
      // A queue that is gone closes the channel, which is then made again with the queue.
      const { consumerCount } = await withLimit(queue, CHECK_LIMIT_MS, current.checkQueue(queue));
      if (consumerCount > 0 || this.kept.current !== current) return;
      connection.logger.warn({ queue }, 'the broker has lost the consumer');
      this.kept.renew();
    } catch (error) {
      connection.logger.debug({ err: error, queue }, 'the queue could not be checked');
    }
  }

  private onMessage(channel: ConfirmChannel, raw: ConsumeMessage | null): void {
    if (raw === null) {
      // The queue was deleted under us: a new channel declares it again.
      this.kept.renew();
      return;
    }
    if (this.stopping.signal.aborted) return;
    const work = this.process(channel, raw).catch((error: unknown) => {
      this.options.connection.logger.error({ err: error, queue: this.options.routingKey }, 'a delivery was given up');
    });
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private async process(channel: ConfirmChannel, raw: ConsumeMessage): Promise<void> {
    const { parse, handle, maxDeliveries = 5 } = this.options;
    const settle = settleOnce(channel, raw);
    const earlierDeliveries = countOf(raw);
    const parsed = tryParse(parse, raw.content);
    if (!parsed.ok) return this.park(raw, settle, `unreadable: ${parsed.reason}`);
    if (earlierDeliveries >= maxDeliveries) return this.park(raw, settle, `delivered ${earlierDeliveries + 1} times`);
    const delivery: Delivery<T> = { message: parsed.message, earlierDeliveries, ...settle };
    try {
      await this.handleUntilSettled(delivery, handle);
      settle.ack();
    } catch (error) {
      this.options.connection.logger.error(
        { err: error, queue: this.options.routingKey, earlierDeliveries },
        'a handler failed',
      );
      await pause(systemClock, pauseMs(earlierDeliveries), this.stopping.signal);
      settle.giveBack();
    }
  }

  private async handleUntilSettled(delivery: Delivery<T>, handle: ConsumerOptions<T>['handle']): Promise<void> {
    const isPassing = this.options.isPassing ?? databaseIsDown;
    for (let tries = 0; ; tries += 1) {
      try {
        return await handle(delivery);
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (tries === 0)
          this.options.connection.logger.warn({ err: error, queue: this.options.routingKey }, 'tried again soon');
        if (!(await pause(systemClock, pauseMs(tries), this.stopping.signal))) throw error;
      }
    }
  }

  private async park(raw: ConsumeMessage, settle: Settle, reason: string): Promise<void> {
    const { connection, publisher, routingKey } = this.options;
    const headers = {
      'x-parked-reason': reason.slice(0, 500),
      'x-parked-from': routingKey,
      'x-parked-at': new Date().toISOString(),
    };
    for (let tries = 0; !this.stopping.signal.aborted; tries += 1) {
      try {
        await publisher.publish(routingKeys.parked, raw.content, { headers });
        connection.logger.error({ queue: routingKey, reason }, 'a message was parked');
        settle.ack();
        return;
      } catch (error) {
        if (tries === 0) connection.logger.warn({ err: error, queue: routingKey }, 'a message cannot be parked now');
        await pause(systemClock, pauseMs(tries), this.stopping.signal);
      }
    }
  }
}

const pauseMs = (tries: number): number => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);

/** Redeliveries of a quorum queue are counted by the broker; other queues only say whether there was one. */
function countOf(raw: ConsumeMessage): number {
  const counted: unknown = raw.properties.headers?.['x-delivery-count'];
  if (typeof counted === 'number') return counted;
  return raw.fields.redelivered ? 1 : 0;
}

function tryParse<T>(parse: (bytes: Buffer) => Parsed<T>, bytes: Buffer): Parsed<T> {
  try {
    return parse(bytes);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

interface Settle {
  readonly ack: () => void;
  readonly giveBack: () => void;
}

/** The first call counts. A closed channel throws, and has given the message back already. */
function settleOnce(channel: ConfirmChannel, raw: ConsumeMessage): Settle {
  let settled = false;
  const once = (act: () => void) => (): void => {
    if (settled) return;
    settled = true;
    try {
      act();
    } catch {
      // The channel is gone; the broker delivers the message again.
    }
  };
  return { ack: once(() => channel.ack(raw)), giveBack: once(() => channel.nack(raw, false, true)) };
}
