// Snapshots: create by version, show, lists, update, metadata, delete, actions.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, projectOf } from './block-rig.js';

export function snapshotCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());
  const create = (body: object, version = '3.0') =>
    rig().ask('POST', '/snapshots', { body: { snapshot: body }, version });

  it('creates, shows and lists', async () => {
    const volume = await rig().volume({ size: 2 });
    const answer = await create({ volume_id: volume.toUpperCase(), name: 's', description: 'd', metadata: { a: 'b' } });
    assert.equal(answer.status, 202);
    const { id } = answer.body.snapshot as { id: string };
    assert.deepEqual([answer.body.snapshot.status, answer.body.snapshot.size], ['creating', 2]);
    assert.ok(!('os-extended-snapshot-attributes:progress' in answer.body.snapshot));
    await rig().engine.settle();
    const shown = (await rig().ask('GET', `/snapshots/${id}`)).body.snapshot;
    assert.deepEqual([shown.status, shown['os-extended-snapshot-attributes:progress']], ['available', '100%']);
    assert.equal(shown['os-extended-snapshot-attributes:project_id'], projectOf('ann'));
    const newest = (await rig().ask('GET', `/snapshots/${id}`, { version: '3.71' })).body.snapshot;
    for (const key of ['group_snapshot_id', 'user_id', 'consumes_quota']) {
      assert.deepEqual([key in shown, key in newest], [false, true], key);
    }
    assert.equal((await rig().ask('GET', '/snapshots/detail?with_count=1', { version: '3.45' })).body.count, 1);
    assert.equal((await rig().ask('GET', `/snapshots?volume_id=${volume}`)).body.snapshots.length, 1);
    assert.equal((await rig().ask('GET', `/snapshots?volume_id=${missingId}`)).body.snapshots.length, 0);
    const filter = encodeURIComponent("{'a': 'x'}");
    assert.equal(
      (await rig().ask('GET', `/snapshots?metadata=${filter}`, { version: '3.21' })).body.snapshots.length,
      1,
    );
    assert.equal(
      (await rig().ask('GET', `/snapshots?metadata=${filter}`, { version: '3.22' })).body.snapshots.length,
      0,
    );
    assert.equal((await rig().ask('GET', '/snapshots?sort=name', { version: '3.29' })).status, 400);
    assert.equal((await rig().ask('GET', '/snapshots?sort_key=display_name&sort_dir=asc')).status, 200);
    assert.equal((await rig().ask('GET', '/snapshots?sort=name', { version: '3.30' })).status, 200);
    assert.equal((await rig().ask('GET', '/snapshots', { as: 'bob' })).body.snapshots.length, 0);
    assert.equal((await rig().ask('GET', `/snapshots/${id}`, { as: 'bob' })).status, 404);
  });

  it('freezes a volume in use with force, and without it from 3.66 on', async () => {
    const id = await rig().volume();
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.equal((await create({ volume_id: id })).status, 400);
    assert.equal((await create({ volume_id: id, force: true })).status, 202);
    await rig().engine.settle();
    assert.equal((await create({ volume_id: id }, '3.66')).status, 202);
    await rig().engine.settle();
    assert.equal((await create({ volume_id: id, force: false }, '3.66')).status, 400);
    assert.equal((await create({ volume_id: id, force: 'maybe' })).status, 400);
    assert.equal((await create({ volume_id: missingId })).status, 404);
    assert.equal((await create({ volume_id: 'x' })).status, 400);
    assert.equal((await create({ volume_id: id, description: 'a\u0001b', force: true })).status, 400);
  });

  it('updates and keeps metadata', async () => {
    const id = await rig().snapshot(await rig().volume());
    const changed = await rig().ask('PUT', `/snapshots/${id}`, { body: { snapshot: { name: 'n', description: 'x' } } });
    assert.deepEqual([changed.status, changed.body.snapshot.name], [200, 'n']);
    assert.equal((await rig().ask('PUT', `/snapshots/${id}`, { body: { snapshot: {} } })).status, 400);
    const path = `/snapshots/${id}/metadata`;
    assert.deepEqual((await rig().ask('POST', path, { body: { metadata: { a: '1' } } })).body, {
      metadata: { a: '1' },
    });
    assert.deepEqual((await rig().ask('PUT', path, { body: { metadata: { b: '2' } } })).body, { metadata: { b: '2' } });
    assert.deepEqual((await rig().ask('GET', path, { version: '3.15' })).headers.get('etag'), null);
    assert.deepEqual((await rig().ask('PUT', `${path}/b`, { body: { meta: { b: '3' } } })).body, { meta: { b: '3' } });
    assert.deepEqual((await rig().ask('GET', `${path}/b`)).body, { meta: { b: '3' } });
    assert.equal((await rig().ask('DELETE', `${path}/b`)).status, 200);
    assert.equal((await rig().ask('GET', `${path}/b`)).status, 404);
  });

  it('deletes until 404', async () => {
    const id = await rig().snapshot(await rig().volume());
    assert.equal((await rig().ask('DELETE', `/snapshots/${id}`, { as: 'bob' })).status, 404);
    assert.equal((await rig().ask('DELETE', `/snapshots/${id}`)).status, 202);
    assert.equal((await rig().ask('GET', `/snapshots/${id}`)).body.snapshot.status, 'deleting');
    assert.equal((await rig().ask('DELETE', `/snapshots/${id}`)).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/snapshots/${id}`)).status, 404);
  });

  it('takes resets and reports of status by the rules', async () => {
    const id = await rig().snapshot(await rig().volume());
    const act = (action: object, as: 'ann' | 'admin' | 'service') =>
      rig().ask('POST', `/snapshots/${id}/action`, { as, body: action });
    assert.equal((await act({ 'os-reset_status': { status: 'creating' } }, 'ann')).status, 403);
    assert.equal((await act({ 'os-reset_status': { status: 'creating' } }, 'admin')).status, 202);
    assert.equal((await act({ 'os-reset_status': { status: 'odd' } }, 'admin')).status, 400);
    const report = (status: string, progress?: string) => ({
      'os-update_snapshot_status': { status, ...(progress === undefined ? {} : { progress }) },
    });
    assert.equal((await act(report('error'), 'ann')).status, 403);
    assert.equal((await act(report('deleting'), 'service')).status, 400);
    assert.equal((await act(report('creating', '90%'), 'service')).status, 202);
    assert.equal((await act(report('creating', '101%'), 'service')).status, 400);
    assert.equal((await act(report('available', '100%'), 'admin')).status, 202);
    assert.equal((await act(report('error'), 'admin')).status, 400);
    assert.equal((await act({ 'os-force_delete': {} }, 'ann')).status, 403);
    assert.equal((await act({ 'os-force_delete': {} }, 'admin')).status, 202);
    assert.equal((await act(report('error_deleting'), 'service')).status, 400, 'an operation of ours decides');
  });
}
