// When copies become independent by themselves: what a failure leaves, and how many at once. A real database, a strict world in memory.
import assert from 'node:assert/strict';
import { requestFlatten } from '../../../services/core/db/block-storage/volume-flatten.js';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { deleteSnapshot } from './requests.js';
import type { Rig } from './rig.js';
import { settledOn, useRig } from './settled.js';

const atOnce = { perPool: 10, bytesPerSecond: null, delaySeconds: 0 };

describe('engine: the schedule of flattens', function () {
  this.timeout(60_000);
  let rig: Rig;
  useRig((opened) => {
    rig = opened;
  });
  const { settledVolume, settledSnapshot, settledCopy, facts, discard } = settledOn(() => rig);

  it('lets go what a copy stands on, though nothing could be restored into that', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await settledCopy(source, snapshot);
    await rig.db('volumes').where({ id: copy }).update({ status: 'error_restoring' });
    assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
    await rig.settle();
    assert.equal((await facts(copy)).foreignLayers, 0);
    assert.equal(await rig.statusOf('volumes', copy), 'error_restoring');
    await rig.db('volumes').where({ id: copy }).update({ status: 'available' });
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(copy, source);
  });

  const stateOf = async (operationId: string): Promise<string> => (await rig.operation(operationId)).state;

  it('keeps the finding of a failed flatten, pauses, and is hurried by an administrator', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await settledCopy(source, snapshot);
    rig.interfere = (command) =>
      command.type === 'layer.flatten'
        ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true }
        : null;
    assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
    await rig.settle();
    const row: Record<string, unknown> | undefined = await rig.db('volumes').where({ id: copy }).first();
    assert.equal(row?.['status'], 'available');
    assert.deepEqual(row?.['flatten_error'], { code: 'no_space', message: 'full' });
    assert.equal(await scheduleFlattens(rig.db, atOnce), 0, 'it pauses');
    rig.interfere = () => null;
    await rig.db.transaction((tx) => requestFlatten(tx, copy));
    assert.equal(await scheduleFlattens(rig.db, { ...atOnce, perPool: 0 }), 1, 'asked for, so in spite of the setting');
    await rig.settle();
    assert.equal((await facts(copy)).foreignLayers, 0);
    await assert.rejects(
      rig.db.transaction((tx) => requestFlatten(tx, copy)),
      /independent already/,
    );
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy);
  });

  it('begins the oldest first, no more than a pool may have, without a limit for whom somebody waits', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copies = [];
    for (let n = 0; n < 3; n += 1) copies.push(await settledCopy(source, snapshot));
    const slow = { perPool: 2, bytesPerSecond: 1_000_000, delaySeconds: 0 };
    assert.equal(await scheduleFlattens(rig.db, { ...slow, delaySeconds: 3600 }), 0, 'new copies are left alone');
    const both = await Promise.all([scheduleFlattens(rig.db, slow), scheduleFlattens(rig.db, slow)]);
    assert.equal(both[0] + both[1], 2, 'two conductors together');
    const begun: { params: { volumeId: string; bytesPerSecond: number | null } }[] = await rig
      .db('operations')
      .where({ type: 'volume-flatten', state: 'running' })
      .orderBy('seq')
      .select('params');
    assert.deepEqual(
      begun.map((row) => row.params),
      copies.slice(0, 2).map((volumeId) => ({ volumeId, bytesPerSecond: 1_000_000 })),
    );
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    assert.equal(await scheduleFlattens(rig.db, slow), 0);
    const stopped: Command[] = [];
    for (let command = await rig.takeCommand(); command !== null; command = await rig.takeCommand())
      stopped.push(command);
    assert.equal(rig.cancels.length, 2, 'the slow ones are stopped, because somebody waits now');
    for (const command of stopped)
      await rig.answer(command, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    rig.commands.length = 0;
    for (let turn = 0; turn < 5; turn += 1) {
      await scheduleFlattens(rig.db, slow);
      while (await rig.step());
    }
    const flattens = rig.commands.filter((command) => command.type === 'layer.flatten');
    assert.equal(flattens.length, 3);
    for (const { params } of flattens) assert.ok(!('bytesPerSecond' in params));
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'done');
    await discard(source, ...copies);
  });
});
