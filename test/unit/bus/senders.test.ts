// Results and reports without a broker: repeated or not, bounded, and what a plan can do to them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BoundedMap } from '../../../services/core/bus/bounded-map.js';
import { BusError } from '../../../services/core/bus/bus-error.js';
import { failedOutcome } from '../../../services/core/bus/command-handler.js';
import { PlacesInFlight } from '../../../services/core/bus/places-in-flight.js';
import { startReports } from '../../../services/core/bus/report-sender.js';
import { type MessagePublisher, ResultSender } from '../../../services/core/bus/result-sender.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import type { Report } from '../../../services/core/messages/envelope.js';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';
import { type FaultPoint, inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { waitFor } from '../../harness/wait-for.js';
import { computeReport, inspectCommand } from '../../integration/bus/sample-commands.js';

class PlayedPublisher implements MessagePublisher {
  readonly sent: object[] = [];
  failures = 0;
  publish(_routingKey: string, message: object): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new BusError('disconnected', 'played'));
    }
    this.sent.push(message);
    return Promise.resolve();
  }
}

const done = { kind: 'done', output: {} } as const;

describe('result sender', () => {
  const make = (publisher: MessagePublisher, faultPoint: FaultPoint = inertFaultPoint, maxWaiting = 10): ResultSender =>
    new ResultSender(publisher, 'node1', silentLogger(), faultPoint, maxWaiting);

  it('repeats until the broker has it', async () => {
    const publisher = new PlayedPublisher();
    publisher.failures = 2;
    const command = inspectCommand();
    assert.equal(await make(publisher).send(command, done), true);
    assert.equal(publisher.sent.length, 1);
    const { operationId, step, phase, attempt, epoch } = command;
    assert.deepEqual(publisher.sent[0], {
      version: 1,
      kind: 'result',
      operationId,
      step,
      phase,
      attempt,
      epoch,
      worker: 'node1',
      outcome: done,
    });
  });

  it('sends twice where a plan says so', async () => {
    const publisher = new PlayedPublisher();
    const twice: FaultPoint = (name) => Promise.resolve({ duplicate: name === 'worker:before-result' });
    await make(publisher, twice).send(inspectCommand(), done);
    assert.equal(publisher.sent.length, 2);
  });

  it('keeps so many and drops the next; gives up when it ends', async () => {
    const publisher = new PlayedPublisher();
    publisher.failures = Number.POSITIVE_INFINITY;
    const sender = make(publisher, inertFaultPoint, 2);
    const kept = [sender.send(inspectCommand(), done), sender.send(inspectCommand(), done)];
    assert.equal(await sender.send(inspectCommand(), done), false);
    sender.stop();
    assert.deepEqual(await Promise.all(kept), [false, false]);
    await sender.sendProgress(inspectCommand(), 5);
  });
});

describe('report sender', () => {
  it('reports at once, in its period, on demand, and never two at a time', async () => {
    const clock = new FakeClock();
    const publisher = new PlayedPublisher();
    let making = 0;
    let most = 0;
    const report = async (): Promise<Report> => {
      making += 1;
      most = Math.max(most, making);
      await new Promise((resolve) => setImmediate(resolve));
      making -= 1;
      return computeReport();
    };
    const reports = startReports({ publisher, report, reportMs: 10_000, clock, logger: silentLogger() });
    await waitFor('the first', () => publisher.sent.length === 1);
    await clock.advance(10_000);
    await waitFor('the periodic one', () => publisher.sent.length === 2);
    for (let n = 0; n < 5; n += 1) reports.reportNow();
    await waitFor('one that runs and one that follows', () => publisher.sent.length === 4);
    reports.stop();
    reports.reportNow();
    await clock.advance(60_000);
    assert.deepEqual([publisher.sent.length, most, clock.pending], [4, 1, 0]);
  });

  it('goes on after a report that cannot be made or sent', async () => {
    const clock = new FakeClock();
    const publisher = new PlayedPublisher();
    publisher.failures = 1;
    let asked = 0;
    const report = (): Promise<Report> => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('share hangs')) : Promise.resolve(computeReport());
    };
    const reports = startReports({ publisher, report, reportMs: 1000, clock, logger: silentLogger() });
    await clock.advance(3000);
    await waitFor('a report', () => publisher.sent.length > 0);
    reports.stop();
  });
});

describe('places in flight', () => {
  it('serves the line in order and refuses what does not fit', async () => {
    const places = new PlacesInFlight(1, 1);
    const back = await places.take(1000);
    let entered = false;
    const second = places.take(1000).then((give) => {
      entered = true;
      return give;
    });
    await assert.rejects(
      places.take(1000),
      (error: unknown) => error instanceof BusError && error.code === 'overloaded',
    );
    assert.equal(entered, false);
    back();
    back();
    const give = await second;
    await assert.rejects(places.take(5), (error: unknown) => error instanceof BusError && error.code === 'timeout');
    const waiting = places.take(1000);
    places.close();
    await assert.rejects(waiting, (error: unknown) => error instanceof BusError && error.code === 'closed');
    give();
  });
});

describe('bounded map', () => {
  it('forgets the oldest, and setting again makes new', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size], [3, undefined, 4, 2]);
  });
});

describe('failed outcome', () => {
  it('keeps public text apart from what is for logs', () => {
    const known = failedOutcome(
      new ServiceError('no_space', 'Full.', { context: { share: 's1' }, cause: new Error('ENOSPC') }),
    );
    assert.deepEqual([known.error.code, known.error.message, known.partial], ['no_space', 'Full.', true]);
    assert.match(known.error.detail ?? '', /s1.*ENOSPC/s);
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    assert.match(
      failedOutcome(new ServiceError('internal', 'x', { context: circular })).error.detail ?? '',
      /cannot be shown/,
    );
    assert.equal(failedOutcome('text').error.code, 'internal');
    assert.ok((failedOutcome(new Error('x'.repeat(9000))).error.detail ?? '').length <= 4000);
  });
});
