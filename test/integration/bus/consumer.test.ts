// Deliveries on a real broker: retried in place, given back, parked after too many, unroutable and returned.
import assert from 'node:assert/strict';
import { BusError } from '../../../services/core/bus/bus-error.js';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { startConsumer } from '../../../services/core/bus/consumer.js';
import { KeptChannel } from '../../../services/core/bus/kept-channel.js';
import { Publisher } from '../../../services/core/bus/publisher.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { closeOwnParts, freshBroker } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

const asText = (bytes: Buffer): { ok: true; message: string } => ({ ok: true, message: bytes.toString() });

describe('consumer on a real broker', function () {
  this.timeout(120_000);
  let connection: BusConnection;
  let publisher: Publisher;

  before(async () => {
    const { url, prefix } = await freshBroker();
    connection = connectBus({ url: new Secret(url), prefix, name: 'test', logger: silentLogger() });
    publisher = new Publisher({ connection, timeoutMs: 20_000 });
  });

  /**
   * Two declarations of one new quorum queue at once meet a race of RabbitMQ 3.10: the later one is told that the queue is there before
   * its process is, so the consume ends the connection ({badmatch,{error,noproc}}) or the first message is refused. The services begin
   * again then, as after every lost connection; tests that count deliveries make the queue first.
   */
  const make = (routingKey: string): Promise<void> => connection.topology.ensure(routingKey, 10_000);

  after(async () => {
    await publisher.close();
    await connection.close();
    await closeOwnParts();
  });

  it('gives a failing message back, counts, and parks it after the limit', async () => {
    const seen: number[] = [];
    const parked: string[] = [];
    await make('commands.compute.poison');
    await make('parked');
    const failing = startConsumer({
      connection,
      publisher,
      routingKey: 'commands.compute.poison',
      parse: asText,
      maxDeliveries: 2,
      handle: ({ earlierDeliveries }) => {
        seen.push(earlierDeliveries);
        return Promise.reject(new Error('always'));
      },
    });
    const watcher = startConsumer({
      connection,
      publisher,
      routingKey: 'parked',
      parse: asText,
      handle: ({ message }) => {
        parked.push(message);
        return Promise.resolve();
      },
    });
    await publisher.publish('commands.compute.poison', Buffer.from('poison'));
    await waitFor('the poison to be parked', () => parked.includes('poison'));
    assert.deepEqual(seen, [0, 1]);
    await failing.stop();
    await watcher.stop();
  });

  it('tries again in place while the database is down, without counting', async () => {
    let tries = 0;
    const counts = new Set<number>();
    await make('results');
    const consumer = startConsumer({
      connection,
      publisher,
      routingKey: 'results',
      parse: asText,
      maxDeliveries: 1,
      handle: ({ earlierDeliveries }) => {
        tries += 1;
        counts.add(earlierDeliveries);
        return tries < 4 ? Promise.reject(new ServiceError('database_offline', 'down')) : Promise.resolve();
      },
    });
    await publisher.publish('results', Buffer.from('patient'));
    await waitFor('the fourth try', () => tries === 4);
    await consumer.stop();
    assert.deepEqual([...counts], [0]);
  });

  it('survives the deletion of its queue and a handler that throws at once', async () => {
    let received = 0;
    await make('commands.compute.deleted');
    const consumer = startConsumer({
      connection,
      publisher,
      routingKey: 'commands.compute.deleted',
      parse: asText,
      checkMs: 100,
      handle: () => {
        received += 1;
        if (received === 1) throw new Error('synchronous');
        return Promise.resolve();
      },
    });
    await publisher.publish('commands.compute.deleted', Buffer.from('a'));
    await waitFor('the message, twice', () => received === 2);
    assert.equal(await connection.topology.replaceDead('commands.compute.deleted'), true);
    // A look at a missing queue closes the channel, so the looks are made on one that comes back.
    const looks = new KeptChannel({ connection, name: 'looks', setUp: () => Promise.resolve() });
    const queue = connection.topology.queueName('commands.compute.deleted');
    await waitFor('the consumer on a new queue', async () => {
      const channel = await looks.ready(5000);
      return (await channel.checkQueue(queue)).consumerCount === 1;
    });
    await looks.close();
    await publisher.publish('commands.compute.deleted', Buffer.from('b'));
    await waitFor('the message after the deletion', () => received === 3);
    await consumer.stop();
  });

  it('publishes many at once, each with its own outcome, and refuses what is over its bounds', async () => {
    const small = new Publisher({ connection, maxInFlight: 2, maxWaiting: 3, timeoutMs: 20_000 });
    const batch = Array.from({ length: 8 }, (_, n) => ({ routingKey: 'commands.compute.batch', message: { n } }));
    const outcomes = await small.publishBatch(batch);
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    assert.equal(refused.length, 3);
    for (const { reason } of refused) assert.equal((reason as BusError).code, 'overloaded');
    await small.close();
    await assert.rejects(
      small.publish('results', {}),
      (error: unknown) => error instanceof BusError && error.code === 'closed',
    );
  });

  it('waits for the handlers under way when it stops', async () => {
    let ended = false;
    let started = false;
    await make('commands.compute.slow');
    const consumer = startConsumer({
      connection,
      publisher,
      routingKey: 'commands.compute.slow',
      parse: asText,
      handle: async () => {
        started = true;
        await new Promise((resolve) => setTimeout(resolve, 200));
        ended = true;
      },
    });
    await publisher.publish('commands.compute.slow', Buffer.from('slow'));
    await waitFor('the handler', () => started);
    await consumer.stop();
    assert.equal(ended, true);
  });
});
