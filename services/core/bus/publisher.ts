// Sends messages so that "sent" means "safe": persistent, mandatory, and confirmed by the broker. Many may be in flight, one promise
// each. A message without a queue comes back; its queue is then declared again once, since the broker may have lost everything.
// Bounds: so many in flight, so many waiting for a place, so long for each, waiting included. What is over a bound is refused with a
// BusError, never kept in silence. At least once: after `timeout` and `disconnected` the message may have arrived.
import type { ConfirmChannel, Message } from 'amqplib';
import { BusError, type BusErrorCode } from './bus-error.js';
import type { BusConnection } from './connection.js';
import { KeptChannel } from './kept-channel.js';
import { PlacesInFlight } from './places-in-flight.js';

export interface PublisherOptions {
  readonly connection: BusConnection;
  /** For one message, from the call to the confirm; default 10,000. */
  readonly timeoutMs?: number;
  readonly maxInFlight?: number;
  readonly maxWaiting?: number;
}

export interface PublishOptions {
  readonly messageId?: string;
  /** Default true; false for what may be lost with the broker. */
  readonly persistent?: boolean;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly timeoutMs?: number;
}

export interface OutgoingMessage {
  readonly routingKey: string;
  /** Sent as JSON; a Buffer is sent as it is. */
  readonly message: object | Buffer;
  readonly options?: PublishOptions;
}

interface Pending {
  readonly settle: (failure: BusError | null) => void;
}

/** So many overdue confirms in a row, and a queue counts as dead. */
const DEAD_AFTER = 5;
/** Names the publish in the message, because a returned message has no delivery tag. */
const NUMBER_HEADER = 'x-publish-number';

export class Publisher {
  private readonly channel: KeptChannel;
  private readonly timeoutMs: number;
  private readonly places: PlacesInFlight;
  private readonly pending = new Map<number, Pending>();
  private published = 0;
  private stopWaitingForUnblock: (() => void) | null = null;
  private unblocked: Promise<void> = Promise.resolve();
  private confirmedAtMs = 0;
  /** Confirms that are overdue, one after another, for each routing key. */
  private readonly owed = new Map<string, number>();

  constructor(private readonly options: PublisherOptions) {
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.places = new PlacesInFlight(options.maxInFlight ?? 256, options.maxWaiting ?? 10_000);
    this.channel = new KeptChannel({
      connection: options.connection,
      name: 'publisher',
      setUp: async (channel) => {
        channel.on('return', (message: Message) => this.onReturn(message));
      },
      onLost: () => this.failAll('disconnected', 'the channel ended before the broker confirmed'),
    });
    this.watchBlocked();
  }

  /** Resolves when the broker has the message safely in its queue. Rejects with BusError. */
  async publish(routingKey: string, message: object | Buffer, options: PublishOptions = {}): Promise<void> {
    const deadline = performance.now() + (options.timeoutMs ?? this.timeoutMs);
    const left = (): number => Math.max(1, deadline - performance.now());
    const body = Buffer.isBuffer(message) ? message : Buffer.from(JSON.stringify(message));
    const giveBack = await this.places.take(left());
    try {
      const { topology } = this.options.connection;
      await topology.ensure(routingKey, left());
      try {
        await this.send(routingKey, body, options, left);
      } catch (error) {
        if (!(error instanceof BusError) || error.code !== 'unroutable') throw error;
        topology.forget(routingKey);
        await topology.ensure(routingKey, left());
        await this.send(routingKey, body, options, left);
      }
    } finally {
      giveBack();
    }
  }

