// Group types and their specs.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, missingId } from './block-rig.js';

const version = '3.11';
const as = 'admin';

export function groupTypeCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  const create = (groupType: object, who: 'ann' | 'admin' = as): Promise<Answer> =>
    rig().ask('POST', '/group_types', { as: who, version, body: { group_type: groupType } });

  it('creates, lists, shows, updates and deletes', async () => {
    const made = await create({ name: 'fast', description: 'd', group_specs: { a: 'b' } });
    assert.equal(made.status, 202);
    const { id } = made.body.group_type as { id: string };
    const shown = { id, name: 'fast', description: 'd', is_public: true, group_specs: { a: 'b' } };
    assert.deepEqual(made.body.group_type, shown);
    const path = `/group_types/${id}`;
    assert.deepEqual((await rig().ask('GET', path, { as, version })).body.group_type, shown);
    const { group_specs: _specs, ...forUsers } = shown;
    assert.deepEqual((await rig().ask('GET', path, { version })).body.group_type, forUsers, 'users see no specs');
    const changed = await rig().ask('PUT', path, { as, version, body: { group_type: { name: 'faster' } } });
    assert.deepEqual([changed.status, changed.body.group_type.name], [200, 'faster']);
    assert.equal((await rig().ask('DELETE', path, { as, version })).status, 202);
    assert.equal((await rig().ask('DELETE', path, { as, version })).status, 404);
    const gone = await rig().ask('GET', path, { as, version });
    assert.equal(gone.body.itemNotFound.message, `Group type ${id} could not be found.`);
  });

  it('shows private types to administrators alone, page by page and in order', async () => {
    const ids: string[] = [];
    for (const one of [{ name: 'b' }, { name: 'a', is_public: false }, { name: 'c' }]) {
      ids.push((await create(one)).body.group_type.id as string);
    }
    const names = async (query: string, who: 'ann' | 'admin' = as): Promise<string> =>
      ((await rig().ask('GET', `/group_types${query}`, { as: who, version })).body.group_types as { name: string }[])
        .map((one) => one.name)
        .join();
    assert.equal(await names('?sort=name:asc'), 'b,c');
    assert.equal(await names('?sort=name:asc&is_public=None'), 'a,b,c');
    assert.equal(await names('?sort=name:desc&is_public=None'), 'c,b,a');
    assert.equal(await names('?is_public=False'), 'a');
    assert.equal(await names('?sort=name:asc&is_public=None&colour=red', 'ann'), 'b,c');
    const first = await rig().ask('GET', '/group_types?sort=name:asc&limit=1', { as, version });
    assert.match(first.body.group_type_links[0].href, /marker=/);
    assert.equal((await rig().ask('GET', `/group_types/${ids[1]}`, { version })).status, 404);
    assert.equal((await rig().ask('GET', '/group_types?is_public=perhaps', { as, version })).status, 400);
  });

  it('refuses what is wrong, and changes nothing', async () => {
    const { id } = (await create({ name: 'one' })).body.group_type as { id: string };
    await create({ name: 'two' });
    assert.equal((await create({ name: 'one' })).status, 409);
    assert.equal((await create({ name: 'x' }, 'ann')).status, 403);
    for (const bad of [
      {},
      { name: ' ' },
      { name: 'x'.repeat(256) },
      { name: 'x', colour: 'red' },
      { name: 'x', is_public: 'so' },
    ]) {
      assert.equal((await create(bad)).status, 400, JSON.stringify(bad));
    }
    const path = `/group_types/${id}`;
    const put = (group_type: object): Promise<Answer> => rig().ask('PUT', path, { as, version, body: { group_type } });
    assert.equal((await put({ name: 'two' })).status, 409);
    assert.equal((await put({})).status, 400);
    assert.equal((await put({ name: ' ' })).status, 400);
    const missing = { as, version, body: { group_type: { name: 'x' } } } as const;
    assert.equal((await rig().ask('PUT', `/group_types/${missingId}`, missing)).status, 404);
    const none = await rig().ask('GET', '/group_types/default', { version });
    assert.deepEqual([none.status, none.body.itemNotFound.message], [404, 'Default group type can not be found.']);
    assert.equal((await rig().ask('GET', '/group_types', { as, version: '3.10' })).status, 404, 'before 3.11');
    assert.equal((await rig().ask('GET', path, { as, version })).body.group_type.name, 'one');
  });

  it('keeps specs', async () => {
    const { id } = (await create({ name: 'specs' })).body.group_type as { id: string };
    const path = `/group_types/${id}/group_specs`;
    const post = (specs: object): Promise<Answer> =>
      rig().ask('POST', path, { as, version, body: { group_specs: specs } });
    assert.deepEqual((await post({ key1: 'value1', key2: 'value2' })).body.group_specs, {
      key1: 'value1',
      key2: 'value2',
    });
    const merged = await post({ key2: 'other' });
    assert.deepEqual([merged.status, merged.body.group_specs], [202, { key2: 'other' }]);
    const set = await rig().ask('PUT', `${path}/key3`, { as, version, body: { key3: 'value3' } });
    assert.deepEqual([set.status, set.body], [200, { key3: 'value3' }]);
    const all = await rig().ask('GET', path, { as, version });
    assert.deepEqual(all.body.group_specs, { key1: 'value1', key2: 'other', key3: 'value3' });
    assert.deepEqual((await rig().ask('GET', `${path}/key2`, { as, version })).body, { key2: 'other' });
    assert.equal((await rig().ask('DELETE', `${path}/key2`, { as, version })).status, 202);
    assert.equal((await rig().ask('DELETE', `${path}/key2`, { as, version })).status, 404);
    assert.equal((await rig().ask('GET', `${path}/key2`, { as, version })).status, 404);
    assert.equal((await rig().ask('PUT', `${path}/key1`, { as, version, body: { key3: 'x' } })).status, 400);
    assert.equal((await post({ 'a b': 'x' })).status, 400);
    assert.equal((await rig().ask('GET', path, { version })).status, 403);
    assert.equal((await rig().ask('GET', `/group_types/${missingId}/group_specs`, { as, version })).status, 404);
  });

  it('stays while a group is of it', async () => {
    const group = await rig().group();
    const { group_type: id } = (await rig().ask('GET', `/groups/${group}`, { version: '3.13' })).body.group;
    const refused = await rig().ask('DELETE', `/group_types/${id}`, { as, version });
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /^Target group type is still in use/);
  });
}
