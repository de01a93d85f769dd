// Revert and unmanage: who may, what is refused and in which words, and that a failure leaves the volume as it was.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, poolName } from './block-rig.js';
import { failing } from './volume-move-cases.js';

export function volumeRevertCases(rig: () => BlockRig): void {
  beforeEach(() => rig().database('user_messages').delete());
  afterEach(async () => {
    rig().engine.interfere = () => null;
    await rig().clear();
  });

  const revert = (id: string, snapshot: unknown, version = '3.40') =>
    rig().act(id, { revert: { snapshot_id: snapshot } }, { version });

  it('reverts to the latest snapshot', async () => {
    const id = await rig().volume();
    const older = await rig().snapshot(id);
    const latest = await rig().snapshot(id);
    assert.equal((await revert(id, latest, '3.39')).status, 404);
    assert.match((await revert(id, older)).body.badRequest.message, /None or not the latest one/);
    assert.equal((await revert(id, null)).status, 400);
    const before = await rig().engine.chainFiles(id);
    assert.equal((await revert(id, latest)).status, 202);
    const shown = (await rig().ask('GET', `/snapshots/${latest}`)).body.snapshot;
    assert.deepEqual([await rig().statusOf(id), shown.status], ['reverting', 'restoring']);
    assert.equal((await revert(id, latest)).status, 409);
    assert.equal((await rig().ask('DELETE', `/snapshots/${latest}`)).status, 400);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 'available');
    assert.equal((await rig().ask('GET', `/snapshots/${latest}`)).body.snapshot.status, 'available');
    const after = await rig().engine.chainFiles(id);
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
    assert.notEqual(after[2], before[2]);
    assert.equal((await rig().ask('DELETE', `/snapshots/${latest}`)).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().engine.chainFiles(id)).length, 2, 'the fresh overlay merges like any other');
  });

  it('refuses to revert what is in use, grown, busy or has nothing to go back to', async () => {
    const id = await rig().volume();
    assert.match((await revert(id, missingId)).body.badRequest.message, /doesn't have any snapshots/);
    const snapshot = await rig().snapshot(id);
    assert.equal(
      (await rig().act(id, { revert: { snapshot_id: snapshot } }, { as: 'bob', version: '3.40' })).status,
      404,
    );
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.match((await revert(id, snapshot)).body.conflictingRequest.message, /Volume's status must be 'available'/);
    await rig().database('volumes').where({ id }).update({ status: 'available' });
    await rig().database('snapshots').where({ id: snapshot }).update({ status: 'error' });
    assert.match((await revert(id, snapshot)).body.conflictingRequest.message, /Snapshot's status must be 'available'/);
    await rig().database('snapshots').where({ id: snapshot }).update({ status: 'available' });
    rig().engine.interfere = failing('overlay.prepare');
    assert.equal((await revert(id, snapshot)).status, 202);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 'available');
    const { messages } = (await rig().ask('GET', '/messages', { version: '3.3' })).body;
    assert.match(messages[0].user_message as string, /revert volume/);
    rig().engine.interfere = () => null;
    await rig().act(id, { 'os-extend': { new_size: 2 } });
    await rig().engine.settle();
    assert.match((await revert(id, snapshot)).body.badRequest.message, /size must be equal to the snapshot size/);
  });

  it('lets go of a volume, whose file can be taken over again', async () => {
    const id = await rig().volume({ name: 'kept' });
    const unmanage = (as: 'ann' | 'admin', volume = id) => rig().act(volume, { 'os-unmanage': {} }, { as });
    assert.equal((await unmanage('ann')).status, 403);
    assert.equal((await unmanage('admin', missingId)).status, 404);
    const snapshot = await rig().snapshot(id);
    assert.match((await unmanage('admin')).body.badRequest.message, /still has snapshots/);
    const alone = (as: 'ann' | 'admin') =>
      rig().ask('POST', `/snapshots/${snapshot}/action`, { as, body: { 'os-unmanage': {} } });
    assert.equal((await alone('ann')).status, 403);
    await rig().ask('DELETE', `/snapshots/${snapshot}`);
    await rig().engine.settle();
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.equal((await unmanage('admin')).status, 400);
    await rig().database('volumes').where({ id }).update({ status: 'available' });
    assert.equal((await unmanage('admin')).status, 202);
    assert.equal(await rig().statusOf(id), 'unmanaging');
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 404);
    assert.equal(rig().engine.world.records.has(id), false);
    const body = { volume: { host: poolName, ref: { 'source-name': `volume-${id}` }, name: 'back' } };
    const managed = await rig().ask('POST', '/os-volume-manage', { as: 'admin', body });
    assert.equal(managed.status, 202);
    await rig().engine.settle();
    assert.deepEqual(await rig().engine.chainFiles(managed.body.volume.id as string), [
      `volume-${managed.body.volume.id as string}`,
    ]);
  });
}