  /** Sends all together; the outcomes are in the order of the messages. Never rejects. */
  publishBatch(messages: readonly OutgoingMessage[]): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled(messages.map((one) => this.publish(one.routingKey, one.message, one.options)));
  }

  /** How many messages wait for their confirm. */
  get inFlight(): number {
    return this.pending.size;
  }

  async close(): Promise<void> {
    this.stopWaitingForUnblock?.();
    this.places.close();
    await this.channel.close();
    this.failAll('closed', 'the publisher was closed');
  }

  private async send(routingKey: string, body: Buffer, options: PublishOptions, left: () => number): Promise<void> {
    await this.whenUnblocked(left());
    const channel = await this.channel.ready(left());
    this.published += 1;
    const number = this.published;
    const writtenAtMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        settle(new BusError('timeout', `the broker did not confirm a message for ${routingKey} in time`));
        this.onOwedConfirm(routingKey, channel, writtenAtMs);
      }, left());
      const settle = (failure: BusError | null): void => {
        clearTimeout(timer);
        this.pending.delete(number);
        if (failure === null) resolve();
        else reject(failure);
      };
      this.pending.set(number, { settle });
      this.write(channel, number, routingKey, body, options, settle);
    });
  }

  private write(
    channel: ConfirmChannel,
    number: number,
    routingKey: string,
    body: Buffer,
    options: PublishOptions,
    settle: (failure: BusError | null) => void,
  ): void {
    try {
      channel.publish(
        this.options.connection.prefix,
        routingKey,
        body,
        {
          mandatory: true,
          persistent: options.persistent ?? true,
          contentType: 'application/json',
          headers: { ...options.headers, [NUMBER_HEADER]: number },
          ...(options.messageId === undefined ? {} : { messageId: options.messageId }),
        },
        (error: unknown) => {
          if (error !== null && error !== undefined) settle(this.refusal(channel, error));
          else {
            this.confirmedAtMs = performance.now();
            this.owed.delete(routingKey);
            settle(null);
          }
        },
      );
    } catch (error) {
      settle(new BusError('disconnected', 'the channel ended while a message was written', error));
    }
  }

  /** amqplib gives a nack and the end of the channel to the same callback. */
  private refusal(channel: ConfirmChannel, error: unknown): BusError {
    const alive = this.channel.current === channel && error instanceof Error && error.message === 'message nacked';
    return alive
      ? new BusError('refused', 'the broker refused the message', error)
      : new BusError('disconnected', 'the channel ended before the broker confirmed', error);
  }

  /**
   * A channel on which nothing at all was confirmed since is thrown away; one that serves other queues is kept for their sake.
   * RabbitMQ 3.10 can have a quorum queue without a leader for good: killed within about three seconds of the queue's declaration, it
   * forgets the queue's log (its registry, names.dets, was not yet written) and the queue never answers again
   * (measured). Such a queue is replaced.
   */
  private onOwedConfirm(routingKey: string, channel: ConfirmChannel, writtenAtMs: number): void {
    const owed = (this.owed.get(routingKey) ?? 0) + 1;
    this.owed.set(routingKey, owed);
    const { logger, topology } = this.options.connection;
    const queue = topology.queueName(routingKey);
    if (owed % DEAD_AFTER === 0) {
      logger.error({ queue, owed }, 'the broker takes messages for this queue but never confirms them');
      void topology.replaceDead(routingKey).then((replaced) => {
        if (replaced) logger.warn({ queue }, 'the dead queue was replaced');
      });
    }
    if (this.channel.current === channel && this.confirmedAtMs < writtenAtMs) this.channel.renew();
  }

  /** Comes before the confirm of the same message. Source: RabbitMQ documentation, "Publisher Confirms". */
  private onReturn(message: Message): void {
    const number = Number(message.properties.headers?.[NUMBER_HEADER]);
    this.pending.get(number)?.settle(new BusError('unroutable', `no queue for ${message.fields.routingKey}`));
  }

  private failAll(code: BusErrorCode, why: string): void {
    for (const { settle } of [...this.pending.values()]) settle(new BusError(code, why));
  }

  private watchBlocked(): void {
    let open: () => void = () => undefined;
    this.stopWaitingForUnblock = this.options.connection.onState((state) => {
      if (state === 'blocked') {
        this.unblocked = new Promise((resolve) => {
          open = resolve;
        });
      } else open();
    });
  }

  /** A blocked broker does not read its sockets: what is written now would pile up in our own memory. */
  private async whenUnblocked(limitMs: number): Promise<void> {
    if (this.options.connection.state !== 'blocked') return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new BusError('timeout', 'the broker takes no messages (alarm)')), limitMs);
    });
    await Promise.race([this.unblocked, limit]).finally(() => clearTimeout(timer));
  }
}
