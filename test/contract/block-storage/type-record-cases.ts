// What belongs to volume types: access to private ones, encryption records, zones, attachment to several servers, default types.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, insertPool, missingId, projectOf } from './block-rig.js';

const as = 'admin';
const elsewhere = { host: 'elsewhere', ip: '10.0.0.9' };
const another = { host: 'another', ip: '10.0.0.10' };

export function typeRecordCases(rig: () => BlockRig): void {
  afterEach(async () => {
    await rig().clear();
    await rig().database('default_volume_types').delete();
    await rig().database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
  });

  async function makeType(name: string, more: object = {}): Promise<string> {
    const made = await rig().ask('POST', '/types', { as, body: { volume_type: { name, ...more } } });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return made.body.volume_type.id as string;
  }
  const makePrivate = (name: string): Promise<string> => makeType(name, { 'os-volume-type-access:is_public': false });
  const change = (id: string, verb: 'add' | 'remove', project: string, who: 'ann' | 'admin' = as): Promise<Answer> =>
    rig().ask('POST', `/types/${id}/action`, { as: who, body: { [`${verb}ProjectAccess`]: { project } } });
  const createVolume = (volume: object, who: 'ann' | 'bob' | 'admin' = 'ann'): Promise<Answer> =>
    rig().ask('POST', '/volumes', { as: who, body: { volume: { size: 1, ...volume } } });
  const namesFor = async (who: 'ann' | 'bob' | 'admin', query = ''): Promise<string[]> =>
    ((await rig().ask('GET', `/types${query}`, { as: who })).body.volume_types as { name: string }[])
      .map((one) => one.name)
      .sort();

  describe('access', () => {
    it('is given, listed and taken by administrators', async () => {
      const id = await makePrivate('mine');
      const path = `/types/${id}/os-volume-type-access`;
      assert.deepEqual((await rig().ask('GET', path, { as })).body, { volume_type_access: [] });
      assert.equal((await change(id, 'add', projectOf('ann'))).status, 202);
      const twice = await change(id, 'add', projectOf('ann'));
      assert.equal(twice.status, 409);
      assert.match(twice.body.conflictingRequest.message, /combination already exists\.$/);
      assert.deepEqual((await rig().ask('GET', path, { as })).body.volume_type_access, [
        { volume_type_id: id, project_id: projectOf('ann') },
      ]);
      assert.equal((await change(id, 'remove', projectOf('ann'))).status, 202);
      const gone = await change(id, 'remove', projectOf('ann'));
      assert.deepEqual(
        [gone.status, gone.body.itemNotFound.message],
        [404, `Volume type access not found for ${id} / ${projectOf('ann')} combination.`],
      );
    });

    it('is refused for public types, unknown ones, malformed bodies, and users', async () => {
      const open = await makeType('open');
      const listed = await rig().ask('GET', `/types/${open}/os-volume-type-access`, { as });
      assert.deepEqual(
        [listed.status, listed.body.itemNotFound.message],
        [404, 'Access list not available for public volume types.'],
      );
      const added = await change(open, 'add', projectOf('ann'));
      assert.equal(added.status, 400);
      assert.match(added.body.badRequest.message, /not applicable to public volume type/);
      assert.equal((await change(open, 'remove', projectOf('ann'))).status, 400);
      const id = await makePrivate('mine');
      for (const verb of ['add', 'remove'] as const) {
        assert.equal((await change(missingId, verb, 'x')).status, 404);
        assert.equal((await change('no-uuid', verb, 'x')).status, 404);
        assert.equal((await change(id, verb, '')).status, 400);
        assert.equal((await change(id, verb, 'x'.repeat(256))).status, 400);
        assert.equal((await change(id, verb, projectOf('ann'), 'ann')).status, 403);
      }
      assert.equal((await rig().ask('GET', `/types/${missingId}/os-volume-type-access`, { as })).status, 404);
      assert.equal((await rig().ask('GET', `/types/${id}/os-volume-type-access`)).status, 403);
      const unknown = await rig().ask('POST', `/types/${id}/action`, { as, body: { nonsense: {} } });
      assert.equal(unknown.status, 400);
    });

    it('decides who sees a private type, wherever it can be named', async () => {
      const id = await makePrivate('mine');
      await change(id, 'add', projectOf('ann'));
      assert.deepEqual(await namesFor('ann'), ['__DEFAULT__', 'mine']);
      assert.deepEqual(await namesFor('bob'), ['__DEFAULT__']);
      assert.deepEqual(await namesFor('bob', '?is_public=none'), ['__DEFAULT__'], 'users cannot ask for all');
      assert.deepEqual(await namesFor('admin'), ['__DEFAULT__']);
      assert.deepEqual(await namesFor('admin', '?is_public=false'), ['mine']);
      assert.deepEqual(await namesFor('admin', '?is_public=None'), ['__DEFAULT__', 'mine']);
      assert.equal((await rig().ask('GET', '/types?is_public=perhaps', { as })).status, 400);
      assert.equal((await rig().ask('GET', `/types/${id}`)).status, 200);
      for (const path of [`/types/${id}`, `/types/${id}/extra_specs`, `/types/${id}/extra_specs/multiattach`]) {
        assert.equal((await rig().ask('GET', path, { as: 'bob' })).status, 404, path);
      }
      for (const named of [id, 'mine']) {
        assert.equal((await createVolume({ volume_type: named })).status, 202, named);
        const refused = await createVolume({ volume_type: named }, 'bob');
        assert.equal(refused.status, 404, named);
        assert.match(refused.body.itemNotFound.message, /^Volume type (?:with name )?\S+ could not be found\.$/);
      }
      assert.equal((await createVolume({ volume_type: 'mine' }, 'admin')).status, 202);
      await rig().engine.settle();
    });

    it('lets a copy keep the type that its project may no longer name', async () => {
      const id = await makePrivate('mine');
      await change(id, 'add', projectOf('ann'));
      const source = await rig().volume({ volume_type: 'mine' });
      await change(id, 'remove', projectOf('ann'));
      const copy = await createVolume({ source_volid: source });
      assert.deepEqual([copy.status, copy.body.volume.volume_type], [202, 'mine']);
      await rig().engine.settle();
    });
  });

  describe('encryption', () => {
    const record = { provider: 'luks', control_location: 'front-end', cipher: 'aes-xts-plain64', key_size: 256 };
    const create = (id: string, encryption: object, who: 'ann' | 'admin' = as): Promise<Answer> =>
      rig().ask('POST', `/types/${id}/encryption`, { as: who, body: { encryption } });

    it('is kept, shown whole and in parts, changed and deleted', async () => {
      const id = await makeType('secret');
      const path = `/types/${id}/encryption`;
      assert.deepEqual((await rig().ask('GET', path, { as })).body, {});
      const made = (await create(id, record)).body.encryption;
      const { encryption_id: encryptionId, ...rest } = made;
      assert.deepEqual(rest, { ...record, volume_type_id: id });
      const shown = (await rig().ask('GET', path, { as })).body;
      assert.deepEqual([shown.encryption_id, shown.deleted, shown.updated_at], [encryptionId, false, null]);
      assert.deepEqual((await rig().ask('GET', `${path}/cipher`, { as })).body, { cipher: 'aes-xts-plain64' });
      assert.equal((await rig().ask('GET', `${path}/nonsense`, { as })).status, 404);
      assert.equal((await create(id, record)).status, 400, 'has one already');
      const put = (encryption: object, key = encryptionId as string) =>
        rig().ask('PUT', `${path}/${key}`, { as, body: { encryption } });
      assert.deepEqual((await put({ key_size: '512' })).body, { encryption: { key_size: 512 } });
      assert.equal((await put({ cipher: null }, 'provider')).status, 200, 'the key is not looked at');
      const changed = (await rig().ask('GET', path, { as })).body;
      assert.deepEqual([changed.key_size, changed.cipher, changed.provider], [512, null, 'luks']);
      assert.equal((await rig().ask('DELETE', `${path}/provider`, { as })).status, 202);
      assert.equal((await rig().ask('DELETE', `${path}/provider`, { as })).status, 404);
      assert.equal((await put({ key_size: 1 })).status, 404);
      assert.equal((await rig().ask('GET', `${path}/cipher`, { as })).status, 404);
    });

    it('refuses bad records, unknown types and users', async () => {
      const id = await makeType('secret');
      const bad: object[] = [
        {},
        { ...record, provider: undefined },
        { ...record, control_location: 'middle' },
        { ...record, key_size: -1 },
        { ...record, key_size: '25x' },
        { ...record, key_size: 1.5 },
        { ...record, cipher: 'x'.repeat(256) },
        { ...record, more: 1 },
      ];
      for (const one of bad) assert.equal((await create(id, one)).status, 400, JSON.stringify(one));
      assert.equal((await create(missingId, record)).status, 404);
      assert.equal((await create(id, record, 'ann')).status, 403);
      assert.equal((await rig().ask('GET', `/types/${id}/encryption`)).status, 403);
      assert.equal((await rig().ask('GET', `/types/${missingId}/encryption`, { as })).status, 404);
      assert.deepEqual((await rig().ask('GET', `/types/${id}/encryption`, { as })).body, {}, 'nothing was kept');
    });

    it('lets encrypted volumes be made of the type, and volumes keep their type from it', async () => {
      const id = await makeType('plain');
      await rig().volume({ volume_type: 'plain' });
      const late = await create(id, record);
      assert.deepEqual(
        [late.status, late.body.badRequest.message],
        [400, 'Cannot create encryption specs. Volume type in use.'],
      );
    });

    it('serves every name that clients have for LUKS, and tells it as it was written', async () => {
      for (const provider of ['luks', 'luks2', 'os_brick.encryptors.luks.Luks2Encryptor']) {
        const id = await makeType(`named-${provider}`);
        assert.equal((await create(id, { ...record, provider })).status, 200);
        const made = await createVolume({ volume_type: `named-${provider}` });
        assert.equal(made.status, 202, provider);
        const told = await rig().ask('GET', `/types/${id}/encryption`, { as });
        assert.equal(told.body.provider, provider);
      }
    });

    it('refuses volumes that could not be encrypted as the type says', async () => {
      const bad: Record<string, readonly [object, RegExp]> = {
        provider: [{ ...record, provider: 'plain' }, /the provider must be luks, not plain/],
        place: [{ ...record, control_location: 'back-end' }, /control_location must be front-end/],
        cipher: [{ ...record, cipher: 'aes-cbc-essiv:sha256' }, /the cipher must be aes-xts-plain64/],
        size: [{ ...record, key_size: 128 }, /key_size must be 256 or 512, not 128/],
      };
      for (const [name, [encryption, text]] of Object.entries(bad)) {
        const id = await makeType(`bad-${name}`);
        assert.equal((await create(id, encryption)).status, 200);
        const refused = await createVolume({ volume_type: `bad-${name}` });
        assert.equal(refused.status, 400);
        assert.match(refused.body.badRequest.message, text);
      }
    });
  });

  describe('zones', () => {
    const zoned = 'RESKEY:availability_zones';

    it('bind volumes of the type', async () => {
      await insertPool(rig().database, 'node2@gluster#10.0.0.1:/other', { zone: 'far' });
      try {
        await makeType('bound', { extra_specs: { [zoned]: ' far, nowhere' } });
        const free = await createVolume({ volume_type: 'bound' });
        assert.deepEqual([free.status, free.body.volume.availability_zone], [202, 'far']);
        await rig().engine.settle();
        assert.equal((await createVolume({ volume_type: 'bound', availability_zone: 'far' })).status, 202);
        const outside = await createVolume({ volume_type: 'bound', availability_zone: 'nova' });
        assert.deepEqual(
          [outside.status, outside.body.badRequest.message],
          [400, "Availability zone 'nova' is invalid."],
        );
        const near = await rig().volume({ availability_zone: 'nova' });
        assert.equal((await createVolume({ volume_type: 'bound', source_volid: near })).status, 400);
        await makeType('lost', { extra_specs: { [zoned]: 'nowhere,never' } });
        const lost = await createVolume({ volume_type: 'lost' });
        assert.deepEqual(
          [lost.status, lost.body.badRequest.message],
          [400, "Volume type is only supported in these availability zones: ['nowhere', 'never']"],
        );
      } finally {
        await rig().engine.settle();
        await rig().clear();
        await rig().database('pools').where({ zone: 'far' }).delete();
        await rig().database('services').where({ host: 'node2@gluster' }).delete();
        await rig().database('services').where({ host: 'node2@gluster' }).delete();
      }
    });

    it('are shown to users, who may filter by what they see alone', async () => {
      await makeType('bound', { extra_specs: { [zoned]: 'nova', volume_backend_name: 'gluster' } });
      const [type] = (await rig().ask('GET', '/types?sort_key=name&sort_dir=desc')).body.volume_types;
      assert.deepEqual(type.extra_specs, { [zoned]: 'nova' });
      const found = async (specs: string, version: string, who: 'ann' | 'admin' = 'ann'): Promise<string[]> => {
        const path = `/types?extra_specs=${encodeURIComponent(specs)}`;
        const { volume_types: types } = (await rig().ask('GET', path, { as: who, version })).body;
        return (types as { name: string }[]).map((one) => one.name);
      };
      assert.deepEqual(await found(`{'${zoned}': 'nova'}`, '3.52'), ['bound']);
      assert.deepEqual(await found(`{'${zoned}': 'mars'}`, '3.52'), []);
      assert.deepEqual(await found("{'volume_backend_name': 'gluster'}", '3.52'), [], 'hidden from users');
      assert.deepEqual(await found("{'volume_backend_name': 'gluster'}", '3.52', 'admin'), ['bound']);
      assert.equal((await found(`{'${zoned}': 'mars'}`, '3.51')).length, 2, 'dropped before');
      assert.equal((await rig().ask('GET', '/types?nonsense=1', { version: '3.51' })).status, 200);
      assert.equal((await rig().ask('GET', '/types?nonsense=1', { version: '3.52' })).status, 400);
    });
  });

  describe('multiattach', () => {
    const version = '3.44';
    const attach = (volume: string, connector: object, who: 'ann' | 'admin' = as): Promise<Answer> =>
      rig().ask('POST', '/attachments', { as: who, version, body: { attachment: { volume_uuid: volume, connector } } });
    const complete = (id: string): Promise<Answer> =>
      rig().ask('POST', `/attachments/${id}/action`, { as, version, body: { 'os-complete': null } });
    const makeShared = async (): Promise<string> => {
      await makeType('shared', { extra_specs: { multiattach: '<is> True' } });
      return rig().volume({ volume_type: 'shared' });
    };

    it('gives a volume to several servers elsewhere, as one raw file', async () => {
      const volume = await makeShared();
      assert.equal((await rig().ask('GET', `/volumes/${volume}`)).body.volume.multiattach, true);
      const layers = await rig().database('chain_layers').where({ volume_id: volume }).select('format');
      assert.deepEqual(layers, [{ format: 'raw' }]);
      const ids: string[] = [];
      for (const connector of [elsewhere, another]) {
        const made = await attach(volume, connector);
        assert.equal(made.status, 200, JSON.stringify(made.body));
        ids.push(made.body.attachment.id as string);
        assert.equal((await complete(ids.at(-1) ?? '')).status, 204);
        assert.equal(await rig().statusOf(volume), 'in-use');
      }
      assert.equal((await rig().ask('GET', `/volumes/${volume}`)).body.volume.attachments.length, 2);
      const freeze = { snapshot: { volume_id: volume, force: true } };
      assert.equal((await rig().ask('POST', '/snapshots', { body: freeze })).status, 400, 'others write to it');
      assert.equal((await rig().ask('DELETE', `/attachments/${ids[0]}`, { as, version })).body.attachments.length, 1);
      assert.equal(await rig().statusOf(volume), 'in-use');
      await rig().ask('DELETE', `/attachments/${ids[1]}`, { as, version });
      assert.equal(await rig().statusOf(volume), 'available');
    });

    it('does the same the older way', async () => {
      const volume = await makeShared();
      const give = async (host: string): Promise<number> => {
        const reserved = await rig().act(volume, { 'os-reserve': {} });
        if (reserved.status !== 202) return reserved.status;
        return (await rig().act(volume, { 'os-attach': { host_name: host, mountpoint: '/dev/vdb' } })).status;
      };
      assert.deepEqual([await give('one'), await give('two')], [202, 202]);
      assert.equal(await rig().statusOf(volume), 'in-use');
      const [first] = (await rig().ask('GET', `/volumes/${volume}`)).body.volume.attachments;
      assert.equal((await rig().act(volume, { 'os-detach': {} })).status, 400, 'which one?');
      assert.equal((await rig().act(volume, { 'os-reserve': {} })).status, 202);
      assert.equal((await rig().act(volume, { 'os-unreserve': {} })).status, 202);
      assert.equal(await rig().statusOf(volume), 'in-use');
      assert.equal((await rig().act(volume, { 'os-detach': { attachment_id: first.attachment_id } })).status, 202);
      assert.equal(await rig().statusOf(volume), 'in-use');
    });

    it('never lets two servers write to a qcow2 file', async () => {
      const volume = await makeShared();
      await rig().snapshot(volume);
      assert.equal((await complete((await attach(volume, elsewhere)).body.attachment.id as string)).status, 204);
      const second = await attach(volume, another);
      assert.equal(second.status, 400);
      assert.match(second.body.badRequest.message, /not one raw file; if it has snapshots, delete them first/);
      assert.equal((await rig().act(volume, { 'os-reserve': {} })).status, 400);
      const plain = await rig().volume();
      assert.equal((await complete((await attach(plain, elsewhere)).body.attachment.id as string)).status, 204);
      assert.equal((await attach(plain, another)).status, 400, 'not made for several');
    });

    it('gives nobody elsewhere a volume that a server of ours has', async () => {
      const volume = await makeShared();
      const { database } = rig();
      const server = '11111111-2222-4333-8444-555555555555';
      await database('servers').insert({
        id: server,
        project_id: projectOf('ann'),
        user_id: 'u',
        name: 's',
        flavor_id: '1',
        flavor: '{"vcpus":1,"ram_mib":64}',
        vm_state: 'stopped',
      });
      await database('attachments').insert({
        id: '99999999-2222-4333-8444-555555555555',
        volume_id: volume,
        project_id: projectOf('ann'),
        instance_uuid: server,
        managed_server_id: server,
        status: 'attached',
      });
      await database('volumes').where({ id: volume }).update({ status: 'in-use', attach_status: 'attached' });
      try {
        const refused = await attach(volume, elsewhere);
        assert.equal(refused.status, 400);
        assert.match(refused.body.badRequest.message, /which this service runs, has it for itself/);
        assert.equal((await rig().act(volume, { 'os-reserve': {} })).status, 400);
        const olderWay = { 'os-attach': { host_name: 'elsewhere', mountpoint: '/dev/vdb' } };
        assert.equal((await rig().act(volume, olderWay)).status, 409);
        assert.equal((await database('attachments').where({ volume_id: volume })).length, 1);
      } finally {
        await database('attachments').delete();
        await database('servers').delete();
      }
    });

    it('is not combined with a cache on hosts', async () => {
      const both = { multiattach: '<is> True', cacheable: '<is> True' };
      const refused = await rig().ask('POST', '/types', {
        as,
        body: { volume_type: { name: 'x', extra_specs: both } },
      });
      assert.equal(refused.body.badRequest.message, 'cacheable cannot be set with multiattach.');
      const id = await makeType('x', { extra_specs: { multiattach: '<is> True' } });
      const body = { cacheable: '<is> True' };
      assert.equal((await rig().ask('PUT', `/types/${id}/extra_specs/cacheable`, { as, body })).status, 400);
    });
  });

  describe('default types', () => {
    const version = '3.62';
    const path = `/default-types/${projectOf('ann')}`;
    const set = (type: unknown, who: 'ann' | 'admin' = as, at = path): Promise<Answer> =>
      rig().ask('PUT', at, { as: who, version, body: { default_type: { volume_type: type } } });

    it('are set, shown, listed and taken back by administrators, with and without a project in the URL', async () => {
      const id = await makePrivate('mine');
      const wanted = { project_id: projectOf('ann'), volume_type_id: id };
      assert.deepEqual((await set('mine')).body, { default_type: wanted });
      assert.deepEqual((await set(id, as, `/${projectOf('admin')}${path}`)).body, { default_type: wanted });
      assert.deepEqual((await rig().ask('GET', path, { as, version })).body, { default_type: wanted });
      const all = await rig().ask('GET', `/${projectOf('admin')}/default-types`, { as, version });
      assert.deepEqual(all.body, { default_types: [wanted] });
      assert.equal((await rig().ask('DELETE', path, { as, version })).status, 204);
      assert.equal((await rig().ask('DELETE', path, { as, version })).status, 204);
      const gone = await rig().ask('GET', path, { as, version });
      assert.deepEqual(
        [gone.status, gone.body.itemNotFound.message],
        [404, `Default type for project ${projectOf('ann')} not found.`],
      );
    });

    it('are refused below 3.62, to users, and for types that are not there', async () => {
      for (const [method, at] of [
        ['GET', '/default-types'],
        ['GET', path],
        ['DELETE', path],
      ] as const) {
        assert.equal((await rig().ask(method, at, { as, version: '3.61' })).status, 404, `${method} ${at}`);
        assert.equal((await rig().ask(method, at, { version })).status, 403, `${method} ${at}`);
      }
      assert.equal((await set('__DEFAULT__', 'ann')).status, 403);
      for (const bad of ['nope', missingId, '', ' ', null, 1, 'x'.repeat(256)]) {
        assert.equal((await set(bad)).status, 400, String(bad));
      }
    });

    it('are taken for volumes whose creator names no type, and keep the type', async () => {
      const id = await makePrivate('mine');
      await set('mine');
      const type = async (who: 'ann' | 'bob'): Promise<unknown> =>
        (await createVolume({}, who)).body.volume.volume_type;
      assert.deepEqual([await type('ann'), await type('bob')], ['mine', '__DEFAULT__']);
      await rig().engine.settle();
      assert.equal((await rig().ask('GET', '/types/default')).body.volume_type.name, 'mine');
      assert.equal((await rig().ask('GET', '/types/default', { as: 'bob' })).body.volume_type.name, '__DEFAULT__');
      await rig().clear();
      const refused = await rig().ask('DELETE', `/types/${id}`, { as });
      assert.equal(refused.status, 400);
      assert.match(refused.body.badRequest.message, /is a default volume type and cannot be deleted/);
      await rig().ask('DELETE', path, { as, version });
      assert.equal((await rig().ask('DELETE', `/types/${id}`, { as })).status, 202);
    });
  });
}
