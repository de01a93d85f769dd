// Snapshots: create by version, show, lists, update, metadata, delete, actions.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, type Person, projectOf } from './block-rig.js';

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
    assert.equal(
      (await rig().ask('DELETE', `/snapshots/${id}`)).status,
      400,
      'deleting is a wrong status, as in Cinder',
    );
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/snapshots/${id}`)).status, 404);
  });

  const act = (id: string, action: object, as: Person = 'ann') =>
    rig().ask('POST', `/snapshots/${id}/action`, { as, body: action });
  const report = (status: string, progress?: string | null) => ({
    'os-update_snapshot_status': { status, ...(progress === undefined ? {} : { progress }) },
  });

  it('takes resets of status from administrators', async () => {
    const id = await rig().snapshot(await rig().volume());
    assert.equal((await act(id, { 'os-reset_status': { status: 'creating' } }, 'ann')).status, 403);
    for (const status of ['creating', 'ERROR', 'available', 'error_deleting', 'unmanaging']) {
      assert.equal((await act(id, { 'os-reset_status': { status } }, 'admin')).status, 202, status);
      assert.equal((await rig().ask('GET', `/snapshots/${id}`)).body.snapshot.status, status.toLowerCase());
    }
    for (const bad of [{ status: 'odd' }, { status: '' }, {}, { status: 1 }])
      assert.equal((await act(id, { 'os-reset_status': bad }, 'admin')).status, 400, JSON.stringify(bad));
    assert.equal((await act(missingId, { 'os-reset_status': { status: 'error' } }, 'admin')).status, 404);
  });

  it('takes reports of a compute service along the two ways that there are', async () => {
    const id = await rig().snapshot(await rig().volume());
    const reset = (status: string) => rig().database('snapshots').where({ id }).update({ status });
    const ways: Record<string, string[]> = {
      creating: ['creating', 'available', 'error'],
      deleting: ['deleting', 'error_deleting'],
    };
    const statuses = ['creating', 'available', 'deleting', 'error', 'error_deleting', 'backing-up'];
    for (const from of statuses) {
      for (const to of [...statuses, 'nonsense']) {
        await reset(from);
        const answer = await act(id, report(to, '90%'));
        assert.equal(answer.status, ways[from]?.includes(to) === true ? 202 : 400, `${from} to ${to}`);
      }
    }
    await reset('creating');
    assert.equal((await act(id, report('error'), 'reader')).status, 403);
    assert.equal((await act(id, report('error'), 'bob')).status, 404);
    assert.equal((await act(id, report('creating'), 'admin')).status, 202);
    assert.equal((await act(missingId, report('error'))).status, 404);
    for (const progress of ['101%', '90', '-1%', '1000%', '']) {
      assert.equal((await act(id, report('creating', progress))).status, 400, progress);
    }
    for (const progress of ['0%', '100%', null])
      assert.equal((await act(id, report('creating', progress))).status, 202, String(progress));
    const shown = (await rig().ask('GET', `/snapshots/${id}`)).body.snapshot;
    assert.equal(shown['os-extended-snapshot-attributes:progress'], '100%');
  });

  it('tells the user of a failure that a compute service reports', async () => {
    const id = await rig().snapshot(await rig().volume());
    for (const [from, to] of [
      ['creating', 'error'],
      ['deleting', 'error_deleting'],
    ] as const) {
      await rig().database('snapshots').where({ id }).update({ status: from });
      assert.equal((await act(id, report(to))).status, 202);
    }
    const { messages } = (
      await rig().ask('GET', `/messages?resource_uuid=${id}&sort=created_at:asc`, { version: '3.5' })
    ).body;
    assert.deepEqual(
      (messages as { event_id: string; user_message: string }[]).map((one) => [one.event_id, one.user_message]),
      [
        ['VOLUME_VOLUME_SNAPSHOT_009_013', 'create snapshot:Snapshot failed to create.'],
        ['VOLUME_VOLUME_SNAPSHOT_010_016', 'delete snapshot:Snapshot failed to delete.'],
      ],
    );
  });

  it('lets no report end a snapshot that an operation works on', async () => {
    const volume = await rig().volume();
    const made = await rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } });
    const id = made.body.snapshot.id as string;
    for (const status of ['available', 'error']) {
      const answer = await act(id, report(status, '100%'));
      assert.equal(answer.status, 400, status);
      assert.match(answer.body.badRequest.message as string, /is being worked on by operation/);
    }
    assert.equal((await act(id, report('creating', '40%'))).status, 202, 'progress may be told');
    const shown = (await rig().ask('GET', `/snapshots/${id}`)).body.snapshot;
    assert.deepEqual([shown.status, shown['os-extended-snapshot-attributes:progress']], ['creating', '40%']);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/snapshots/${id}`)).body.snapshot.status, 'available');
    assert.equal((await act(id, { 'os-force_delete': {} }, 'ann')).status, 403);
    assert.equal((await act(id, { 'os-force_delete': {} }, 'admin')).status, 202);
    assert.equal((await act(id, report('error_deleting'))).status, 400);
    await rig().engine.settle();
  });

  it('never calls a snapshot available for which nothing was frozen', async () => {
    const volume = await rig().volume();
    rig().engine.interfere = (command) =>
      command.type === 'overlay.append'
        ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false }
        : null;
    const id = await rig().snapshot(volume);
    rig().engine.interfere = () => null;
    await act(id, { 'os-reset_status': { status: 'creating' } }, 'admin');
    const answer = await act(id, report('available', '100%'));
    assert.match(answer.body.badRequest.message as string, /nothing was frozen/);
  });

  it('refuses bad bodies', async () => {
    const volume = await rig().volume();
    const id = await rig().snapshot(volume);
    for (const bad of [
      {},
      { volume_id: 'x' },
      { volume_id: volume, name: 'x'.repeat(256) },
      { volume_id: volume, description: 'a\u0007b' },
      { volume_id: volume, metadata: { '': 'x' } },
      { volume_id: volume, metadata: { 'a&b': 'x' } },
      { volume_id: volume, metadata: { a: 1 } },
      { volume_id: volume, metadata: { a: 'x'.repeat(256) } },
      { volume_id: volume, force: 'perhaps' },
    ]) {
      assert.equal((await create(bad)).status, 400, JSON.stringify(bad));
    }
    assert.equal((await create({ volume_id: missingId })).status, 404);
    for (const bad of [{}, { status: 'error' }, { name: 1 }])
      assert.equal((await rig().ask('PUT', `/snapshots/${id}`, { body: { snapshot: bad } })).status, 400);
    for (const key of ['a&b', 'x'.repeat(256)]) {
      const answer = await rig().ask('POST', `/snapshots/${id}/metadata`, { body: { metadata: { [key]: 'x' } } });
      assert.equal(answer.status, 400, key);
    }
    assert.equal((await rig().ask('PUT', `/snapshots/${id}/metadata/a`, { body: { meta: { b: 'x' } } })).status, 400);
  });
}
