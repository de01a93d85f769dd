// Every operation from acceptance to rest against a real database, with a strict world in memory.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import {
  actOnServer,
  assistSnapshotCreate,
  assistSnapshotDelete,
  attachVolume,
  cloneVolume,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
  detachVolume,
  extendVolume,
  manageVolume,
} from './requests.js';
import { place, Rig } from './rig.js';

describe('engine: every operation', function () {
  this.timeout(30_000);
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
  afterEach(async () => {
    rig.interfere = () => null;
    await rig.assertNothingLeft();
  });

  it('writes status, operation and command in one transaction', async () => {
    const { id, operationId } = await createVolume(rig.db, place, 2);
    const rows: { routing_key: string; operation_id: string }[] = await rig.db('outbox');
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.routing_key, 'commands.volume.host@backend');
    assert.equal(rows[0]?.operation_id, operationId);
    assert.equal(await rig.statusOf('volumes', id), 'creating');
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', id), 'available');
    assert.deepEqual(await rig.chainFiles(id), [`volume-${id}`]);
    await deleteVolume(rig.db, id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', id), null);
  });

  it('leaves nothing when the accepting transaction is rolled back', async () => {
    const before = (await rig.db('operations')).length;
    await assert.rejects(
      rig.db.transaction(async (tx) => {
        await createVolume(tx as unknown as typeof rig.db, place);
        throw new Error('rolled back');
      }),
      /rolled back/,
    );
    assert.equal((await rig.db('operations')).length, before);
    assert.deepEqual(await rig.db('outbox'), []);
  });

  it('snapshots, copies, grows and deletes an idle volume', async () => {
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    const one = await createSnapshot(rig.db, id);
    await rig.settle();
    const two = await createSnapshot(rig.db, id);
    await rig.settle();
    assert.deepEqual(await rig.chainFiles(id), [`volume-${id}`, `volume-${id}.${one.id}`, `volume-${id}.${two.id}`]);
    await extendVolume(rig.db, place, id, 3);
    const copy = await createVolumeFromSnapshot(rig.db, place, { volumeId: id, snapshotId: two.id });
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', copy.id), 'available');
    const copied = rig.commands.findLast((command) => command.type === 'image.copy');
    assert.ok(copied);
    assert.equal(
      (copied.params as unknown as { source: unknown[] }).source.length,
      2,
      'the layers below the overlay of the snapshot',
    );
    await deleteSnapshot(rig.db, id, one.id);
    await rig.settle();
    assert.deepEqual(await rig.chainFiles(id), [`volume-${id}`, `volume-${id}.${two.id}`]);
    await deleteSnapshot(rig.db, id, two.id);
    await rig.settle();
    assert.deepEqual(await rig.chainFiles(id), [`volume-${id}`]);
    const grown: { size_gib: number; status: string } | undefined = await rig.db('volumes').where({ id }).first();
    assert.equal(grown?.size_gib, 3);
    assert.equal(grown?.status, 'available');
    for (const volume of [id, copy.id]) await deleteVolume(rig.db, volume);
    await rig.settle();
  });

  it('keeps a volume of a group when its server goes that was to take it along', async () => {
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    const [type, group] = [randomUUID(), randomUUID()];
    await rig.db('group_types').insert({ id: type, name: 'kept' });
    const owner = { project_id: 'p', user_id: 'u' };
    await rig.db('volume_groups').insert({ id: group, ...owner, group_type_id: type, status: 'available' });
    await rig.db('volumes').where({ id }).update({ group_id: group });
    const server = await createServer(rig.db, place, [id], true);
    await rig.settle();
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    assert.equal(await rig.vmState(server.id), null);
    assert.equal(await rig.statusOf('volumes', id), 'available');
    await rig.db('volumes').where({ id }).update({ group_id: null });
    await deleteVolume(rig.db, id);
    await rig.settle();
    for (const table of ['volume_groups', 'group_types']) await rig.db(table).delete();
  });

  it('runs the main job: attach, live snapshot, live merge, detach, delete', async () => {
    const root = await createVolume(rig.db, place);
    const data = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [root.id], true);
    await rig.settle();
    assert.equal(await rig.vmState(server.id), 'active');
    assert.equal(await rig.statusOf('volumes', root.id), 'in-use');
    await attachVolume(rig.db, data.id, server.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', data.id), 'in-use');
    const snapshot = await createSnapshot(rig.db, data.id);
    await rig.settle();
    assert.equal(await rig.statusOf('snapshots', snapshot.id), 'available');
    assert.deepEqual(rig.world.guests.get(server.id)?.disks.get(data.id), await rig.chainFiles(data.id));
    await extendVolume(rig.db, place, data.id, 2);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', data.id), 'in-use');
    await deleteSnapshot(rig.db, data.id, snapshot.id);
    await rig.settle();
    assert.ok(rig.commands.some((command) => command.type === 'guest.merge'));
    await detachVolume(rig.db, data.id, server.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', data.id), 'available');
    await actOnServer(rig.db, 'server-stop', server.id);
    await rig.settle();
    await actOnServer(rig.db, 'server-start', server.id);
    await rig.settle();
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', root.id), null, 'deleted on termination');
    await deleteVolume(rig.db, data.id);
    await rig.settle();
  });

  it('takes the offline path for a volume whose guest is stopped', async () => {
    const root = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [root.id]);
    await rig.settle();
    await actOnServer(rig.db, 'server-stop', server.id);
    await rig.settle();
    rig.commands.length = 0;
    const snapshot = await createSnapshot(rig.db, root.id);
    await rig.settle();
    await deleteSnapshot(rig.db, root.id, snapshot.id);
    await rig.settle();
    const types = rig.commands.map((command) => command.type);
    assert.ok(types.includes('server.inspect') && types.includes('layer.commit'));
    assert.ok(!types.some((type) => type.startsWith('guest.')));
    await actOnServer(rig.db, 'server-delete', server.id);
    await deleteVolume(rig.db, (await createVolume(rig.db, place)).id).catch(() => undefined);
    await rig.settle();
    const left: { id: string }[] = await rig.db('volumes').select('id');
    for (const volume of left) await deleteVolume(rig.db, volume.id);
    await rig.settle();
  });

  it('clones through an internal snapshot and removes it', async () => {
    const source = await createVolume(rig.db, place);
    await rig.settle();
    const clone = await cloneVolume(rig.db, place, source.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', clone.id), 'available');
    assert.equal(await rig.statusOf('snapshots', clone.snapshotId), null);
    assert.deepEqual(await rig.chainFiles(source.id), [`volume-${source.id}`]);
    for (const volume of [source.id, clone.id]) await deleteVolume(rig.db, volume);
    await rig.settle();
  });

  for (const failing of ['overlay.append', 'image.copy'] as const) {
    it(`ends a clone cleanly when ${failing} fails for good`, async () => {
      const source = await createVolume(rig.db, place);
      await rig.settle();
      rig.interfere = (command) =>
        command.type === failing && command.phase === 'do'
          ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true }
          : null;
      const clone = await cloneVolume(rig.db, place, source.id);
      await rig.settle();
      assert.equal(await rig.statusOf('volumes', clone.id), 'error');
      assert.equal(await rig.statusOf('snapshots', clone.snapshotId), null);
      assert.equal(await rig.statusOf('volumes', source.id), 'available');
      rig.interfere = () => null;
      for (const volume of [source.id, clone.id]) await deleteVolume(rig.db, volume);
      await rig.settle();
    });
  }

  it('deletes the source of a clone that is under way after it, and loses nothing', async () => {
    const source = await createVolume(rig.db, place);
    await rig.settle();
    const clone = await cloneVolume(rig.db, place, source.id);
    const removal = await deleteVolume(rig.db, source.id);
    await rig.settle();
    assert.equal((await rig.operation(removal.operationId)).state, 'done');
    assert.equal(await rig.statusOf('volumes', source.id), null);
    assert.equal(await rig.statusOf('volumes', clone.id), 'available');
    await deleteVolume(rig.db, clone.id);
    await rig.settle();
  });

  it('takes an existing file and gives its size to the promise', async () => {
    rig.world.files.set('old.qcow2', { format: 'qcow2', virtualSizeBytes: 5 * 1024 ** 3 - 1, backingFile: null });
    const { id } = await manageVolume(rig.db, place, 'old.qcow2');
    await rig.settle();
    const row: { size_gib: number } | undefined = await rig.db('volumes').where({ id }).first('size_gib');
    assert.equal(row?.size_gib, 5);
    await deleteVolume(rig.db, id);
    await rig.settle();
  });

  it('does the hypervisor half of a snapshot that somebody else prepared', async () => {
    const root = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [root.id]);
    await rig.settle();
    const file = `volume-${root.id}.mine`;
    rig.world.files.set(file, { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: `volume-${root.id}` });
    const snapshot = await assistSnapshotCreate(rig.db, root.id, file);
    await rig.settle();
    assert.deepEqual(await rig.chainFiles(root.id), [`volume-${root.id}`, file]);
    await assistSnapshotDelete(rig.db, root.id, snapshot.id, file);
    await rig.settle();
    assert.deepEqual(await rig.chainFiles(root.id), [`volume-${root.id}`]);
    rig.world.files.delete(file);
    await rig.db('snapshots').where({ id: snapshot.id }).delete();
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await deleteVolume(rig.db, root.id);
    await rig.settle();
  });
});
