// A share in maintenance: it gets nothing new, what is on it goes on and grows, it is refused while it heals, and an evacuation empties it a
// few volumes at a time, leaves what cannot move with the reason, and takes up what comes free.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { renderMetrics } from '../../../services/api/metrics/metrics-server.js';
import { listPools, rankPools, tryPromise } from '../../../services/core/db/block-storage/placement.js';
import {
  advanceEvacuations,
  evacuatePool,
  loadEvacuation,
} from '../../../services/core/db/block-storage/pool-evacuation.js';
import { listPoolHealth, loadPoolHealth } from '../../../services/core/db/block-storage/pool-health.js';
import { endPoolMaintenance, setPoolMaintenance } from '../../../services/core/db/block-storage/pool-maintenance.js';
import { migrateVolume } from '../../../services/core/db/block-storage/volume-migrate.js';
import { storeReport } from '../../../services/core/db/conductor/reports.js';
import type { PoolReportMessage, Report } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import { createSnapshot, createVolume, projectId } from '../engine/requests.js';
import { place, Rig } from '../engine/rig.js';

const OTHER = 'host@backend#dir:/other';
const TIB = 1024 ** 4;
const requester = { userId: 'u', projectId: 'p', requestId: 'req-1' };
const who = { ...requester, visibleProjectId: null, isService: false };

type Findings = PoolReportMessage['findings'];

function poolOf(share: string, findings: Findings = [], more: Partial<PoolReportMessage> = {}): PoolReportMessage {
  return {
    access: { share, glusterVolumeName: 'v', directory: '', servers: [{ host: 'a', port: 24007 }], mountOptions: null },
    state: 'up',
    totalBytes: TIB,
    freeBytes: TIB,
    findings,
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
    ...more,
  };
}

