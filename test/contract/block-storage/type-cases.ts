// Volume types and extra specs.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, projectOf } from './block-rig.js';

export function typeCases(rig: () => BlockRig): void {
  afterEach(async () => {
    await rig().clear();
    await rig().database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
  });
  const create = (body: object, as: 'ann' | 'admin' = 'admin') =>
    rig().ask('POST', '/types', { as, body: { volume_type: body } });

  it('has a default type that stays', async () => {
    const { id, ...shown } = (await rig().ask('GET', '/types/default')).body.volume_type;
    assert.equal(shown.name, '__DEFAULT__');
    assert.ok(!('os-volume-type-access:is_public' in shown));
    assert.equal((await rig().ask('DELETE', `/types/${id}`, { as: 'admin' })).status, 400);
    assert.deepEqual((await rig().ask('GET', `/types/${id}/encryption`, { as: 'admin' })).body, {});
  });

  it('creates, lists, shows, updates and deletes', async () => {
    assert.equal((await create({ name: 'fast' }, 'ann')).status, 403);
    const made = await create({ name: 'fast', description: 'd', extra_specs: { volume_backend_name: 'gluster' } });
    assert.equal(made.status, 200);
    const { id } = made.body.volume_type as { id: string };
    assert.equal(made.body.volume_type['os-volume-type-access:is_public'], true);
    assert.ok(!('qos_specs_id' in made.body.volume_type));
    assert.equal((await create({ name: 'fast' })).status, 409);
    assert.equal((await create({ name: '  ' })).status, 400);
    const shown = (await rig().ask('GET', `/types/${id}`)).body.volume_type;
    assert.deepEqual([shown.extra_specs, 'qos_specs_id' in shown], [{}, false], 'users do not see specs');
    assert.equal((await rig().ask('GET', `/types/${id}`, { as: 'admin' })).body.volume_type.qos_specs_id, null);
    const changed = await rig().ask('PUT', `/types/${id}`, {
      as: 'admin',
      body: { volume_type: { is_public: false } },
    });
    assert.ok(!('os-volume-type-access:is_public' in changed.body.volume_type));
    assert.equal((await rig().ask('PUT', `/types/${id}`, { as: 'admin', body: { volume_type: {} } })).status, 400);
    assert.equal((await rig().ask('GET', `/types/${id}`)).status, 404, 'private');
    const names = async (query: string, as: 'ann' | 'admin') =>
      ((await rig().ask('GET', `/types${query}`, { as })).body.volume_types as { name: string }[])
        .map((one) => one.name)
        .sort();
    assert.deepEqual(await names('', 'ann'), ['__DEFAULT__']);
    assert.deepEqual(await names('?is_public=None', 'ann'), ['__DEFAULT__']);
    assert.deepEqual(await names('?is_public=None', 'admin'), ['__DEFAULT__', 'fast']);
    assert.deepEqual(await names('?is_public=false', 'admin'), ['fast']);
    assert.equal((await rig().ask('DELETE', `/types/${id}`, { as: 'admin' })).status, 202);
    assert.equal((await rig().ask('DELETE', `/types/${missingId}`, { as: 'admin' })).status, 404);
  });

  it('answers each call in its own shape', async () => {
    const as = 'admin';
    const made = (await create({ name: 'shapes' })).body.volume_type;
    const base = ['description', 'extra_specs', 'id', 'is_public', 'name'];
    const keysOf = (type: object): string[] => Object.keys(type).sort();
    const access = 'os-volume-type-access:is_public';
    assert.deepEqual(keysOf(made), [...base, access].sort());
    const path = `/types/${made.id}`;
    const updated = await rig().ask('PUT', path, { as, body: { volume_type: { description: '' } } });
    assert.deepEqual(keysOf(updated.body.volume_type), base);
    const shown = (await rig().ask('GET', path, { as })).body.volume_type;
    assert.deepEqual(keysOf(shown), [...base, access, 'qos_specs_id'].sort());
    const listed = (await rig().ask('GET', '/types?sort=name:desc', { as })).body.volume_types[0];
    assert.deepEqual(keysOf(listed), [...base, access, 'qos_specs_id'].sort());
    assert.deepEqual(keysOf((await rig().ask('GET', path)).body.volume_type), [...base, access].sort());
    assert.deepEqual(keysOf((await rig().ask('GET', '/types/default')).body.volume_type), base);
    assert.deepEqual(keysOf((await rig().ask('GET', '/types/default', { as })).body.volume_type), [
      ...base,
      'qos_specs_id',
    ]);
  });

  it('walks in pages, with a link to the next', async () => {
    for (const name of ['a', 'b', 'c']) await create({ name });
    const seen: string[] = [];
    let path = '/types?limit=2&sort=name:asc';
    for (let page = 0; page < 5 && path !== ''; page += 1) {
      const { body } = await rig().ask('GET', path);
      seen.push(...(body.volume_types as { name: string }[]).map((one) => one.name));
      const next: string | undefined = body.volume_type_links?.[0].href;
      path = next === undefined ? '' : `/types${new URL(next).search}`;
    }
    assert.deepEqual(seen, ['__DEFAULT__', 'a', 'b', 'c']);
    assert.equal((await rig().ask('GET', '/types?offset=3&sort=name:asc')).body.volume_types.length, 1);
    assert.equal((await rig().ask('GET', `/types?marker=${missingId}`)).status, 404);
    for (const bad of ['limit=-1', 'limit=x', 'sort=nonsense', 'sort=name:up']) {
      assert.equal((await rig().ask('GET', `/types?${bad}`)).status, 400, bad);
    }
    const named = (await rig().ask('GET', '/types?name=b', { as: 'admin' })).body.volume_types;
    assert.deepEqual(
      (named as { name: string }[]).map((one) => one.name),
      ['b'],
      'administrators filter by any column',
    );
  });

  it('refuses names that are no names, and to rename or delete what others rely on', async () => {
    const as = 'admin';
    for (const name of ['', ' ', 'x'.repeat(256), null, 7]) assert.equal((await create({ name })).status, 400);
    assert.equal((await create({ name: 'x', extra_specs: { 'a?b': '1' } })).status, 400);
    assert.equal((await create({ name: 'x', 'os-volume-type-access:is_public': 'perhaps' })).status, 400);
    const { id } = (await create({ name: 'x' })).body.volume_type as { id: string };
    await create({ name: 'y' });
    const put = (at: string, type: object) => rig().ask('PUT', `/types/${at}`, { as, body: { volume_type: type } });
    const taken = await put(id, { name: 'y' });
    assert.deepEqual([taken.status, taken.body.conflictingRequest.message], [409, 'Volume Type y already exists.']);
    assert.equal((await put(id, { name: ' ' })).status, 400);
    assert.equal((await put(missingId, { name: 'z' })).status, 404);
    assert.equal((await put('no-uuid', { name: 'z' })).status, 404);
    assert.equal((await rig().ask('DELETE', `/types/${missingId}`, { as })).status, 404);
    assert.equal((await rig().ask('DELETE', `/types/${id}`)).status, 403);
    const { id: first } = (await rig().ask('GET', '/types/default')).body.volume_type as { id: string };
    assert.match((await put(first, { name: 'z' })).body.badRequest.message, /default volume type/);
    for (const name of ['x', 'y']) await rig().database('volume_types').where({ name }).delete();
    const last = await rig().ask('DELETE', `/types/${first}`, { as });
    assert.match(last.body.badRequest.message, /the only currently defined volume type/);
  });

  it('takes the quotas of a type along when its name changes, and drops them with it', async () => {
    const as = 'admin';
    const path = `/os-quota-sets/${projectOf('ann')}`;
    const { id } = (await create({ name: 'old' })).body.volume_type as { id: string };
    const limits = { volumes_old: 1, gigabytes_old: 7, snapshots_old: 3 };
    await rig().ask('PUT', path, { as, body: { quota_set: limits } });
    await rig().ask('PUT', `/types/${id}`, { as, body: { volume_type: { name: 'new' } } });
    const shown = (await rig().ask('GET', path)).body.quota_set;
    assert.deepEqual([shown.volumes_new, shown.gigabytes_new, shown.snapshots_new], [1, 7, 3]);
    assert.ok(!('volumes_old' in shown));
    await rig().volume({ volume_type: 'new' });
    const over = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, volume_type: 'new' } } });
    assert.equal(over.status, 413);
    await rig().clear();
    await rig().ask('PUT', path, { as, body: { quota_set: { volumes_new: 1 } } });
    assert.equal((await rig().ask('DELETE', `/types/${id}`, { as })).status, 202);
    await create({ name: 'new' });
    assert.equal((await rig().ask('GET', path)).body.quota_set.volumes_new, -1);
  });

  it('never makes a volume of specs that change beside it', async () => {
    const as = 'admin';
    const { id } = (await create({ name: 'racing' })).body.volume_type as { id: string };
    const body = { multiattach: '<is> True' };
    const asks = [
      ...Array.from({ length: 6 }, () =>
        rig().ask('POST', '/volumes', { body: { volume: { size: 1, volume_type: id } } }),
      ),
      rig().ask('PUT', `/types/${id}/extra_specs/multiattach`, { as, body }),
    ];
    const answers = await Promise.all(asks);
    const changed = answers.at(-1)?.status === 200;
    const made = answers.slice(0, -1).map((answer) => answer.body.volume.multiattach as boolean);
    assert.deepEqual(
      made,
      made.map(() => changed),
      changed ? 'all after the change' : 'the change was refused',
    );
    await rig().engine.settle();
  });

  it('changes extra specs of a type that no volume uses', async () => {
    const { id } = (await create({ name: 'specs' })).body.volume_type as { id: string };
    const path = `/types/${id}/extra_specs`;
    const as = 'admin';
    assert.deepEqual((await rig().ask('POST', path, { as, body: { extra_specs: { a: '1' } } })).body, {
      extra_specs: { a: '1' },
    });
    assert.equal((await rig().ask('POST', path, { as, body: { extra_specs: {} } })).status, 400);
    assert.equal((await rig().ask('POST', path, { as, body: { extra_specs: { 'a b': '1' } } })).status, 400);
    assert.deepEqual((await rig().ask('PUT', `${path}/b`, { as, body: { b: '2' } })).body, { b: '2' });
    assert.equal((await rig().ask('PUT', `${path}/b`, { as, body: { c: '2' } })).status, 400);
    assert.deepEqual((await rig().ask('GET', path, { as })).body, { extra_specs: { a: '1', b: '2' } });
    assert.deepEqual((await rig().ask('GET', `${path}/b`, { as })).body, { b: '2' });
    assert.equal((await rig().ask('GET', `${path}/b`)).status, 404, 'not for users');
    assert.equal((await rig().ask('DELETE', `${path}/b`, { as })).status, 202);
    assert.equal((await rig().ask('DELETE', `${path}/b`, { as })).status, 404);
    assert.equal((await rig().ask('DELETE', `${path}/a`, { as })).status, 202);
    await rig().volume({ volume_type: 'specs' });
    assert.equal((await rig().ask('PUT', `${path}/b`, { as, body: { b: '2' } })).status, 400);
    assert.equal((await rig().ask('DELETE', `/types/${id}`, { as })).status, 400);
  });

  it('places by extra specs', async () => {
    const specs: [Record<string, string>, string][] = [
      [{ storage_protocol: 'glusterfs', vendor_name: 'Open Source' }, 'available'],
      [{ 'capabilities:volume_backend_name': '<or> other <or> gluster' }, 'available'],
      [{ thin_provisioning_support: '<is> True', 'gluster:whatever': 'x' }, 'available'],
      [{ vendor_name: 'Somebody' }, 'error'],
      [{ no_such_capability: '1' }, 'error'],
    ];
    for (const [index, [extra_specs, status]] of specs.entries()) {
      await create({ name: `t${index}`, extra_specs });
      const id = await rig().volume({ volume_type: `t${index}` });
      assert.equal(await rig().statusOf(id), status, JSON.stringify(extra_specs));
    }
  });
}
