// The scheduler of conductors, the broker and workers that can be interrupted: copies become independent by themselves, conductors come and go
// meanwhile, and an attach does not wait for a flatten.
import assert from 'node:assert/strict';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import {
  actOnServer,
  attachVolume,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
} from '../engine/requests.js';
import { place, ServiceRig } from './service-rig.js';

/** A second or two is promised; the machine of the test may be busy. */
const ATTACH_LIMIT_MS = 5000;

describe('conductor: flattening in the background', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let rig: ServiceRig;

  before(async () => {
    database = await freshDatabase();
    const broker = await freshBroker();
    rig = new ServiceRig({ databaseUrl: database.url, amqpUrl: broker.url, prefix: broker.prefix });
    rig.flatten = { perPool: 1, bytesPerSecond: null, delaySeconds: 0 };
  });
  after(async () => {
    await rig.close();
    await database.drop();
    await closeOwnParts();
  });
  afterEach(() => rig.assertNothingLeft());

  const progressOf = async (): Promise<number> => {
    const row: { progress: number } | undefined = await rig
      .db('operations')
      .where({ type: 'volume-flatten', state: 'running' })
      .first('progress');
    return row?.progress ?? 0;
  };

  const independent = (id: string) =>
    waitFor('the copy to be independent', async () => {
      const row: { backing_volume_id: string | null } | undefined = await rig.db('volumes').where({ id }).first();
      return row?.backing_volume_id === null;
    });

  it('gives way to an attach, survives conductors, and lets what waited for it end', async () => {
    const first = await rig.startConductor();
    await rig.startWorkers();
    const source = await createVolume(rig.db, place);
    const other = await createVolume(rig.db, place);
    await rig.done([source, other]);
    const snapshot = await createSnapshot(rig.db, source.id);
    const server = await createServer(rig.db, place, [other.id]);
    await rig.done([snapshot, server]);
    let slow = true;
    rig.before = async ({ type }, { signal, onProgress }) => {
      if (!slow || !type.endsWith('.flatten')) return;
      onProgress(10);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw new ServiceError('cancelled', 'The work was cancelled.');
    };
    const wish = { volumeId: source.id, snapshotId: snapshot.id };
    const copy = await createVolumeFromSnapshot(rig.db, place, wish, { maxLayers: 16 });
    await rig.done([copy]);
    await waitFor('progress of the flatten', async () => (await progressOf()) >= 10);
    const began = performance.now();
    await rig.done([await attachVolume(rig.db, copy.id, server.id)]);
    const waited = performance.now() - began;
    assert.ok(waited < ATTACH_LIMIT_MS, `the attach took ${Math.round(waited)} ms`);
    await waitFor('the next flatten, in the guest', async () => (await progressOf()) >= 10);
    const merge = await deleteSnapshot(rig.db, source.id, snapshot.id);
    const removal = await deleteVolume(rig.db, source.id).catch(() => null);
    await rig.stopConductor(first);
    slow = false;
    const [second] = await Promise.all([rig.startConductor(), rig.startConductor()]);
    // The one under way is stopped by the end of its worker and begun again.
    await rig.stopWorkers();
    await rig.startWorkers();
    await independent(copy.id);
    await rig.done([merge, ...(removal === null ? [] : [removal])]);
    await rig.stopConductor(second);
    await rig.done([await actOnServer(rig.db, 'server-delete', server.id)]);
    const left: { id: string }[] = await rig.db('volumes').select('id');
    await rig.done(await Promise.all(left.map(({ id }) => deleteVolume(rig.db, id))));
  });
});