describe('maintenance of a share', function () {
  this.timeout(60_000);
  let rig: Rig;
  let drop: () => Promise<void>;
  const bootId = '11111111-2222-4333-8444-555555555555';
  const report = (...pools: PoolReportMessage[]) => {
    const service = { binary: 'saggar-volume' as const, host: 'host@backend', zone: 'nova', bootId, url: null };
    const message: Report = { version: 1, kind: 'report', service, pools, servers: [] };
    return rig.db.transaction((tx) => storeReport(tx, message));
  };
  const wish = { sizeGib: 1, zones: null, specs: {}, backendHost: null };
  const candidates = async () => {
    const { pools, reason } = rankPools(await listPools(rig.db), wish);
    return pools.length === 0 ? reason : pools.map(({ name }) => name);
  };
  const poolsOf = async () =>
    (await rig.db('volumes').orderBy('id').select('host')).map(({ host }: { host: string }) => host);

  const setMaintenance = (...args: Parameters<typeof setPoolMaintenance> extends [unknown, ...infer R] ? R : never) =>
    rig.db.transaction((tx) => setPoolMaintenance(tx, ...args));

  before(async () => {
    const database = await freshDatabase();
    drop = () => database.drop();
    rig = await Rig.open(database.url);
    await report(poolOf('dir:/share'));
  });
  afterEach(() => endPoolMaintenance(rig.db, place.pool));
  after(async () => {
    await rig.close();
    await drop();
    await closeOwnParts();
  });

  it('keeps new volumes away, with a reason of its own, and lets those that are there grow', async () => {
    await setMaintenance(place.pool, { reason: 'new disks', force: false });
    assert.equal(await candidates(), 'no_valid_backend_maintenance');
    const pool = (await listPools(rig.db)).find(({ name }) => name === place.pool);
    assert.ok(pool);
    const promised = (use: 'place' | 'grow') => rig.db.transaction((tx) => tryPromise(tx, pool, 0, use));
    assert.deepEqual([await promised('place'), await promised('grow')], [false, true]);
    const health = await loadPoolHealth(rig.db, place.pool);
    assert.deepEqual([health.maintenance_reason, health.maintenance_since === null], ['new disks', false]);
    assert.match(await renderMetrics(rig.db), /^saggar_pool_maintenance\{pool="[^"]+"[^}]*\} 1$/m);
    await report(poolOf('dir:/share')); // a worker's report takes nothing back
    assert.equal(await candidates(), 'no_valid_backend_maintenance');
    await endPoolMaintenance(rig.db, place.pool);
    assert.deepEqual(await candidates(), [place.pool]);
  });

  it('is refused while the share heals, unless forced, and for a pool that does not exist', async () => {
    const heals = { code: 'heal.pending', severity: 'warning' as const, text: '7 entries wait', cure: 'wait' };
    await report(poolOf('dir:/share', [heals]));
    const begin = (force: boolean) => setMaintenance(place.pool, { reason: null, force });
    await assert.rejects(begin(false), { code: 'conflict', message: /7 entries wait/ });
    assert.equal((await loadPoolHealth(rig.db, place.pool)).maintenance_since, null);
    await begin(true);
    assert.notEqual((await loadPoolHealth(rig.db, place.pool)).maintenance_since, null);
    await report(poolOf('dir:/share'));
    const nowhere = setMaintenance('x@y#z', { reason: null, force: true });
    await assert.rejects(nowhere, { code: 'not_found' });
    await assert.rejects(endPoolMaintenance(rig.db, 'x@y#z'), { code: 'not_found' });
  });

  it('keeps new volumes off a retired share, which stays up', async () => {
    await report(poolOf('dir:/share', [], { retired: true }));
    assert.equal(await candidates(), 'no_valid_backend_offline');
    assert.deepEqual(
      (await listPoolHealth(rig.db)).map(({ state, retired }) => [state, retired]),
      [['up', true]],
    );
    await report(poolOf('dir:/share'));
    assert.deepEqual(await candidates(), [place.pool]);
  });

  describe('an evacuation', () => {
    const begin = (atOnce: number) => rig.db.transaction((tx) => evacuatePool(tx, place.pool, { atOnce, requester }));
    const progress = async () => {
      const now = await loadEvacuation(rig.db, place.pool);
      assert.ok(now);
      return now;
    };
    const figures = async () => {
      const { total, moved, moving, waiting } = await progress();
      return { total, moved, moving, waiting };
    };
    const ids: string[] = [];
    let held = '';

    before(async () => {
      await report(poolOf('dir:/share'), poolOf('dir:/other'));
      for (let made = 0; made < 5; made += 1) ids.push((await createVolume(rig.db, place)).id);
      held = (await createVolume(rig.db, place)).id;
      await rig.settle();
      // One of those that move has a snapshot, which goes along.
      await createSnapshot(rig.db, ids[0] ?? '');
      await rig.settle();
      // A guest that we cannot ask has the sixth.
      const elsewhere = { id: randomUUID(), volume_id: held, project_id: projectId, status: 'attached' };
      await rig.db('attachments').insert(elsewhere);
      await rig.db('volumes').where({ id: held }).update({ status: 'in-use', attach_status: 'attached' });
    });

    it('needs maintenance and a sane number', async () => {
      await assert.rejects(begin(2), { code: 'conflict' });
      await setMaintenance(place.pool, { reason: null, force: false });
      for (const bad of [0, -1, 1.5, 101]) await assert.rejects(begin(bad), { code: 'bad_request' });
      assert.equal(await loadEvacuation(rig.db, place.pool), null);
    });

    it('moves so many at once, counts, leaves what cannot move with the reason', async () => {
      await setMaintenance(place.pool, { reason: null, force: false });
      await assert.rejects(migrateVolume(rig.db, ids[0] ?? '', place.pool, who), { code: 'bad_request' });
      await begin(2);
      assert.deepEqual(await figures(), { total: 6, moved: 0, moving: 0, waiting: 5 });
      // Several conductors look at once: never more than two.
      const begun = await Promise.all([advanceEvacuations(rig.db), advanceEvacuations(rig.db)]);
      assert.equal(begun[0] + begun[1], 2);
      assert.deepEqual(await figures(), { total: 6, moved: 0, moving: 2, waiting: 3 });
      assert.equal(await advanceEvacuations(rig.db), 0);
      for (let round = 0; round < 3; round += 1) {
        await rig.settle();
        await advanceEvacuations(rig.db);
      }
      assert.deepEqual(await figures(), { total: 6, moved: 5, moving: 0, waiting: 0 });
      assert.deepEqual((await progress()).volumes, [
        {
          volumeId: held,
          outlook: 'stays',
          reason: 'it is attached or reserved, and not by one server of this service alone',
        },
      ]);
      assert.deepEqual((await poolsOf()).sort(), [...Array<string>(5).fill(OTHER), place.pool].sort());
      await rig.assertNothingLeft();
    });

    it('takes up what comes free, and does not repeat a failed move until it is asked again', async () => {
      await setMaintenance(place.pool, { reason: null, force: false });
      await begin(1);
      await rig.db('attachments').where({ volume_id: held }).delete();
      await rig.db('volumes').where({ id: held }).update({ status: 'available', attach_status: 'detached' });
      rig.interfere = ({ type }) =>
        type === 'image.copy' ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false } : null;
      assert.equal(await advanceEvacuations(rig.db), 1);
      await rig.settle();
      assert.equal(await advanceEvacuations(rig.db), 0);
      assert.deepEqual(
        (await progress()).volumes.map(({ reason }) => reason),
        ['its move has failed'],
      );
      rig.interfere = () => null;
      await rig.db.raw(`update operations set created_at = created_at - interval '1 second'`);
      await begin(1);
      assert.equal(await advanceEvacuations(rig.db), 1);
      await rig.settle();
      assert.deepEqual(await figures(), { total: 1, moved: 1, moving: 0, waiting: 0 });
    });

    it('says so when no other pool has what a volume needs', async () => {
      await rig.db('volumes').where({ id: held }).update({ host: place.pool });
      await report(poolOf('dir:/share'), poolOf('dir:/other', [], { freeBytes: 0 }));
      await setMaintenance(place.pool, { reason: null, force: false });
      await begin(1);
      assert.equal(await advanceEvacuations(rig.db), 0);
      assert.match((await progress()).volumes[0]?.reason ?? '', /no other pool/);
    });
  });
});
