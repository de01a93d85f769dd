// A private volume type is nothing to projects without access to it: wherever a type can be named, and wherever its name could be read.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BlockRig, missingId, projectOf } from '../block-storage/block-rig.js';
import { allowMany } from './targets.js';

const version = '3.71';

describe('private volume types', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  /** Ann's project may use it, bob's may not. */
  let type: { id: string; name: string };

  before(async () => {
    rig = await BlockRig.open();
    const name = `secret-${randomUUID()}`;
    const specs = { volume_backend_name: 'gluster', 'paint:colour': 'ultramarine' };
    const wanted = { name, 'os-volume-type-access:is_public': false, extra_specs: specs };
    const made = await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: wanted } });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    type = { id: made.body.volume_type.id as string, name };
    const body = { addProjectAccess: { project: projectOf('ann') } };
    assert.equal((await rig.ask('POST', `/types/${type.id}/action`, { as: 'admin', body })).status, 202);
  });
  beforeEach(() => allowMany(rig));
  afterEach(async () => {
    await rig.database('volume_transfers').delete();
    await rig.clear();
  });
  after(() => rig.close());

  const named = async (path: string, as: 'ann' | 'bob' | 'bobReader'): Promise<boolean> => {
    const answer = await rig.ask('GET', path, { as, version });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return JSON.stringify(answer.body).includes(type.name);
  };

  for (const suffix of ['', '?usage=true', '/defaults']) {
    it(`quotas${suffix}: only projects with access read its name`, async () => {
      const path = (as: 'ann' | 'bob') => `/os-quota-sets/${projectOf(as)}${suffix}`;
      assert.equal(await named(path('ann'), 'ann'), true);
      assert.equal(await named(path('bob'), 'bob'), false);
      assert.equal(await named(path('bob'), 'bobReader'), false);
      const admin = await rig.ask('GET', path('bob'), { as: 'admin', version });
      assert.ok(`volumes_${type.name}` in admin.body.quota_set, 'administrators see every limit');
    });
  }

  it('a volume that came by a transfer shows its type, and its limits too', async () => {
    const id = await rig.volume({ volume_type: type.id });
    const offer = await rig.ask('POST', '/volume-transfers', { version, body: { transfer: { volume_id: id } } });
    const { id: transfer, auth_key } = offer.body.transfer as { id: string; auth_key: string };
    const body = { accept: { auth_key } };
    const taken = await rig.ask('POST', `/volume-transfers/${transfer}/accept`, { as: 'bob', version, body });
    assert.equal(taken.status, 202, JSON.stringify(taken.body));
    assert.equal(await named(`/volumes/${id}`, 'bob'), true);
    assert.equal(await named(`/os-quota-sets/${projectOf('bob')}?usage=true`, 'bob'), true);
    // But it opens nothing more.
    for (const wish of [{ volume_type: type.id }, { volume_type: type.name }]) {
      const made = await rig.ask('POST', '/volumes', { as: 'bob', version, body: { volume: { size: 1, ...wish } } });
      assert.equal(made.status, 404, JSON.stringify(made.body));
    }
    assert.equal((await rig.ask('GET', `/types/${type.id}`, { as: 'bob', version })).status, 404);
  });

  it('as a marker it is an id of nothing', async () => {
    for (const sort of ['', '&sort=name:asc']) {
      const foreign = await rig.ask('GET', `/types?marker=${type.id}${sort}`, { as: 'bob', version });
      const nothing = await rig.ask('GET', `/types?marker=${missingId}${sort}`, { as: 'bob', version });
      assert.deepEqual([foreign.status, nothing.status], [404, 404]);
      const said = JSON.stringify(foreign.body).replaceAll(type.id, '<id>');
      assert.equal(said, JSON.stringify(nothing.body).replaceAll(missingId, '<id>'));
    }
    assert.equal((await rig.ask('GET', `/types?marker=${type.id}`, { version })).status, 200);
  });

  it('no filter tells a user about specs that the user is not shown', async () => {
    const found = async (filter: string, as: 'ann' | 'admin'): Promise<number> => {
      const answer = await rig.ask('GET', `/types?${filter}`, { as, version });
      return answer.status === 200 ? (answer.body.volume_types.length as number) : 0;
    };
    const exact = `extra_specs=${encodeURIComponent("{'paint:colour': 'ultramarine'}")}`;
    for (const filter of [exact, 'extra_specs~=ultramarine', 'extra_specs~=gluster']) {
      assert.equal(await found(filter, 'ann'), 0, filter);
      if (filter !== exact) assert.equal(await found(`${filter}&is_public=none`, 'admin'), 1, filter);
    }
  });

  it('naming it is naming nothing: creation, retype, and a volume of a source', async () => {
    const volume = await rig.volume({}, 'bob');
    for (const name of [type.id, type.name]) {
      const missing = name === type.id ? missingId : `secret-${missingId}`;
      const answers = async (wanted: string) => [
        await rig.ask('POST', '/volumes', {
          as: 'bob',
          version,
          body: { volume: { size: 1, volume_type: wanted } },
        }),
        await rig.act(volume, { 'os-retype': { new_type: wanted } }, { as: 'bob', version }),
      ];
      const [foreign, nothing] = [await answers(name), await answers(missing)];
      for (const [index, answer] of foreign.entries()) {
        assert.ok(answer.status >= 400);
        assert.equal(answer.status, nothing[index]?.status);
        const said = JSON.stringify(answer.body).replaceAll(name, '<type>');
        assert.equal(said, JSON.stringify(nothing[index]?.body).replaceAll(missing, '<type>'));
      }
    }
  });

  it('a snapshot that stayed with the giver is restored as what it was, not as what the new owner made of the volume', async () => {
    const id = await rig.volume({ name: 'given' });
    const snapshot = await rig.snapshot(id);
    const body = { transfer: { volume_id: id, no_snapshots: true } };
    const offer = await rig.ask('POST', '/volume-transfers', { version, body });
    const { id: transfer, auth_key } = offer.body.transfer as { id: string; auth_key: string };
    const accept = { accept: { auth_key } };
    const taken = await rig.ask('POST', `/volume-transfers/${transfer}/accept`, { as: 'bob', version, body: accept });
    assert.equal(taken.status, 202, JSON.stringify(taken.body));
    const canary = 'of-the-new-owner';
    const action = { 'os-set_image_metadata': { metadata: { note: canary } } };
    assert.equal((await rig.act(id, action, { as: 'bob', version })).status, 200);
    await rig.database('volumes').where({ id }).update({ volume_type_id: type.id, availability_zone: 'nova' });
    const restored = await rig.volume({ snapshot_id: snapshot });
    const shown = await rig.ask('GET', `/volumes/${restored}`, { version });
    assert.ok(!JSON.stringify(shown.body).includes(canary), 'the new owner’s image metadata');
    assert.equal(shown.body.volume.volume_type, '__DEFAULT__');
  });
});
