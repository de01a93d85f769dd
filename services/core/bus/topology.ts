// What exists in the broker: one direct exchange named by the prefix, and for each routing key one queue `<prefix>.<routing key>`.
// Whoever publishes or consumes declares what it needs, so commands wait for a worker that has not started yet, and after the broker
// lost everything the next use makes it again.
//
//   commands.volume.<host@backend>, commands.compute.<host>   quorum, single active consumer: a standby worker waits and takes over
//   results, parked                                           quorum
//   reports                                                   bounded and short-lived: only the newest heartbeats matter
//   notices.<boot id>                                         one for each process that listens; gone a minute after it
//
// Quorum queues: what was confirmed survives a kill of the broker. Source: RabbitMQ documentation, "Quorum Queues".
import type { Channel, Options } from 'amqplib';
import { BusError, withLimit } from './bus-error.js';
import { type BrokerLink, KeptChannel } from './kept-channel.js';

export const REPORT_TTL_MS = 60_000;
const MAX_REPORTS = 1000;
/** A queue of notices that nobody has consumed for so long is deleted by the broker. */
const NOTICE_QUEUE_MS = 60_000;
/** The broker looks for the leader of a dead queue for five seconds before it deletes it (measured). */
const REPLACE_LIMIT_MS = 15_000;

const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } } as const;

function queueOptions(routingKey: string): Options.AssertQueue {
  if (routingKey.startsWith('commands.')) {
    return { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true } };
  }
  if (routingKey.startsWith('notices.')) return { durable: true, messageTtl: REPORT_TTL_MS, expires: NOTICE_QUEUE_MS };
  if (routingKey === 'reports') return { durable: true, messageTtl: REPORT_TTL_MS, maxLength: MAX_REPORTS };
  return quorum;
}

export class Topology {
  private readonly channel: KeptChannel;
  private readonly declared = new Map<string, Promise<void>>();

  constructor(private readonly connection: BrokerLink) {
    this.channel = new KeptChannel({
      connection,
      name: 'topology',
      setUp: async (channel) => {
        await channel.assertExchange(connection.prefix, 'direct', { durable: true });
      },
      onLost: () => this.declared.clear(),
    });
  }

  queueName(routingKey: string): string {
    return `${this.connection.prefix}.${routingKey}`;
  }

  /** Makes sure that the queue of the routing key exists; cheap when it was declared on this connection. Rejects with BusError. */
  async ensure(routingKey: string, limitMs: number): Promise<void> {
    let declaring = this.declared.get(routingKey);
    if (declaring === undefined) {
      declaring = this.declare(routingKey, limitMs);
      this.declared.set(routingKey, declaring);
      declaring.catch(() => {
        if (this.declared.get(routingKey) === declaring) this.declared.delete(routingKey);
      });
    }
    await withLimit(`declaring ${routingKey}`, limitMs, declaring);
  }

  /** The queue turned out to be missing; the next `ensure` declares it again. */
  forget(routingKey: string): void {
    this.declared.delete(routingKey);
  }

  /**
   * Deletes and declares again a queue that takes messages but never confirms them. Only when the broker counts no message in it: what
   * was not confirmed is still its sender's. True when it was replaced. Never rejects.
   */
  async replaceDead(routingKey: string): Promise<boolean> {
    const queue = this.queueName(routingKey);
    try {
      const channel = await this.channel.ready(REPLACE_LIMIT_MS);
      const { messageCount } = await withLimit(queue, REPLACE_LIMIT_MS, channel.checkQueue(queue));
      if (messageCount > 0) return false;
      this.forget(routingKey);
      await withLimit(queue, REPLACE_LIMIT_MS, channel.deleteQueue(queue));
      return true;
    } catch (error) {
      this.connection.logger.warn({ err: error, queue }, 'a dead queue could not be replaced');
      return false;
    }
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  private async declare(routingKey: string, limitMs: number): Promise<void> {
    const channel = await this.channel.ready(limitMs);
    try {
      await declareOn(channel, this.connection.prefix, routingKey);
    } catch (error) {
      if ((error as { code?: unknown }).code === 406) {
        throw new BusError('topology', `queue ${this.queueName(routingKey)} exists with other properties`, error);
      }
      throw new BusError('disconnected', `${routingKey} could not be declared`, error);
    }
  }
}

/** Declares exchange, queue and binding on a channel at hand. */
export async function declareOn(channel: Channel, prefix: string, routingKey: string): Promise<void> {
  const queue = `${prefix}.${routingKey}`;
  await channel.assertExchange(prefix, 'direct', { durable: true });
  await channel.assertQueue(queue, queueOptions(routingKey));
  await channel.bindQueue(queue, prefix, routingKey);
}
