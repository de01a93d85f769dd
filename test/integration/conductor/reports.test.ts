// What the conductor stores of workers' reports: services, pools, power states, and what a restart of a worker wakes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { storeReport, wakeStepsOfWorker } from '../../../services/core/db/conductor/reports.js';
import { listDueOperations } from '../../../services/core/db/conductor/sweeps.js';
import type { PoolReportMessage, Report } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import { actOnServer, createServer, createVolume } from '../engine/requests.js';
import { place, Rig } from '../engine/rig.js';

function pool(share: string, freeBytes = 10): PoolReportMessage {
  return {
    access: { share, glusterVolumeName: 'v', directory: '', servers: [{ host: 'a', port: 24007 }], mountOptions: null },
    state: 'up',
    totalBytes: 100,
    freeBytes,
    findings: [],
    capabilities: {
      volumeBackendName: 'backend',
      vendorName: 'v',
      driverVersion: '1',
      storageProtocol: 'glusterfs',
      reservedPercentage: 0,
      maxOverSubscriptionRatio: 20,
      thinProvisioning: true,
      thickProvisioning: false,
      volumeFormat: 'qcow2',
      preallocation: 'off',
    },
  };
}

function volumeReport(bootId: string, pools: PoolReportMessage[]): Report {
  const service = { binary: 'saggar-volume' as const, host: 'host@backend', zone: 'nova', bootId, url: null };
  return { version: 1, kind: 'report', service, pools, servers: [] };
}

function computeReport(servers: Report['servers']): Report {
  const service = {
    binary: 'saggar-compute' as const,
    host: 'host',
    zone: 'nova',
    bootId: randomUUID(),
    url: 'http://a',
  };
  return { version: 1, kind: 'report', service, pools: [], servers };
}

describe('conductor: reports', function () {
  this.timeout(20_000);
  let rig: Rig;
  let drop: () => Promise<void>;

  before(async () => {
    const database = await freshDatabase();
    drop = () => database.drop();
    rig = await Rig.open(database.url);
  });
  after(async () => {
    await rig.close();
    await drop();
    await closeOwnParts();
  });

  const store = (report: Report) => rig.db.transaction((tx) => storeReport(tx, report));

  it('keeps one row per service and notices another process', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    assert.deepEqual(await store(volumeReport(first, [pool('dir:/share')])), { rebooted: false, wantedLogLevel: null });
    assert.deepEqual(await store(volumeReport(first, [pool('dir:/share')])), { rebooted: false, wantedLogLevel: null });
    assert.deepEqual(await store(volumeReport(second, [pool('dir:/share')])), { rebooted: true, wantedLogLevel: null });
    const rows: { boot_id: string }[] = await rig.db('services').where({ host: 'host@backend' });
    assert.deepEqual(
      rows.map((row) => row.boot_id),
      [second],
    );
  });

  it('names pools host@backend#share, keeps their promises, and puts a vanished share down', async () => {
    await rig.db('pools').where({ name: place.pool }).update({ provisioned_gib: 7 });
    await store(volumeReport(randomUUID(), [pool('dir:/share', 42), pool('dir:/other')]));
    const find = (name: string) =>
      rig.db('pools').where({ name }).first() as Promise<Record<string, unknown> | undefined>;
    assert.equal((await find(place.pool))?.['free_bytes'], 42);
    assert.equal((await find(place.pool))?.['provisioned_gib'], 7);
    assert.equal((await find('host@backend#dir:/other'))?.['state'], 'up');
    await store(volumeReport(randomUUID(), [pool('dir:/share')]));
    assert.equal((await find('host@backend#dir:/other'))?.['state'], 'down');
    assert.equal((await find(place.pool))?.['state'], 'up');
    await rig.db('pools').where({ name: place.pool }).update({ provisioned_gib: 0 });
  });

  it('takes concurrent reports about the same pools without a deadlock', async () => {
    const shares = Array.from({ length: 8 }, (_, index) => pool(`dir:/s${index}`));
    const reports = Array.from({ length: 12 }, (_, index) =>
      volumeReport(randomUUID(), index % 2 === 0 ? shares : [...shares].reverse()),
    );
    await Promise.all(reports.map(store));
    await store(volumeReport(randomUUID(), [pool('dir:/share')]));
  });

  it('wakes the steps in flight on the queue of a restarted worker, and no others', async () => {
    const { operationId } = await createVolume(rig.db, place);
    await rig.takeCommand();
    assert.deepEqual(await listDueOperations(rig.db, 10), []);
    const elsewhere = { ...volumeReport(randomUUID(), []), service: { ...volumeReport('', []).service, host: 'x@y' } };
    assert.equal(await rig.db.transaction((tx) => wakeStepsOfWorker(tx, elsewhere)), 0);
    assert.equal(await rig.db.transaction((tx) => wakeStepsOfWorker(tx, volumeReport(randomUUID(), []))), 1);
    assert.deepEqual(await listDueOperations(rig.db, 10), [operationId]);
    await rig.settle();
  });

  describe('of a compute worker', () => {
    let serverId: string;
    const row = async () =>
      (await rig.db('servers').where({ id: serverId }).first('vm_state', 'power_state')) as Record<string, unknown>;
    const settled = () => rig.db('servers').update({ updated_at: rig.db.raw("utc_now() - interval '1 minute'") });

    before(async () => {
      const { id } = await createVolume(rig.db, place);
      await rig.settle();
      serverId = (await createServer(rig.db, place, [id])).id;
      await rig.settle();
    });

    it('leaves a server alone that changed a moment ago: the report may be older', async () => {
      await store(computeReport([]));
      assert.deepEqual(await row(), { vm_state: 'active', power_state: 1 });
    });

    it('leaves a running guest active', async () => {
      await settled();
      await store(computeReport([{ serverId, powerState: 1 }]));
      assert.deepEqual(await row(), { vm_state: 'active', power_state: 1 });
    });

    for (const [what, servers] of [
      ['powered off by itself', () => [{ serverId, powerState: 4 }]],
      ['gone', () => []],
    ] as const) {
      it(`shows a guest that is ${what} as stopped, and as active when it runs again`, async () => {
        await settled();
        await store(computeReport([...servers()]));
        assert.deepEqual(await row(), { vm_state: 'stopped', power_state: 4 });
        await settled();
        await store(computeReport([{ serverId, powerState: 1 }]));
        assert.deepEqual(await row(), { vm_state: 'active', power_state: 1 });
      });
    }

    it('says nothing about a server that an operation works on', async () => {
      await settled();
      await actOnServer(rig.db, 'server-stop', serverId);
      await rig.db('servers').update({ task_state: null });
      await store(computeReport([]));
      assert.equal((await row())['vm_state'], 'active');
      await rig.settle();
    });
  });
});
