// From the accepted request to the row at rest through conductor, broker and worker loops; then the same with two conductors, with
// conductors that are ended meanwhile, and with workers that come later than their commands.
import assert from 'node:assert/strict';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import {
  actOnServer,
  attachVolume,
  cloneVolume,
  createServer,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  deleteVolume,
  detachVolume,
} from '../engine/requests.js';
import { place, ServiceRig } from './service-rig.js';

describe('conductor: end to end', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let rig: ServiceRig;

  before(async () => {
    database = await freshDatabase();
    const broker = await freshBroker();
    rig = new ServiceRig({ databaseUrl: database.url, amqpUrl: broker.url, prefix: broker.prefix });
  });
  after(async () => {
    await rig.close();
    await database.drop();
    await closeOwnParts();
  });
  afterEach(() => rig.assertNothingLeft());

  it('knows services and pools from reports', async () => {
    await rig.startConductor();
    await rig.startWorkers();
    const services: { binary: string }[] = await waitFor('all services', async () => {
      const rows: { binary: string }[] = await rig.db('services').select('binary').orderBy('binary');
      return rows.length === 3 ? rows : null;
    });
    assert.deepEqual(
      services.map((row) => row.binary),
      ['saggar-compute', 'saggar-conductor', 'saggar-volume'],
    );
  });

  it('runs the main job', async () => {
    const root = await createVolume(rig.db, place);
    const data = await createVolume(rig.db, place);
    await rig.done([root, data]);
    const server = await createServer(rig.db, place, [root.id]);
    await rig.done([server]);
    await rig.done([await attachVolume(rig.db, data.id, server.id)]);
    const snapshot = await createSnapshot(rig.db, data.id);
    await rig.done([snapshot]);
    const clone = await cloneVolume(rig.db, place, data.id);
    await rig.done([clone]);
    await rig.done([await deleteSnapshot(rig.db, data.id, snapshot.id)]);
    await rig.done([await detachVolume(rig.db, data.id, server.id)]);
    await rig.done([await actOnServer(rig.db, 'server-delete', server.id)]);
    await rig.done(await Promise.all([root, data, clone].map(({ id }) => deleteVolume(rig.db, id))));
    assert.equal(rig.world.files.size, 0);
    assert.equal(rig.world.guests.size, 0);
  });

  it('is fast: a volume is available within moments of its commit', async () => {
    const started = performance.now();
    const volume = await createVolume(rig.db, place);
    await rig.done([volume]);
    const ms = performance.now() - started;
    assert.ok(ms < 1000, `${Math.round(ms)} ms; the relay must be woken, not polled`);
    await rig.done([await deleteVolume(rig.db, volume.id)]);
  });

  it('does every step once with two conductors side by side', async () => {
    await rig.startConductor();
    const volumes = await Promise.all(Array.from({ length: 20 }, () => createVolume(rig.db, place)));
    await rig.done(volumes);
    const snapshots = await Promise.all(volumes.map(({ id }) => createSnapshot(rig.db, id)));
    await rig.done(snapshots);
    const attempts: { most: number }[] = await rig
      .db('operations')
      .whereIn(
        'id',
        [...volumes, ...snapshots].map((one) => one.operationId),
      )
      .max('attempt as most');
    assert.ok((attempts[0]?.most ?? 0) <= 3, 'no step was asked twice');
    await rig.done(
      await Promise.all(volumes.map(({ id }, index) => deleteSnapshot(rig.db, id, snapshots[index]?.id ?? ''))),
    );
    await rig.done(await Promise.all(volumes.map(({ id }) => deleteVolume(rig.db, id))));
  });

  it('accepts requests without conductors and workers, and finishes them when they come', async () => {
    await rig.stopWorkers();
    const early = await createVolume(rig.db, place);
    await waitFor('the command to be published', async () => (await rig.db('outbox').select('id')).length === 0);
    await rig.startWorkers();
    await rig.done([early]);
    await rig.done([await deleteVolume(rig.db, early.id)]);
  });

  it('loses nothing when a conductor is ended in the middle of work', async () => {
    rig.effectMs = 5;
    const extra = await rig.startConductor();
    const volumes = await Promise.all(Array.from({ length: 20 }, () => createVolume(rig.db, place)));
    const stopped = performance.now();
    await rig.stopConductor(extra);
    assert.ok(performance.now() - stopped < 10_000, 'within its limit');
    await rig.done(volumes);
    await rig.done(await Promise.all(volumes.map(({ id }) => deleteVolume(rig.db, id))));
    rig.effectMs = 0;
  });

  it('drops a command of an operation that has gone on, instead of publishing it', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.done([volume]);
    const stale = {
      operation_id: volume.operationId,
      routing_key: 'commands.volume.host@backend',
      message: JSON.stringify({ operationId: volume.operationId, attempt: 1, type: 'files.remove' }),
    };
    await rig.db('outbox').insert(stale);
    await waitFor('the row to go', async () => (await rig.db('outbox').select('id')).length === 0);
    assert.ok(rig.world.files.has(`volume-${volume.id}`));
    await rig.done([await deleteVolume(rig.db, volume.id)]);
  });
});
