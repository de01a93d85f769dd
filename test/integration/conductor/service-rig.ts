// Conductors and worker loops in this process, over a real database and a real broker, with a world in memory behind the workers.
// The HTTP API and the drivers are the only parts that are missing.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Conductor, startConductor } from '../../../services/conductor/conductor.js';
import type { CommandContext, CommandHandlers } from '../../../services/core/bus/command-handler.js';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { startWorkerLoop, type WorkerLoop } from '../../../services/core/bus/worker-loop.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { type Command, commandSchemas, type Report, routingKeys } from '../../../services/core/messages/envelope.js';
import type { FlattenConfig, NotificationsConfig } from '../../../services/core/runtime/config-types.js';
import { type FaultPoint, inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { waitFor } from '../../harness/wait-for.js';
import { FakeWorld } from '../engine/fake-world.js';
import type { Asked, Place } from '../engine/requests.js';

export const place: Place = { pool: 'host@backend#dir:/share', computeHost: 'host' };
const logger = silentLogger();

export interface RigServers {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  readonly prefix: string;
  /** Default: nothing is told. */
  readonly notifications?: NotificationsConfig;
}

const noNotifications: NotificationsConfig = {
  enabled: false,
  topics: ['notifications'],
  exchange: 'openstack',
  durable: false,
  url: null,
};

function keysOf({ params }: Command): readonly string[] {
  const { volumeId, serverId } = params as { volumeId?: string; serverId?: string };
  return [volumeId, serverId].filter((id) => id !== undefined);
}

function volumeReport(bootId: string): Report {
  const access = { share: 'dir:/share', glusterVolumeName: '', directory: '/share', servers: [], mountOptions: null };
  const capabilities = {
    volumeBackendName: 'backend',
    vendorName: 'v',
    driverVersion: '1',
    storageProtocol: 'file',
    reservedPercentage: 0,
    maxOverSubscriptionRatio: 20,
    thinProvisioning: true,
    thickProvisioning: false,
    volumeFormat: 'qcow2' as const,
    preallocation: 'off' as const,
  };
  const pool = { access, state: 'up' as const, totalBytes: 1e12, freeBytes: 1e12, findings: [], capabilities };
  const service = { binary: 'saggar-volume' as const, host: 'host@backend', zone: 'nova', bootId, url: null };
  return { version: 1, kind: 'report', service, pools: [pool], servers: [] };
}

function computeReport(bootId: string, world: FakeWorld): Report {
  const service = { binary: 'saggar-compute' as const, host: 'host', zone: 'nova', bootId, url: 'http://127.0.0.1:9' };
  const servers = [...world.guests].map(([serverId, guest]) => ({ serverId, powerState: guest.running ? 1 : 4 }));
  return { version: 1, kind: 'report', service, pools: [], servers };
}

export class ServiceRig {
  readonly world = new FakeWorld();
  readonly db: Database;
  private readonly conductors = new Set<Conductor>();
  private readonly workers = new Set<{ loop: WorkerLoop; connection: BusConnection }>();
  /** Milliseconds that each effect takes. */
  effectMs = 0;
  /** What else happens before an effect; may throw as a driver would. */
  before: (command: Command, context: Pick<CommandContext, 'signal' | 'onProgress'>) => Promise<void> = () =>
    Promise.resolve();
  flatten: FlattenConfig = { perPool: 0, bytesPerSecond: null, delaySeconds: 0 };

  constructor(private readonly servers: RigServers) {
    const notifications = servers.notifications?.enabled ? { hostName: 'api-host' } : null;
    this.db = openDatabase({ url: servers.databaseUrl, poolSize: 5, notifications });
  }

  async startConductor(faultPoint: FaultPoint = inertFaultPoint): Promise<Conductor> {
    const { databaseUrl, amqpUrl, prefix } = this.servers;
    const config = {
      database: { url: new Secret(databaseUrl), poolSize: 6 },
      amqp: { url: new Secret(amqpUrl), prefix },
      reconcileMs: 100,
      retryBaseMs: 5,
      serviceDownSeconds: 60,
      custodySeconds: 0,
      auditSeconds: 0,
      flatten: this.flatten,
      hostName: 'host',
      notifications: this.servers.notifications ?? noNotifications,
      log: { level: 'error' as const, file: null },
      faultPlan: null,
    };
    const { signal } = new AbortController();
    const conductor = await startConductor({ config, logger, faultPoint, signal });
    assert.ok(conductor);
    this.conductors.add(conductor);
    return conductor;
  }

  async stopConductor(conductor: Conductor): Promise<void> {
    this.conductors.delete(conductor);
    await conductor.stop();
  }

  /** A volume worker and a compute worker; both work on the same world. */
  async startWorkers(): Promise<void> {
    const bootId = randomUUID();
    const start = async (queue: string, report: () => Promise<Report>): Promise<void> => {
      const url = new Secret(this.servers.amqpUrl);
      const connection = connectBus({ url, prefix: this.servers.prefix, name: 'test worker', logger });
      await connection.whenConnected(20_000);
      const workerName = `${queue} ${bootId}`;
      const handlers = this.handlers();
      const loop = startWorkerLoop({
        connection,
        queue,
        workerName,
        handlers,
        keyOf: keysOf,
        report,
        reportSeconds: 1,
        logger,
      });
      this.workers.add({ loop, connection });
    };
    await start(routingKeys.volume('host@backend'), () => Promise.resolve(volumeReport(bootId)));
    await start(routingKeys.compute('host'), () => Promise.resolve(computeReport(bootId, this.world)));
    await waitFor('the pool', () => this.db('pools').where({ name: place.pool, state: 'up' }).first('name'));
  }

  async stopWorkers(): Promise<void> {
    const workers = [...this.workers];
    this.workers.clear();
    for (const { loop, connection } of workers) {
      await loop.stop(2000);
      await connection.close();
    }
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await Promise.all([...this.conductors].map((conductor) => conductor.stop()));
    await this.db.destroy();
  }

  /** Waits until all these operations are done; one that failed or is stuck fails the test. */
  async done(asked: readonly Asked[], timeoutMs = 20_000): Promise<void> {
    const ids = asked.map((one) => one.operationId);
    await waitFor(
      `${ids.length} operations to be done`,
      async () => {
        const rows: { type: string; state: string; step: string; error: unknown }[] = await this.db('operations')
          .whereIn('id', ids)
          .whereNot({ state: 'done' })
          .select('type', 'state', 'step', 'attempt', 'tries', 'error');
        assert.ok(!rows.some((row) => row.state === 'failed'), JSON.stringify(rows));
        return rows.length === 0 ? true : assert.fail(JSON.stringify(rows.slice(0, 3)));
      },
      { timeoutMs },
    );
  }

  /** What a sweep would find only after the steps' deadlines, now. */
  async makeStepsDue(): Promise<void> {
    await this.db('operations')
      .whereNotNull('queue')
      .update({ wake_at: this.db.raw('utc_now()') });
  }

  async assertNothingLeft(): Promise<void> {
    await waitFor('the outbox to be empty', async () => (await this.db('outbox').select('id')).length === 0);
    assert.deepEqual(await this.db('operations').whereNotIn('state', ['done', 'failed']).select('type', 'state'), []);
    assert.deepEqual(await this.db('resource_locks').select('resource'), []);
    const onRecord: { file: string }[] = await this.db('chain_layers').select('file');
    assert.deepEqual([...this.world.files.keys()].sort(), onRecord.map((row) => row.file).sort());
  }

  private handlers(): CommandHandlers {
    const perform = async (_params: object, context: CommandContext): Promise<object> => {
      const { command } = context;
      if (this.effectMs > 0) await new Promise((resolve) => setTimeout(resolve, this.effectMs));
      await this.before(command, context);
      return this.world.perform(command);
    };
    return Object.fromEntries(Object.keys(commandSchemas).map((type) => [type, perform])) as unknown as CommandHandlers;
  }
}
