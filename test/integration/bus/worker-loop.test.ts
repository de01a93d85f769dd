// The worker loop on a real broker: what is executed, what is answered, and when the broker may forget a command.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { type Consumer, startConsumer } from '../../../services/core/bus/consumer.js';
import { Publisher } from '../../../services/core/bus/publisher.js';
import { startWorkerLoop, type WorkerLoop, type WorkerLoopOptions } from '../../../services/core/bus/worker-loop.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { type Command, type Result, routingKeys } from '../../../services/core/messages/envelope.js';
import { parseReport, parseResult } from '../../../services/core/messages/parse-message.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { closeOwnParts, freshBroker } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import { computeReport, inspectCommand } from './sample-commands.js';

const answer = { server: null };

describe('worker loop on a real broker', function () {
  this.timeout(120_000);
  let url: string;
  let connection: BusConnection;
  let publisher: Publisher;
  const results: Result[] = [];
  let reports = 0;
  const consumers: Consumer[] = [];
  const loops: WorkerLoop[] = [];
  const connections: BusConnection[] = [];
  let prefix: string;
  let queue = '';

  const start = (handler: NonNullable<WorkerLoopOptions['handlers']['server.inspect']>, more = {}): WorkerLoop => {
    const own = connectBus({ url: new Secret(url), prefix, name: 'worker', logger: silentLogger() });
    connections.push(own);
    const loop = startWorkerLoop({
      connection: own,
      queue,
      workerName: 'node1 test',
      handlers: { 'server.inspect': handler },
      keyOf: (command) => (command.params as { serverId: string }).serverId,
      report: () => Promise.resolve(computeReport()),
      reportSeconds: 60,
      logger: silentLogger(),
      ...more,
    });
    loops.push(loop);
    return loop;
  };

  const send = (command: Command): Promise<void> => publisher.publish(queue, command);
  const resultsOf = ({ operationId }: Command): Result[] => results.filter((one) => one.operationId === operationId);
  const finalsOf = (command: Command): Result[] =>
    resultsOf(command).filter(({ outcome }) => outcome.kind !== 'progress');

  before(async () => {
    ({ url, prefix } = await freshBroker());
    connection = connectBus({ url: new Secret(url), prefix, name: 'conductor', logger: silentLogger() });
    publisher = new Publisher({ connection });
    const common = { connection, publisher };
    consumers.push(
      startConsumer({
        ...common,
        routingKey: routingKeys.results,
        parse: parseResult,
        handle: ({ message }) => {
          results.push(message);
          return Promise.resolve();
        },
      }),
      startConsumer({
        ...common,
        routingKey: routingKeys.reports,
        parse: parseReport,
        handle: () => {
          reports += 1;
          return Promise.resolve();
        },
      }),
    );
  });

  beforeEach(() => {
    queue = routingKeys.compute(`node-${randomUUID()}`);
  });

  afterEach(async () => {
    await Promise.all(loops.splice(0).map((loop) => loop.stop(1000)));
    await Promise.all(connections.splice(0).map((one) => one.close()));
  });

  after(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await publisher.close();
    await connection.close();
    await closeOwnParts();
  });

  it('carries out a command that was sent before the worker started, and reports at its start', async () => {
    const command = inspectCommand();
    await send(command);
    const before = reports;
    start(() => Promise.resolve(answer));
    const [result] = await waitFor('the result', () => finalsOf(command).length > 0 && finalsOf(command));
    assert.deepEqual(result?.outcome, { kind: 'done', output: answer });
    assert.equal(result?.worker, 'node1 test');
    await waitFor('a report', () => reports > before);
  });

  it('cancels what an operation runs or has waiting, and nothing that was asked later', async () => {
    const started: string[] = [];
    const untilCancelled: Parameters<typeof start>[0] = (_params, { signal, command }) => {
      started.push(command.step);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new ServiceError('cancelled', 'Stopped.')), { once: true });
      });
    };
    start(untilCancelled, { quietMs: 100 });
    const serverId = randomUUID();
    const operationId = randomUUID();
    const runs = inspectCommand({ operationId, step: 'runs', epoch: 5 }, serverId);
    const waits = inspectCommand({ operationId, step: 'waits', epoch: 6 }, serverId);
    const other = inspectCommand({ step: 'other', epoch: 7 });
    for (const command of [runs, waits, other]) await send(command);
    await waitFor('both to start', () => started.length === 2);
    const cancel = (id: string, epoch: number) =>
      publisher.publish(queue, { version: 1, kind: 'cancel', operationId: id, epoch });
    await cancel(randomUUID(), 9);
    await cancel(operationId, 4);
    await cancel(operationId, 6);
    await waitFor('the answers', () => finalsOf(runs).length === 2);
    const codes = finalsOf(runs).map(({ step, outcome }) => [step, outcome.kind === 'failed' && outcome.error.code]);
    assert.deepEqual(codes.sort(), [
      ['runs', 'cancelled'],
      ['waits', 'cancelled'],
    ]);
    assert.deepEqual(started, ['runs', 'other']);
    assert.equal(finalsOf(other).length, 0);
    // Asked again it begins anew, and a cancel that comes again means what was before.
    const again = { ...runs, id: randomUUID(), attempt: 2, epoch: 8 };
    await send(again);
    await waitFor('the second start', () => started.length === 3);
    await cancel(operationId, 7);
    await cancel(other.operationId, 7);
    await waitFor('the end of the other', () => finalsOf(other).length === 1);
    assert.equal(finalsOf(again).length, 2);
    await cancel(operationId, 8);
    await waitFor('its end', () => finalsOf(again).length === 3);
  });

  it('executes a duplicate once and answers it again', async () => {
    let executed = 0;
    start(() => {
      executed += 1;
      return Promise.resolve(answer);
    });
    const command = inspectCommand();
    await Promise.all([send(command), send(command)]);
    await waitFor('two answers', () => finalsOf(command).length === 2);
    await send(command);
    await waitFor('three answers', () => finalsOf(command).length === 3);
    assert.equal(executed, 1);
  });

  it('does not carry out what a predecessor may have answered, unless it is asked again', async () => {
    let executed = 0;
    start(() => {
      executed += 1;
      return Promise.resolve(answer);
    });
    const askAgainOf = (command: Command): string | undefined => {
      const [result] = finalsOf(command);
      return result?.outcome.kind === 'failed' ? result.outcome.askAgain : undefined;
    };
    const first = inspectCommand({ epoch: 5, life: null });
    await send(first);
    const life = await waitFor('the wish to be asked again', () => askAgainOf(first));
    assert.equal(executed, 0);
    const again = { ...first, id: randomUUID(), attempt: 2, epoch: 6, life };
    const later = inspectCommand({ epoch: 7, life: null });
    for (const command of [again, later]) await send(command);
    await waitFor('both answers', () => finalsOf(again).length === 2 && finalsOf(later).length === 1);
    assert.deepEqual(finalsOf(again)[1]?.outcome, { kind: 'done', output: answer });
    assert.deepEqual(finalsOf(later)[0]?.outcome, { kind: 'done', output: answer });
    assert.equal(executed, 2);
    // A standby that takes over does not know of either, and the loop knows its answers still.
    await send(again);
    await waitFor('the answer once more', () => finalsOf(again).length === 3);
    assert.equal(executed, 2);
    await connections[0]?.close();
    start(() => Promise.reject(new Error('nobody asked for this')));
    await send(later);
    await waitFor('the wish of the standby', () => finalsOf(later).length === 2, { timeoutMs: 20_000 });
    const last = finalsOf(later)[1]?.outcome;
    assert.ok(last?.kind === 'failed' && last.askAgain !== undefined && last.askAgain !== life);
  });

  it('lets a newer attempt join the running one, and answers both', async () => {
    let release: () => void = () => undefined;
    let executed = 0;
    start(
      async (_params, { onProgress }) => {
        executed += 1;
        onProgress(40);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return answer;
      },
      { quietMs: 100 },
    );
    const first = inspectCommand();
    const second = { ...first, id: randomUUID(), attempt: 2, epoch: 2 };
    await send(first);
    await waitFor('the start', () => executed === 1);
    await send(second);
    await waitFor('signs of life of the newer attempt', () =>
      resultsOf(first).some(
        ({ attempt, outcome }) => attempt === 2 && outcome.kind === 'progress' && outcome.percent === 40,
      ),
    );
    release();
    await waitFor('both answers', () => finalsOf(first).length === 2);
    assert.deepEqual(
      finalsOf(first)
        .map(({ attempt }) => attempt)
        .sort(),
      [1, 2],
    );
    assert.equal(executed, 1);
  });

  it('runs commands of one server one after another and others beside them', async () => {
    const running = new Set<string>();
    let together = 0;
    const order: string[] = [];
    start(async ({ serverId }, { command }) => {
      assert.ok(!running.has(serverId), 'two at a time for one server');
      running.add(serverId);
      together = Math.max(together, running.size);
      order.push(command.step);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running.delete(serverId);
      return answer;
    });
    const serverId = randomUUID();
    const same = [1, 2, 3].map((epoch) => inspectCommand({ epoch, step: `same-${epoch}` }, serverId));
    const other = inspectCommand({ step: 'other' });
    for (const command of [...same, other]) await send(command);
    await waitFor('all answers', () => [...same, other].every((command) => finalsOf(command).length === 1));
    assert.deepEqual(
      order.filter((step) => step !== 'other'),
      ['same-1', 'same-2', 'same-3'],
    );
    assert.equal(together, 2);
  });

  it('refuses a lower epoch for the same server', async () => {
    let executed = 0;
    start(() => {
      executed += 1;
      return Promise.resolve(answer);
    });
    const serverId = randomUUID();
    const newer = inspectCommand({ epoch: 9 }, serverId);
    await send(newer);
    await waitFor('the newer one', () => finalsOf(newer).length === 1);
    const older = inspectCommand({ epoch: 8 }, serverId);
    await send(older);
    const [result] = await waitFor('the refusal', () => finalsOf(older).length > 0 && finalsOf(older));
    assert.equal(result?.outcome.kind === 'failed' && result.outcome.error.code, 'fenced');
    assert.equal(executed, 1);
  });

  it('tells failures by code, hides the unknown ones, and passes an undo that went forward', async () => {
    start((_params, { command }) => {
      if (command.step === 'known') {
        return Promise.reject(new ServiceError('no_space', 'The share is full.', { context: { partial: false } }));
      }
      if (command.step === 'unknown') return Promise.reject(new Error('ENOENT /secret/path'));
      if (command.step === 'unreadable') return Promise.resolve({} as typeof answer);
      return Promise.resolve({ forward: answer });
    });
    const outcomeOf = async (overrides: Partial<Command>): Promise<Result['outcome'] | undefined> => {
      const command = inspectCommand(overrides);
      await send(command);
      const [result] = await waitFor('an answer', () => finalsOf(command).length > 0 && finalsOf(command));
      return result?.outcome;
    };
    const known = await outcomeOf({ step: 'known' });
    assert.ok(known?.kind === 'failed');
    assert.deepEqual([known.error.code, known.error.message, known.partial], ['no_space', 'The share is full.', false]);
    const unknown = await outcomeOf({ step: 'unknown' });
    assert.ok(unknown?.kind === 'failed');
    assert.equal(unknown.error.code, 'internal');
    assert.doesNotMatch(unknown.error.message, /secret/);
    assert.match(unknown.error.detail ?? '', /secret/);
    assert.equal((await outcomeOf({ step: 'unreadable' }))?.kind, 'failed');
    assert.deepEqual(await outcomeOf({ step: 'back', phase: 'undo' }), { kind: 'forward', output: answer });
  });

  it('takes a command again that was not answered when the worker was lost', async () => {
    const command = inspectCommand();
    let firstStarted = false;
    start(() => {
      firstStarted = true;
      return new Promise(() => undefined);
    });
    await send(command);
    await waitFor('the first worker', () => firstStarted);
    const standby = start(() => Promise.resolve(answer));
    assert.equal(standby.busy, 0);
    // The connection ends as when the process is killed: no acknowledgement, no goodbye to the queue.
    await connections[0]?.close();
    await waitFor('the answer of the standby', () => finalsOf(command).length === 1, { timeoutMs: 20_000 });
  });

  it('hands back what runs at its end, also when it was acknowledged early', async () => {
    const command = inspectCommand();
    let started = false;
    const first = start(
      async (_params, { signal }) => {
        started = true;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        throw new Error('interrupted');
      },
      { quietMs: 50 },
    );
    await send(command);
    await waitFor('the start', () => started);
    await waitFor('a sign of life, so it was acknowledged', () => resultsOf(command).length > 0);
    await first.stop(100);
    assert.deepEqual(finalsOf(command), []);
    start(() => Promise.resolve(answer));
    await waitFor('the answer of the next life', () => finalsOf(command).length === 1);
  });

  it('parks what it cannot read, with the reason', async () => {
    const parked: unknown[] = [];
    const parkedConsumer = startConsumer({
      connection,
      publisher,
      routingKey: routingKeys.parked,
      parse: (bytes) => ({ ok: true, message: bytes.toString() }),
      handle: ({ message }) => {
        parked.push(message);
        return Promise.resolve();
      },
    });
    start(() => Promise.resolve(answer));
    await publisher.publish(queue, Buffer.from('{"no": "command"}'));
    const good = inspectCommand();
    await send(good);
    await waitFor('the parked message', () => parked.includes('{"no": "command"}'));
    await waitFor('the next message', () => finalsOf(good).length === 1);
    await parkedConsumer.stop();
  });
});
