// Carries notifications from their table to the broker, beside the relay of commands and slower than it: on a connection of its own where
// one is configured, on a channel of its own always. At least once, in order; nothing waits for it.
import { type BusConnection, connectBus } from '../core/bus/connection.js';
import { NotificationPublisher } from '../core/bus/notification-publisher.js';
import type { Database } from '../core/db/connection.js';
import { relayNotifications, type WaitingNotification } from '../core/db/notifications/queue.js';
import { wireMessage } from '../core/notifications/envelope.js';
import type { NotificationsConfig } from '../core/runtime/config-types.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop } from './wakeable-loop.js';

export interface NotificationRelayOptions {
  readonly db: Database;
  readonly config: NotificationsConfig;
  /** The conductor's own connection, used when the configuration names no other broker. */
  readonly connection: BusConnection;
  readonly logger: Logger;
  /** Pause between looks that found nothing, in milliseconds. */
  readonly everyMs: number;
}

export interface NotificationRelay {
  stop(): Promise<void>;
}

const BATCH = 100;
const PUBLISH_LIMIT_MS = 5000;

export function startNotificationRelay(options: NotificationRelayOptions): NotificationRelay {
  const { db, config, logger, everyMs } = options;
  const { url, caFile = null, exchange, durable, topics } = config;
  const own =
    url === null ? null : connectBus({ url, caFile, prefix: exchange, name: 'conductor notifications', logger });
  const connection = own ?? options.connection;
  const publisher = new NotificationPublisher({ connection, exchange, durable });

  const publishAll = async (waiting: readonly WaitingNotification[]): Promise<readonly number[]> => {
    const messages = waiting.flatMap(({ id, priority, message }) =>
      topics.map((topic) => ({ id, routingKey: `${topic}.${priority.toLowerCase()}`, body: wireMessage(message) })),
    );
    const taken = await publisher.publish(messages, PUBLISH_LIMIT_MS);
    const refused = new Set(messages.filter((_message, index) => taken[index] !== true).map(({ id }) => id));
    if (refused.size > 0) logger.warn({ refused: refused.size }, 'notifications wait for the broker');
    return waiting.map(({ id }) => id).filter((id) => !refused.has(id));
  };

  const loop = startWakeableLoop({
    name: 'notification relay',
    everyMs,
    logger,
    look: async () => {
      if (connection.state !== 'connected') return 'idle';
      const { taken, published } = await relayNotifications(db, BATCH, publishAll);
      return taken > 0 && published === taken ? 'again' : 'idle';
    },
  });
  return {
    stop: async () => {
      await loop.stop();
      await publisher.close();
      await own?.close();
    },
  };
}
