// The bus against a real broker that is down at the start, killed, frozen and wiped. The measure: what was confirmed arrives, consumers
// go on by themselves, and the process never notices more than rejected promises.
import assert from 'node:assert/strict';
import { BusError } from '../../../services/core/bus/bus-error.js';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { type Consumer, startConsumer } from '../../../services/core/bus/consumer.js';
import { Publisher } from '../../../services/core/bus/publisher.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { waitFor } from '../../harness/wait-for.js';
import { PrivateBroker } from './private-broker.js';

const parseNumber = (bytes: Buffer): { ok: true; message: number } => ({
  ok: true,
  message: (JSON.parse(bytes.toString()) as { n: number }).n,
});

describe('the bus when its broker fails', function () {
  this.timeout(120_000);
  let broker: PrivateBroker;
  let connection: BusConnection;
  let publisher: Publisher;
  const consumers: Consumer[] = [];
  const loads: (() => Promise<void>)[] = [];
  const received = new Map<number, number>();
  let next = 0;
  const confirmed = new Set<number>();

  const collect = (routingKey: string): void => {
    consumers.push(
      startConsumer({
        connection,
        publisher,
        routingKey,
        parse: parseNumber,
        handle: ({ message }) => {
          received.set(message, (received.get(message) ?? 0) + 1);
          return Promise.resolve();
        },
      }),
    );
  };

  /** Publishes until told to stop; what is confirmed is written down. */
  const publishSteadily = (routingKey: string): (() => Promise<void>) => {
    let stop = false;
    const end = async (): Promise<void> => {
      stop = true;
      await all;
    };
    const one = async (): Promise<void> => {
      while (!stop) {
        next += 1;
        const n = next;
        try {
          await publisher.publish(routingKey, { n }, { timeoutMs: 3000 });
          confirmed.add(n);
        } catch (error) {
          assert.ok(error instanceof BusError, String(error));
          // A turn of the event loop: refusals can come at once, and a loop of promises alone would starve the sockets.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    const all = Promise.all(Array.from({ length: 10 }, one));
    loads.push(end);
    return end;
  };

  const missing = (): number[] => [...confirmed].filter((n) => !received.has(n));

  before(async () => {
    broker = await PrivateBroker.prepare();
    await broker.start();
    await broker.kill();
    connection = connectBus({ url: broker.url(), prefix: 'outage', name: 'test', logger: silentLogger() });
    publisher = new Publisher({ connection });
    collect('results');
  });

  after(async () => {
    for (const consumer of consumers) await consumer.stop();
    await publisher.close();
    await connection.close();
    await broker.remove();
  });

  afterEach(async () => {
    for (const end of loads.splice(0)) await end();
  });

  it('starts before its broker, refuses in time, and delivers what was asked meanwhile', async () => {
    assert.equal(connection.state, 'connecting');
    await assert.rejects(publisher.publish('results', { n: 0 }, { timeoutMs: 200 }), BusError);
    next += 1;
    const early = next;
    const patient = publisher.publish('results', { n: early }, { timeoutMs: 60_000 });
    await broker.start();
    await patient;
    await waitFor('the early message', () => received.has(early));
    assert.equal(connection.state, 'connected');
  });

  it('loses nothing that was confirmed when the broker is killed under load', async () => {
    const stop = publishSteadily('results');
    await waitFor('load', () => confirmed.size > 300);
    await broker.settled('outage.results');
    await broker.kill();
    const before = confirmed.size;
    await broker.start();
    await waitFor('confirms after the restart', () => confirmed.size > before + 300, { timeoutMs: 30_000 });
    await stop();
    await waitFor('all that was confirmed', () => missing().length === 0, { timeoutMs: 20_000 });
  });

  it('notices a frozen broker, and goes on when it runs again', async () => {
    const stop = publishSteadily('results');
    const before = confirmed.size;
    await waitFor('load', () => confirmed.size > before + 50);
    broker.freeze();
    await waitFor('the loss to be noticed', () => connection.state === 'connecting', { timeoutMs: 15_000 });
    const frozen = confirmed.size;
    broker.thaw();
    await waitFor('confirms after the thaw', () => confirmed.size > frozen + 50, { timeoutMs: 20_000 });
    await stop();
    await waitFor('all that was confirmed', () => missing().length === 0, { timeoutMs: 20_000 });
  });

  it('declares everything again on a broker that lost everything', async () => {
    await broker.kill();
    broker.wipe();
    await broker.start();
    next += 1;
    const late = next;
    await publisher.publish('results', { n: late }, { timeoutMs: 30_000 });
    await publisher.publish('commands.compute.nobody', { n: 0 }, { timeoutMs: 10_000 });
    await waitFor('the consumer on the new queue', () => received.has(late), { timeoutMs: 20_000 });
  });

  it('replaces a queue that the broker has forgotten half of', async () => {
    // Killed right after the declaration, RabbitMQ 3.10 keeps the queue's name and loses its log: it never confirms again. Where the
    // broker got its log to disk in time there is nothing to replace, and the message is confirmed at once.
    const key = 'commands.compute.forgotten';
    await publisher.publish(key, { n: 0 }, { timeoutMs: 10_000 });
    await broker.kill();
    await broker.start();
    await connection.whenConnected(20_000);
    collect(key);
    next += 1;
    const n = next;
    await waitFor('a confirm', () => publisher.publish(key, { n }, { timeoutMs: 1000 }).then(() => true), {
      timeoutMs: 40_000,
    });
    await waitFor('the message', () => received.has(n), { timeoutMs: 30_000 });
  });

  it('ends in time although the broker is frozen', async () => {
    const other = connectBus({ url: broker.url(60), prefix: 'outage', name: 'other', logger: silentLogger() });
    await other.whenConnected(10_000);
    broker.freeze();
    try {
      const started = performance.now();
      await other.close();
      assert.ok(performance.now() - started < 6000);
      assert.equal(other.state, 'closed');
    } finally {
      broker.thaw();
    }
  });
});
