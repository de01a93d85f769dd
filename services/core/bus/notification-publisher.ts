// Publishes notifications where oslo.messaging's listeners look for them: a topic exchange (Cinder's control exchange, `openstack`),
// routing key `<topic>.<priority>`. Source: oslo_messaging/_drivers/impl_rabbit.py (notify_send).
//
// The exchange is declared as oslo declares it (durable only if `amqp_durable_queues`, never deleted by itself); where one of that name
// exists with other properties, it is used as it is. Queues are the listeners': a message that no queue is bound for is dropped, because
// a queue that nobody empties would fill the broker that also carries the commands.
import type { ConfirmChannel } from 'amqplib';
import { BusError, withLimit } from './bus-error.js';
import { type BrokerLink, KeptChannel } from './kept-channel.js';

export interface NotificationPublisherOptions {
  readonly connection: BrokerLink;
  readonly exchange: string;
  readonly durable: boolean;
}

export interface OutgoingNotification {
  readonly routingKey: string;
  readonly body: object;
}

function isPreconditionFailed(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 406;
}

export class NotificationPublisher {
  private readonly channel: KeptChannel;
  private existsOtherwise = false;

  constructor(private readonly options: NotificationPublisherOptions) {
    this.channel = new KeptChannel({
      connection: options.connection,
      name: 'notifications',
      setUp: (channel) => this.declare(channel),
    });
  }

  /**
   * Writes all in this order and waits for the confirms. Resolves with which of them the broker took; rejects with BusError when there
   * is no channel. A confirm that is late counts as none, so a notification may arrive twice.
   */
  async publish(messages: readonly OutgoingNotification[], limitMs: number): Promise<boolean[]> {
    const deadline = performance.now() + limitMs;
    const channel = await this.channel.ready(limitMs);
    const left = Math.max(1, deadline - performance.now());
    return Promise.all(
      messages.map((message) =>
        withLimit('notification', left, this.send(channel, message)).then(
          () => true,
          () => false,
        ),
      ),
    );
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  private send(channel: ConfirmChannel, { routingKey, body }: OutgoingNotification): Promise<void> {
    return new Promise((resolve, reject) => {
      channel.publish(
        this.options.exchange,
        routingKey,
        Buffer.from(JSON.stringify(body)),
        { mandatory: false, persistent: true, contentType: 'application/json', contentEncoding: 'utf-8' },
        (error: unknown) => {
          if (error === null || error === undefined) resolve();
          else reject(new BusError('refused', 'the broker did not take a notification', error));
        },
      );
    });
  }

  private async declare(channel: ConfirmChannel): Promise<void> {
    const { exchange, durable, connection } = this.options;
    if (this.existsOtherwise) {
      await channel.checkExchange(exchange);
      return;
    }
    try {
      await channel.assertExchange(exchange, 'topic', { durable, autoDelete: false });
    } catch (error) {
      if (isPreconditionFailed(error)) {
        this.existsOtherwise = true;
        connection.logger.warn({ exchange }, 'the exchange of notifications has other properties; it is used as it is');
      }
      throw error;
    }
  }
}
