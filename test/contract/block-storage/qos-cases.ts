// QoS specs: as a resource, their association with volume types, and what a connection tells a hypervisor of them.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, missingId } from './block-rig.js';

const as = 'admin';

export function qosCases(rig: () => BlockRig): void {
  afterEach(async () => {
    await rig().clear();
    await rig().database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
    await rig().database('volume_types').update({ qos_specs_id: null });
    await rig().database('qos_specs').delete();
  });

  const create = (specs: object, who: 'ann' | 'admin' = as): Promise<Answer> =>
    rig().ask('POST', '/qos-specs', { as: who, body: { qos_specs: specs } });
  async function make(name: string, more: object = {}): Promise<string> {
    const made = await create({ name, ...more });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return made.body.qos_specs.id as string;
  }
  async function makeType(name: string): Promise<string> {
    const made = await rig().ask('POST', '/types', { as, body: { volume_type: { name } } });
    return made.body.volume_type.id as string;
  }
  const get = (path: string, who: 'ann' | 'admin' = as): Promise<Answer> =>
    rig().ask('GET', `/qos-specs${path}`, { as: who });
  const associated = async (id: string): Promise<string[]> =>
    ((await get(`/${id}/associations`)).body.qos_associations as { name: string }[]).map((one) => one.name);

  it('creates, shows, lists, changes and deletes', async () => {
    const made = (await create({ name: ' fast ', consumer: 'front-end', read_iops_sec: '100' })).body;
    const { id } = made.qos_specs as { id: string };
    const shown = { id, name: 'fast', consumer: 'front-end', specs: { read_iops_sec: '100' } };
    assert.deepEqual(made.qos_specs, shown);
    assert.ok(made.links.length > 0);
    assert.deepEqual((await get(`/${id}`)).body.qos_specs, shown);
    assert.equal((await create({ name: 'plain' })).body.qos_specs.consumer, 'back-end');
    const body = { qos_specs: { consumer: 'both', write_iops_sec: '50', read_iops_sec: '200' } };
    assert.deepEqual((await rig().ask('PUT', `/qos-specs/${id}`, { as, body })).body, body, 'echoes the request');
    const changed = (await get(`/${id}`)).body.qos_specs;
    assert.deepEqual([changed.consumer, changed.specs], ['both', { read_iops_sec: '200', write_iops_sec: '50' }]);
    const list = (await get('?sort=name:asc&limit=1')).body;
    assert.deepEqual([list.qos_specs[0].name, list.qos_specs_links[0].rel], ['fast', 'next']);
    assert.equal((await get('?consumer=back-end')).body.qos_specs.length, 1);
    assert.equal((await rig().ask('DELETE', `/qos-specs/${id}`, { as })).status, 202);
    assert.equal((await get(`/${id}`)).status, 404);
    assert.equal((await rig().ask('DELETE', `/qos-specs/${id}`, { as })).status, 404);
  });

  it('refuses what is malformed, taken or unknown, and users', async () => {
    const id = await make('taken');
    const twice = await create({ name: 'taken' });
    assert.deepEqual([twice.status, twice.body.conflictingRequest.message], [409, 'QoS Specs taken already exists.']);
    const bad: object[] = [
      {},
      { name: ' ' },
      { name: 'x'.repeat(256) },
      { name: 'x', consumer: 'nobody' },
      { name: 'x', iops: 1 },
      { name: 'x', iops: 'y'.repeat(256) },
      { name: 'x', '': '1' },
    ];
    for (const one of bad) assert.equal((await create(one)).status, 400, JSON.stringify(one));
    const named = await create({ name: 'x', consumer: 'nobody' });
    assert.equal(
      named.body.badRequest.message,
      "Invalid qos specs: Valid consumer of QoS specs are: ['front-end', 'back-end', 'both']",
    );
    const put = (at: string, specs: object): Promise<Answer> =>
      rig().ask('PUT', `/qos-specs/${at}`, { as, body: { qos_specs: specs } });
    assert.equal((await put(id, { consumer: 'nobody' })).status, 400);
    assert.equal((await put(id, { 'a?b': '1' })).status, 400);
    assert.equal((await put(missingId, { a: '1' })).status, 404);
    assert.deepEqual((await get(`/${id}`)).body.qos_specs.specs, {}, 'nothing was changed');
    for (const at of [missingId, 'no-uuid']) {
      assert.equal((await get(`/${at}`)).status, 404);
      assert.equal((await get(`/${at}/associations`)).status, 404);
      assert.equal((await get(`/${at}/disassociate_all`)).status, 404);
    }
    for (const path of [
      '',
      `/${id}`,
      `/${id}/associations`,
      `/${id}/associate?vol_type_id=x`,
      `/${id}/disassociate_all`,
    ])
      assert.equal((await get(path, 'ann')).status, 403, path);
    assert.equal((await create({ name: 'x' }, 'ann')).status, 403);
    assert.equal((await rig().ask('DELETE', `/qos-specs/${id}`)).status, 403);
  });

  it('removes keys, all or none', async () => {
    const id = await make('keyed', { a: '1', b: '2', c: '3' });
    const remove = (keys: unknown, at = id): Promise<Answer> =>
      rig().ask('PUT', `/qos-specs/${at}/delete_keys`, { as, body: { keys } });
    const missing = await remove(['a', 'z']);
    assert.deepEqual(
      [missing.status, missing.body.itemNotFound.message],
      [404, `QoS spec ${id} has no spec with key z.`],
    );
    assert.equal((await remove(['a', 'c'])).status, 202);
    assert.deepEqual((await get(`/${id}`)).body.qos_specs.specs, { b: '2' });
    assert.equal((await remove(['b'], missingId)).status, 404);
    for (const bad of [['b', 'b'], [''], 'b', null]) assert.equal((await remove(bad)).status, 400, String(bad));
  });

  it('is associated with types, which show it to administrators', async () => {
    const [first, second] = [await make('first'), await make('second')];
    const type = await makeType('limited');
    const associate = (id: string, verb: string, typeId = type): Promise<Answer> =>
      get(`/${id}/${verb}?vol_type_id=${typeId}`);
    assert.equal((await associate(first, 'associate')).status, 202);
    assert.equal((await associate(first, 'associate')).status, 202, 'already so');
    assert.deepEqual((await get(`/${first}/associations`)).body.qos_associations, [
      { association_type: 'volume_type', name: 'limited', id: type },
    ]);
    assert.equal((await rig().ask('GET', `/types/${type}`, { as })).body.volume_type.qos_specs_id, first);
    assert.ok(!('qos_specs_id' in (await rig().ask('GET', `/types/${type}`)).body.volume_type));
    const other = await associate(second, 'associate');
    assert.equal(other.status, 400);
    assert.match(other.body.badRequest.message, /is already associated with another qos specs/);
    assert.equal((await associate(second, 'disassociate')).status, 202, 'changes nothing');
    assert.deepEqual(await associated(first), ['limited']);
    for (const verb of ['associate', 'disassociate']) {
      const none = await get(`/${first}/${verb}`);
      assert.deepEqual([none.status, none.body.badRequest.message], [400, 'Volume Type id must not be None.']);
      assert.equal((await associate(first, verb, missingId)).status, 404);
      assert.equal((await associate(missingId, verb)).status, 404);
    }
    assert.equal((await associate(first, 'disassociate')).status, 202);
    assert.deepEqual(await associated(first), []);
    await associate(first, 'associate');
    await associate(first, 'associate', await makeType('also'));
    assert.deepEqual(await associated(first), ['also', 'limited']);
    assert.equal((await get(`/${first}/disassociate_all`)).status, 202);
    assert.deepEqual(await associated(first), []);
  });

  it('is not deleted while types point to it, except by force', async () => {
    const id = await make('held');
    const type = await makeType('holder');
    await get(`/${id}/associate?vol_type_id=${type}`);
    const held = await rig().ask('DELETE', `/qos-specs/${id}`, { as });
    assert.deepEqual([held.status, held.body.badRequest.message], [400, 'Qos specs still in use.']);
    assert.equal((await rig().ask('DELETE', `/qos-specs/${id}?force=perhaps`, { as })).status, 400);
    assert.equal((await rig().ask('DELETE', `/qos-specs/${id}?force=True`, { as })).status, 202);
    assert.equal((await rig().ask('GET', `/types/${type}`, { as })).body.volume_type.qos_specs_id, null);
  });

  it('tells the hypervisor what it is to limit, and nothing that storage is to', async () => {
    const version = '3.44';
    const type = await makeType('limited');
    const front = await make('front', { consumer: 'front-end', total_iops_sec: '500', read_bytes_sec_per_gb: '1000' });
    await get(`/${front}/associate?vol_type_id=${type}`);
    const volume = await rig().volume({ volume_type: 'limited', size: 2 });
    const connection = async (): Promise<unknown> => {
      const headers = { 'X-Service-Token': 'service' };
      const older = await rig().act(volume, { 'os-initialize_connection': { connector: {} } }, { headers });
      const body = { attachment: { volume_uuid: volume, connector: { host: 'elsewhere' } } };
      const made = await rig().ask('POST', '/attachments', { version, headers, body });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const { id, connection_info: info } = made.body.attachment;
      await rig().ask('DELETE', `/attachments/${id as string}`, { as, version });
      assert.deepEqual(older.body.connection_info.data.qos_specs, info.qos_specs, 'the same in both ways to attach');
      return info.qos_specs;
    };
    assert.deepEqual(await connection(), { total_iops_sec: '500', read_bytes_sec: 2000 });
    await rig().ask('PUT', `/qos-specs/${front}`, { as, body: { qos_specs: { consumer: 'back-end' } } });
    assert.equal(await connection(), null);
    await get(`/${front}/disassociate_all`);
    assert.equal(await connection(), null);
  });
}
