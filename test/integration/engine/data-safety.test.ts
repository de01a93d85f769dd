// What the world may do to an operation at its worst moment: a guest that ends between two steps, a copy that appears while its source is
// chosen for flattening, a cancel that arrives behind the point of no return. A real database, a strict world in memory.
import assert from 'node:assert/strict';
import { resetSnapshotStatus } from '../../../services/core/db/block-storage/snapshot-report.js';
import { resetVolumeStatus } from '../../../services/core/db/block-storage/volume-change.js';
import { requestCancel, sendCancels } from '../../../services/core/db/engine/cancel.js';
import { loadVolumeFacts } from '../../../services/core/db/engine/facts.js';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import type { CommandType } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import {
  actOnServer,
  assistSnapshotCreate,
  assistSnapshotDelete,
  attachVolume,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
  extendVolume,
  flattenVolume,
  revertVolume,
} from './requests.js';
import { place, Rig } from './rig.js';

const instant = { maxLayers: 16 };
const atOnce = { perPool: 10, bytesPerSecond: null, delaySeconds: 0 };

describe('engine: data in the worst moments', function () {
  this.timeout(60_000);
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
    rig.commands.length = 0;
    rig.cancels.length = 0;
    await rig.assertNothingLeft();
  });

  const stateOf = async (operationId: string): Promise<string> => (await rig.operation(operationId)).state;
  const types = (): string[] => rig.commands.map((command) => command.type);

  async function settled(asked: Promise<{ id: string }>): Promise<string> {
    const { id } = await asked;
    await rig.settle();
    return id;
  }

  async function standing(id: string): Promise<string[]> {
    const found = (await rig.db.transaction((tx) => loadVolumeFacts(tx, [id]))).get(id);
    return found?.chain.map((layer) => layer.file) ?? [];
  }

  /** The guest does what it is told and ends before anybody hears of it: the worker was away, and finds no process when asked again. */
  function endsAfter(type: CommandType, serverId: string, isDone: boolean): void {
    rig.interfere = (command) => {
      if (command.type !== type) return null;
      if (isDone) rig.perform(command);
      const guest = rig.world.guests.get(serverId);
      assert.ok(guest);
      guest.running = false;
      guest.disks.clear();
      return {
        kind: 'failed',
        error: { code: 'guest_not_running', message: 'The server is not running.' },
        partial: true,
      };
    };
  }

  for (const isDone of [true, false]) {
    const when = isDone ? 'after' : 'before';

    it(`finishes a merge whose guest ended ${when} it was switched, so that it never starts from the old file`, async () => {
      const volume = await settled(createVolume(rig.db, place));
      const server = await settled(createServer(rig.db, place, [volume]));
      const snapshot = await settled(createSnapshot(rig.db, volume));
      endsAfter('guest.merge', server, isDone);
      const merge = await deleteSnapshot(rig.db, volume, snapshot);
      await rig.settle();
      assert.equal(await stateOf(merge.operationId), 'done');
      assert.ok(types().includes('layer.commit'));
      assert.deepEqual(await rig.chainFiles(volume), [`volume-${volume}`]);
      await actOnServer(rig.db, 'server-stop', server);
      await rig.settle();
      await actOnServer(rig.db, 'server-start', server);
      await rig.settle();
      assert.deepEqual(rig.world.guests.get(server)?.disks.get(volume), [`volume-${volume}`]);
      await actOnServer(rig.db, 'server-delete', server);
      await rig.settle();
      await settled(deleteVolume(rig.db, volume));
    });

    it(`finishes a flatten whose guest ended ${when} it`, async () => {
      const source = await settled(createVolume(rig.db, place));
      const snapshot = await settled(createSnapshot(rig.db, source));
      const from = { volumeId: source, snapshotId: snapshot };
      const copy = await settled(createVolumeFromSnapshot(rig.db, place, from, instant));
      const server = await settled(createServer(rig.db, place, [copy]));
      endsAfter('guest.flatten', server, isDone);
      assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
      await rig.settle();
      assert.ok(types().includes('layer.flatten'));
      assert.deepEqual(await standing(copy), [`volume-${copy}`]);
      await actOnServer(rig.db, 'server-delete', server);
      await rig.settle();
      await settled(deleteSnapshot(rig.db, source, snapshot));
      for (const id of [source, copy]) await settled(deleteVolume(rig.db, id));
    });

    it(`finishes an extension whose guest ended ${when} it`, async () => {
      const volume = await settled(createVolume(rig.db, place));
      const server = await settled(createServer(rig.db, place, [volume]));
      endsAfter('guest.resize', server, isDone);
      const growth = await extendVolume(rig.db, place, volume, 2);
      await rig.settle();
      assert.equal(await stateOf(growth.operationId), 'done');
      assert.equal(rig.world.files.get(`volume-${volume}`)?.virtualSizeBytes, 2 * 1024 ** 3);
      await actOnServer(rig.db, 'server-delete', server);
      await rig.settle();
      await settled(deleteVolume(rig.db, volume));
    });

    it(`finishes a merge for another service whose guest ended ${when} it`, async () => {
      const volume = await settled(createVolume(rig.db, place));
      const server = await settled(createServer(rig.db, place, [volume]));
      const file = `volume-${volume}.elsewhere`;
      rig.world.files.set(file, { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: `volume-${volume}` });
      const snapshot = await settled(assistSnapshotCreate(rig.db, volume, file));
      endsAfter('guest.merge', server, isDone);
      const merge = await assistSnapshotDelete(rig.db, volume, snapshot, file);
      await rig.settle();
      assert.equal(await stateOf(merge.operationId), 'done');
      assert.deepEqual(await rig.chainFiles(volume), [`volume-${volume}`]);
      rig.world.files.delete(file);
      await rig.db('snapshots').where({ id: snapshot }).delete();
      await actOnServer(rig.db, 'server-delete', server);
      await rig.settle();
      await settled(deleteVolume(rig.db, volume));
    });
  }

  it('a disk whose headers are not as they should be never comes near a running guest', async () => {
    const serverId = await settled(createServer(rig.db, place, [await settled(createVolume(rig.db, place))]));
    const id = await settled(createVolume(rig.db, place));
    rig.interfere = ({ type }) =>
      type === 'chain.verify'
        ? { kind: 'failed', error: { code: 'hostile_image', message: 'no' }, partial: false }
        : null;
    const refused = await attachVolume(rig.db, id, serverId);
    rig.commands.length = 0;
    await rig.settle();
    assert.equal(await stateOf(refused.operationId), 'failed');
    assert.deepEqual(types(), ['server.inspect', 'chain.verify']);
    assert.equal(await rig.statusOf('volumes', id), 'available');
    rig.interfere = () => null;
    const attached = await attachVolume(rig.db, id, serverId);
    await rig.settle();
    assert.equal(await stateOf(attached.operationId), 'done');
    await settled(actOnServer(rig.db, 'server-delete', serverId));
  });

  it('flattens no volume of which a copy was made since it was chosen', async () => {
    const source = await settled(createVolume(rig.db, place));
    const first = await settled(createSnapshot(rig.db, source));
    const middle = await settled(
      createVolumeFromSnapshot(rig.db, place, { volumeId: source, snapshotId: first }, instant),
    );
    const second = await settled(createSnapshot(rig.db, middle));
    const top = await settled(
      createVolumeFromSnapshot(rig.db, place, { volumeId: middle, snapshotId: second }, instant),
    );
    // The scheduler chose `middle` a moment before `top` was made.
    const early = await flattenVolume(rig.db, middle);
    assert.equal(await stateOf(early.operationId), 'pending');
    await rig.settle();
    assert.deepEqual(await standing(top), [`volume-${source}`, `volume-${middle}`, `volume-${top}`]);
    await rig.flattenAll();
    assert.equal(await stateOf(early.operationId), 'done');
    for (const [volume, snapshot] of [
      [source, first],
      [middle, second],
    ] as const)
      await settled(deleteSnapshot(rig.db, volume, snapshot));
    for (const id of [top, middle, source]) await settled(deleteVolume(rig.db, id));
  });

  it('tells nobody to stop what can only go forward, and asks a step again that was stopped all the same', async () => {
    const volume = await settled(createVolume(rig.db, place));
    const snapshot = await settled(createSnapshot(rig.db, volume));
    const merge = await deleteSnapshot(rig.db, volume, snapshot);
    await rig.step();
    const commit = await rig.takeCommand();
    assert.equal(commit?.type, 'layer.commit');
    await rig.db.transaction((tx) => requestCancel(tx, merge.operationId));
    await rig.answer(commit, rig.perform(commit));
    assert.equal(await sendCancels(rig.db, 0, null), 0, 'the worker was quicker');
    // One that was on its way meets the next step.
    const removal = await rig.takeCommand();
    assert.equal(removal?.type, 'overlay.withdraw');
    await rig.answer(removal, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: false });
    assert.deepEqual(rig.stuck, [], 'nobody is needed');
    while (await rig.step());
    assert.equal(await stateOf(merge.operationId), 'done', 'without a pause');
    await settled(deleteVolume(rig.db, volume));
  });

  it('withdraws what waits for copies when an administrator says that the volume is as it was', async () => {
    const source = await settled(createVolume(rig.db, place));
    const snapshot = await settled(createSnapshot(rig.db, source));
    const newer = await settled(createSnapshot(rig.db, source));
    const copies: string[] = [];
    for (const snapshotId of [snapshot, newer])
      copies.push(await settled(createVolumeFromSnapshot(rig.db, place, { volumeId: source, snapshotId }, instant)));
    const third = await settled(createSnapshot(rig.db, source));
    copies.push(
      await settled(createVolumeFromSnapshot(rig.db, place, { volumeId: source, snapshotId: third }, instant)),
    );
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    assert.equal(await stateOf(merge.operationId), 'pending');
    await resetSnapshotStatus(rig.db, snapshot, 'available');
    const internal = await rig.db('snapshots').where({ id: third }).update({ internal: true });
    assert.equal(internal, 1, 'as if it were a clone’s: a revert waits for it');
    const revert = await revertVolume(rig.db, source, third);
    assert.equal(await stateOf(revert.operationId), 'pending');
    await resetVolumeStatus(rig.db, source, { status: 'available' });
    await rig.db('snapshots').where({ id: third }).update({ internal: false });
    await rig.flattenAll();
    await rig.settle();
    for (const { operationId } of [merge, revert])
      assert.equal((await rig.operation(operationId)).error?.code, 'cancelled');
    assert.equal(await rig.statusOf('volumes', source), 'available');
    for (const id of [snapshot, newer, third]) assert.equal(await rig.statusOf('snapshots', id), 'available');
    assert.equal((await rig.chainFiles(source)).length, 4, 'nothing was merged or taken back');
    for (const id of [third, newer, snapshot]) await settled(deleteSnapshot(rig.db, source, id));
    for (const id of [...copies, source]) await settled(deleteVolume(rig.db, id));
  });

  it('offers no snapshot again whose data a merge has begun to overwrite', async () => {
    const volume = await settled(createVolume(rig.db, place));
    const snapshot = await settled(createSnapshot(rig.db, volume));
    const merge = await deleteSnapshot(rig.db, volume, snapshot);
    await rig.step();
    const commit = await rig.takeCommand();
    assert.ok(commit);
    const reset = (status: string) => resetSnapshotStatus(rig.db, snapshot, status);
    await assert.rejects(reset('available'), /merged into older data .* Delete the snapshot again/);
    await rig.db.transaction((tx) => requestCancel(tx, merge.operationId));
    await rig.answer(commit, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    for (const status of ['available', 'creating', 'backing-up'])
      await assert.rejects(reset(status), { code: 'snapshot_state' });
    await reset('error');
    await settled(deleteSnapshot(rig.db, volume, snapshot));
    assert.equal(await rig.statusOf('snapshots', snapshot), null);
    await settled(deleteVolume(rig.db, volume));
  });

  it('offers one again whose deletion had copied upwards: its own data was only read', async () => {
    const volume = await settled(createVolume(rig.db, place));
    const snapshot = await settled(createSnapshot(rig.db, volume));
    const above = await settled(createSnapshot(rig.db, volume));
    rig.world.allocatedBytes.set(`volume-${volume}`, 0).set(`volume-${volume}.${snapshot}`, 1024 ** 3);
    const merge = await deleteSnapshot(rig.db, volume, snapshot);
    await rig.step();
    const pull = await rig.takeCommand();
    assert.ok(pull);
    assert.equal((pull.params as { direction?: string }).direction, 'up');
    await rig.db.transaction((tx) => requestCancel(tx, merge.operationId));
    await rig.answer(pull, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    await resetSnapshotStatus(rig.db, snapshot, 'available');
    for (const id of [above, snapshot]) await settled(deleteSnapshot(rig.db, volume, id));
    await settled(deleteVolume(rig.db, volume));
  });

  it('does not end a merge of which nobody knows whether the guest was switched', async () => {
    const volume = await settled(createVolume(rig.db, place));
    const server = await settled(createServer(rig.db, place, [volume]));
    const snapshot = await settled(createSnapshot(rig.db, volume));
    const merge = await deleteSnapshot(rig.db, volume, snapshot);
    rig.interfere = (command) => {
      if (command.type !== 'guest.merge') return null;
      rig.perform(command);
      return { kind: 'failed', error: { code: 'hypervisor_offline', message: 'no answer' }, partial: true };
    };
    for (let turn = 0; turn < 12; turn += 1) {
      while (await rig.step());
      await rig.sweep();
    }
    assert.equal(await stateOf(merge.operationId), 'stuck');
    const stop = await actOnServer(rig.db, 'server-stop', server);
    await rig.db.transaction((tx) => requestCancel(tx, merge.operationId));
    await rig.sweep();
    assert.equal(
      await stateOf(merge.operationId),
      'stuck',
      'nor does a cancel, before the hypervisor says what has become of it',
    );
    assert.equal(await stateOf(stop.operationId), 'pending');
    rig.interfere = () => null;
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'done');
    await actOnServer(rig.db, 'server-start', server);
    await rig.settle();
    assert.deepEqual(rig.world.guests.get(server)?.disks.get(volume), [`volume-${volume}`]);
    await actOnServer(rig.db, 'server-delete', server);
    await rig.settle();
    await settled(deleteVolume(rig.db, volume));
    rig.stuck.length = 0;
  });

  it('tells those who wait for a copy to become independent why it does not', async () => {
    const source = await settled(createVolume(rig.db, place));
    const snapshot = await settled(createSnapshot(rig.db, source));
    const from = { volumeId: source, snapshotId: snapshot };
    const copy = await settled(createVolumeFromSnapshot(rig.db, place, from, instant));
    await deleteSnapshot(rig.db, source, snapshot);
    rig.interfere = (command) =>
      command.type === 'layer.flatten'
        ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true }
        : null;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
      await rig.settle();
      await rig.db('volumes').where({ id: copy }).update({ flatten_not_before: null });
    }
    const told: { user_message: string; message_level: string }[] = await rig
      .db('user_messages')
      .where({ resource_uuid: snapshot });
    assert.deepEqual(
      told.map((one) => [one.user_message, one.message_level]),
      [['delete snapshot:The storage backend ran out of space while it served the request.', 'WARNING']],
    );
    rig.interfere = () => null;
    await rig.flattenAll();
    assert.equal(await rig.statusOf('snapshots', snapshot), null);
    for (const id of [copy, source]) await settled(deleteVolume(rig.db, id));
  });
});
