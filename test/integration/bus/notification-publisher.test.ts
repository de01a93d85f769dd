// Notifications on a real broker: dropped where nobody listens, and published through an exchange that somebody declared otherwise.
import assert from 'node:assert/strict';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { KeptChannel } from '../../../services/core/bus/kept-channel.js';
import { NotificationPublisher } from '../../../services/core/bus/notification-publisher.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { closeOwnParts, freshBroker } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

describe('notification publisher', function () {
  this.timeout(60_000);
  let connection: BusConnection;
  let exchange: string;

  before(async () => {
    const { url, prefix } = await freshBroker();
    connection = connectBus({ url: new Secret(url), prefix, name: 'test', logger: silentLogger() });
    exchange = `${prefix}-openstack`;
  });
  after(async () => {
    await connection.close();
    await closeOwnParts();
  });

  it('calls a message taken that no queue is bound for', async () => {
    const publisher = new NotificationPublisher({ connection, exchange, durable: false });
    const messages = Array.from({ length: 50 }, (_, n) => ({ routingKey: 'notifications.info', body: { n } }));
    assert.deepEqual(await publisher.publish(messages, 10_000), Array(50).fill(true));
    await publisher.close();
  });

  it('uses an exchange with other properties as it is, and keeps the order', async () => {
    const heard: number[] = [];
    const listener = new KeptChannel({
      connection,
      name: 'listener',
      setUp: async (channel) => {
        const { queue } = await channel.assertQueue('', { exclusive: true });
        await channel.bindQueue(queue, exchange, 'notifications.*');
        await channel.consume(queue, (message) => {
          if (message === null) return;
          heard.push((JSON.parse(message.content.toString()) as { n: number }).n);
          assert.equal(message.properties.contentType, 'application/json');
          assert.equal(message.properties.contentEncoding, 'utf-8');
          channel.ack(message);
        });
      },
    });
    await listener.ready(10_000);
    // The exchange exists, not durable, from the test before.
    const publisher = new NotificationPublisher({ connection, exchange, durable: true });
    const messages = Array.from({ length: 20 }, (_, n) => ({ routingKey: 'notifications.error', body: { n } }));
    assert.deepEqual(await publisher.publish(messages, 20_000), Array(20).fill(true));
    await waitFor('all messages', () => heard.length === 20);
    assert.deepEqual(
      heard,
      messages.map(({ body }) => body.n),
    );
    await publisher.close();
    await listener.close();
  });
});
