// Consistency groups and cgsnapshots, as older clients ask for them: the same groups and group snapshots under other names.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, missingId } from './block-rig.js';

export function consistencyGroupCases(rig: () => BlockRig): void {
  // Other cases remove all group types.
  beforeEach(async () => {
    await rig()
      .database('group_types')
      .insert({ name: 'default_cgsnapshot_type', group_specs: { consistent_group_snapshot_enabled: '<is> True' } })
      .onConflict('name')
      .ignore();
  });
  afterEach(() => rig().clear());

  const post = (path: string, body: object, as: 'ann' | 'bob' | 'reader' = 'ann'): Promise<Answer> =>
    rig().ask('POST', path, { as, body });
  const put = (path: string, group: object, version = '3.71'): Promise<Answer> =>
    rig().ask('PUT', path, { version, body: { consistencygroup: group } });
  const show = async (id: string): Promise<Answer['body']> =>
    (await rig().ask('GET', `/consistencygroups/${id}`)).body.consistencygroup;
  const messageOf = (answer: Answer): string => {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    return answer.body.badRequest.message as string;
  };
  async function made(more: object = {}): Promise<string> {
    const sent = { name: 'shop', volume_types: '__DEFAULT__', status: 'creating', user_id: null, ...more };
    const answer = await post('/consistencygroups', { consistencygroup: sent });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body.consistencygroup).sort(), ['id', 'name']);
    return answer.body.consistencygroup.id as string;
  }
  async function filled(): Promise<{ id: string; volume: string }> {
    const id = await made();
    const body = { volume: { size: 1, volume_type: '__DEFAULT__', consistencygroup_id: id } };
    const volume = (await post('/volumes', body)).body.volume.id as string;
    await rig().engine.settle();
    return { id, volume };
  }

  it('makes, shows, lists and renames them at any version', async () => {
    const id = await made({ description: 'of all' });
    const shown = await show(id);
    const keys = ['availability_zone', 'created_at', 'description', 'id', 'name', 'status', 'volume_types'];
    assert.deepEqual(Object.keys(shown).sort(), keys);
    assert.deepEqual([shown.name, shown.description, shown.status], ['shop', 'of all', 'available']);
    for (const path of ['/consistencygroups', '/consistencygroups/detail']) {
      const { consistencygroups: found } = (await rig().ask('GET', path)).body as { consistencygroups: object[] };
      assert.equal(found.length, 1);
      assert.deepEqual((await rig().ask('GET', path, { as: 'bob' })).body.consistencygroups, []);
    }
    assert.equal((await put(`/consistencygroups/${id}`, { name: 'one' })).status, 202);
    assert.equal((await put(`/consistencygroups/${id}/update`, { description: 'two' })).status, 202);
    const changed = await show(id);
    assert.deepEqual([changed.name, changed.description], ['one', 'two']);
    assert.match(messageOf(await put(`/consistencygroups/${id}`, {}, '3.5')), /can not be all empty/);
    assert.match(messageOf(await put(`/consistencygroups/${id}`, { name: '' }, '3.5')), /can not be all empty/);
    assert.match(messageOf(await put(`/consistencygroups/${id}`, {}, '3.6')), /one or more of the following keys/);
    assert.equal((await put(`/consistencygroups/${id}`, { name: '' }, '3.6')).status, 202);
    assert.equal((await rig().ask('GET', `/consistencygroups/${id}`, { as: 'bob' })).status, 404);
    assert.equal((await rig().ask('GET', `/consistencygroups/${missingId}`)).status, 404);
  });

  it('says what is wrong with a request', async () => {
    assert.match(
      messageOf(await post('/consistencygroups', { consistencygroup: { name: 'x' } })),
      /^volume_types must be provided to create consistency group x\.$/,
    );
    const unknown = { consistencygroup: { volume_types: 'no-such-type' } };
    assert.equal((await post('/consistencygroups', unknown)).status, 404);
    assert.equal((await post('/consistencygroups', unknown, 'reader')).status, 403);
    const from = (source: object) =>
      post('/consistencygroups/create_from_src', { 'consistencygroup-from-src': source });
    assert.match(messageOf(await from({ name: 'y' })), /^Either 'cgsnapshot_id' or 'source_cgid'/);
    assert.match(messageOf(await from({ cgsnapshot_id: missingId, source_cgid: missingId })), /^Cannot provide both/);
    assert.equal((await from({ source_cgid: missingId })).status, 404);
    assert.match(messageOf(await post('/cgsnapshots', { cgsnapshot: {} })), /'consistencygroup_id' must be specified/);
    assert.equal((await post('/cgsnapshots', { cgsnapshot: { consistencygroup_id: missingId } })).status, 404);
    await rig().database('group_types').where({ name: 'default_cgsnapshot_type' }).delete();
    const asked = { consistencygroup: { volume_types: '__DEFAULT__' } };
    assert.match(messageOf(await post('/consistencygroups', asked)), /^Group type default_cgsnapshot_type not found/);
  });

  it('takes volumes in, and shows their group as both', async () => {
    const { id, volume } = await filled();
    const shown = (await rig().ask('GET', `/volumes/${volume}`, { version: '3.71' })).body.volume;
    assert.deepEqual([shown.consistencygroup_id, shown.group_id], [id, id]);
    const alone = await rig().volume();
    assert.equal((await put(`/consistencygroups/${id}`, { add_volumes: alone, remove_volumes: volume })).status, 202);
    const other = (await rig().ask('GET', `/volumes/${alone}`)).body.volume;
    assert.equal(other.consistencygroup_id, id);
    const deletion = { consistencygroup: { force: false } };
    assert.match(messageOf(await post(`/consistencygroups/${id}/delete`, deletion)), /volume/i);
    assert.match(
      messageOf(await post(`/consistencygroups/${id}/delete`, { consistencygroup: { force: 'perhaps' } })),
      /Invalid value/,
    );
    assert.equal((await post(`/consistencygroups/${id}/delete`, { consistencygroup: { force: true } })).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/consistencygroups/${id}`)).status, 404);
    assert.equal(await rig().statusOf(alone), 404);
  });

  it('takes cgsnapshots, and makes groups of them and of groups', async () => {
    const { id } = await filled();
    const taken = await post('/cgsnapshots', {
      cgsnapshot: { consistencygroup_id: id, name: 'monday', status: 'creating' },
    });
    assert.equal(taken.status, 202, JSON.stringify(taken.body));
    const snapshot = taken.body.cgsnapshot.id as string;
    await rig().engine.settle();
    const shown = (await rig().ask('GET', `/cgsnapshots/${snapshot}`)).body.cgsnapshot;
    assert.deepEqual([shown.status, shown.name, shown.consistencygroup_id], ['available', 'monday', id]);
    for (const path of ['/cgsnapshots', '/cgsnapshots/detail']) {
      assert.equal((await rig().ask('GET', path)).body.cgsnapshots.length, 1);
    }
    for (const source of [{ cgsnapshot_id: snapshot }, { source_cgid: id }]) {
      const answer = await post('/consistencygroups/create_from_src', { 'consistencygroup-from-src': source });
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
      await rig().engine.settle();
      const copy = answer.body.consistencygroup.id as string;
      assert.equal((await show(copy)).status, 'available');
      const { rows } = (await rig().database.raw('select count(*)::int as found from volumes where group_id = ?', [
        copy,
      ])) as { rows: { found: number }[] };
      assert.equal(rows[0]?.found, 1);
      // Its volume stands on the snapshot's layers.
      assert.equal(
        (await post(`/consistencygroups/${copy}/delete`, { consistencygroup: { force: true } })).status,
        202,
      );
      await rig().engine.settle();
    }
    assert.equal((await rig().ask('DELETE', `/cgsnapshots/${snapshot}`)).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/cgsnapshots/${snapshot}`)).status, 404);
  });
}
