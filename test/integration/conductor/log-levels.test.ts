// A wished log level reaches the processes that run: conductor and API by their sign of life, workers by the answer to their report.
// What is in force is told, whoever changed it, and a process that was away follows when it comes back.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startConductor } from '../../../services/conductor/conductor.js';
import type { CommandHandlers } from '../../../services/core/bus/command-handler.js';
import { connectBus } from '../../../services/core/bus/connection.js';
import { startWorkerLoop } from '../../../services/core/bus/worker-loop.js';
import { type Database, migrate, openDatabase } from '../../../services/core/db/connection.js';
import { listLogLevels, wishLogLevel } from '../../../services/core/db/log-levels.js';
import { startPresence } from '../../../services/core/db/presence.js';
import { type Report, routingKeys } from '../../../services/core/messages/envelope.js';
import type { LogLevel } from '../../../services/core/runtime/config-types.js';
import { inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { type Logger, loggerTo, logLevelOf, setLogLevel, silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import {
  closeOwnParts,
  freshBroker,
  freshDatabase,
  type TestBroker,
  type TestDatabase,
} from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

const everything = { binary: null, host: null };

function logger(level: LogLevel = 'info'): Logger {
  return loggerTo({ write: () => undefined }, 'test', level);
}

describe('log levels of running processes', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let broker: TestBroker;
  let db: Database;
  const ends: (() => Promise<unknown>)[] = [];

  before(async () => {
    database = await freshDatabase();
    broker = await freshBroker();
    db = openDatabase({ url: database.url });
    await migrate(db);
  });
  after(async () => {
    await db.destroy();
    await database.drop();
    await closeOwnParts();
  });
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    ends.length = 0;
    await db('services').delete();
  });

  async function conductor(own: Logger): Promise<void> {
    const started = await startConductor({
      config: {
        hostName: 'host',
        database: { url: new Secret(database.url), poolSize: 4 },
        amqp: { url: new Secret(broker.url), prefix: broker.prefix },
        reconcileMs: 1000,
        retryBaseMs: 5,
        serviceDownSeconds: 60,
        custodySeconds: 0,
        auditSeconds: 0,
        flatten: { perPool: 0, bytesPerSecond: null, delaySeconds: 0 },
        notifications: { enabled: false, topics: [], exchange: 'x', durable: false, url: null },
        log: { level: 'info', file: null },
        faultPlan: null,
      },
      logger: own,
      faultPoint: inertFaultPoint,
      signal: new AbortController().signal,
    });
    assert.ok(started);
    ends.push(() => started.stop());
  }

  /** Only reports and follows notices. */
  async function worker(host: string, own: Logger): Promise<() => Promise<void>> {
    const bootId = randomUUID();
    const quiet = silentLogger();
    const connection = connectBus({ url: new Secret(broker.url), prefix: broker.prefix, name: host, logger: quiet });
    await connection.whenConnected(20_000);
    const report = (): Promise<Report> => {
      const level = logLevelOf(own) ?? 'info';
      const service = { binary: 'saggar-volume' as const, host, zone: 'nova', bootId, url: null, logLevel: level };
      return Promise.resolve({ version: 1, kind: 'report', service, pools: [], servers: [] });
    };
    const loop = startWorkerLoop({
      connection,
      queue: routingKeys.volume(host),
      workerName: host,
      handlers: {} as CommandHandlers,
      keyOf: () => '',
      report,
      reportSeconds: 1,
      notices: { bootId, follow: ({ logLevel }) => setLogLevel(own, logLevel) },
      logger: quiet,
    });
    const stop = async (): Promise<void> => {
      await loop.stop();
      await connection.close();
    };
    return stop;
  }

  const inForce = async (): Promise<Record<string, LogLevel | null>> =>
    Object.fromEntries((await listLogLevels(db, everything)).map((row) => [`${row.binary} ${row.host}`, row.level]));

  async function untilInForce(wanted: Record<string, LogLevel>): Promise<void> {
    await waitFor(`levels ${JSON.stringify(wanted)}`, async () => {
      const found = await inForce();
      assert.deepEqual(found, wanted);
      return true;
    });
  }

  it('reach conductor, API and each backend of a worker, and only those that are meant', async () => {
    const [ofConductor, ofApi, ofFirst, ofSecond] = [logger(), logger(), logger(), logger('debug')];
    await conductor(ofConductor);
    const api = startPresence({ db, binary: 'saggar-api', host: 'host', logger: ofApi, everyMs: 200 });
    ends.push(() => api.stop());
    ends.push(await worker('host@first', ofFirst), await worker('host@second', ofSecond));
    const [c, a, first, second] = [
      'saggar-conductor host',
      'saggar-api host',
      'saggar-volume host@first',
      'saggar-volume host@second',
    ];
    await untilInForce({ [a]: 'info', [c]: 'info', [first]: 'info', [second]: 'debug' });
    await wishLogLevel(db, { binary: 'saggar-volume', host: 'host@first' }, 'error');
    await wishLogLevel(db, { binary: 'saggar-api', host: null }, 'warn');
    await untilInForce({ [a]: 'warn', [c]: 'info', [first]: 'error', [second]: 'debug' });
    assert.deepEqual([ofConductor, ofApi, ofFirst, ofSecond].map(logLevelOf), ['info', 'warn', 'error', 'debug']);
    await wishLogLevel(db, { binary: null, host: 'host' }, 'debug');
    await untilInForce({ [a]: 'debug', [c]: 'debug', [first]: 'debug', [second]: 'debug' });
  });

  it('wait for a process that is away', async () => {
    await conductor(logger());
    const stop = await worker('host@first', logger());
    await waitFor('the report', async () => (await inForce())['saggar-volume host@first'] === 'info');
    await stop();
    await wishLogLevel(db, { binary: 'saggar-volume', host: null }, 'warn');
    const own = logger();
    ends.push(await worker('host@first', own));
    await waitFor('the notice', () => logLevelOf(own) === 'warn');
  });
});
