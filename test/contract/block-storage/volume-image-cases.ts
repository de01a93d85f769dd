// Boot-image metadata of a volume: set, shown, unset, listed by; and what needs an image store.
import assert from 'node:assert/strict';
import { type BlockRig, missingId } from './block-rig.js';

export function volumeImageCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());
  const set = (id: string, metadata: unknown, as: 'ann' | 'bob' | 'reader' = 'ann') =>
    rig().act(id, { 'os-set_image_metadata': { metadata } }, { as });

  it('keeps image metadata, merges it and shows it with the volume', async () => {
    const id = await rig().volume();
    assert.deepEqual((await rig().act(id, { 'os-show_image_metadata': null })).body, { metadata: {} });
    assert.ok(!('volume_image_metadata' in (await rig().ask('GET', `/volumes/${id}`)).body.volume));
    assert.deepEqual((await set(id, { image_id: 'x', kernel: 'k' })).body, {
      metadata: { image_id: 'x', kernel: 'k' },
    });
    assert.deepEqual((await set(id, { kernel: 'k2' })).body, { metadata: { image_id: 'x', kernel: 'k2' } });
    const shown = (await rig().ask('GET', `/volumes/${id}`)).body.volume;
    assert.deepEqual(shown.volume_image_metadata, { image_id: 'x', kernel: 'k2' });
    assert.equal((await rig().act(id, { 'os-unset_image_metadata': { key: 'kernel' } })).status, 200);
    const gone = await rig().act(id, { 'os-unset_image_metadata': { key: 'kernel' } });
    assert.equal(gone.status, 404);
    assert.equal(gone.body.itemNotFound.message, `Glance metadata for volume/snapshot ${id} cannot be found.`);
    assert.deepEqual((await rig().act(id, { 'os-show_image_metadata': {} })).body, { metadata: { image_id: 'x' } });
    const clone = await rig().volume({ source_volid: id });
    assert.deepEqual((await rig().act(clone, { 'os-show_image_metadata': {} })).body, { metadata: { image_id: 'x' } });
  });

  it('refuses what is no metadata and who may not', async () => {
    const id = await rig().volume();
    for (const wrong of [null, [], { a: 1 }, { a: null }, { 'k*': 'v' }, { '': 'v' }, { a: 'é'.repeat(40_000) }]) {
      assert.equal((await set(id, wrong)).status, 400, JSON.stringify(wrong)?.slice(0, 40));
    }
    assert.equal((await rig().act(id, { 'os-set_image_metadata': {} })).status, 400);
    for (const wrong of [{}, { key: '' }, { key: null }]) {
      assert.equal((await rig().act(id, { 'os-unset_image_metadata': wrong })).status, 400);
    }
    assert.equal((await set(id, { a: 'b' }, 'reader')).status, 403);
    assert.equal((await set(id, { a: 'b' }, 'bob')).status, 404);
    assert.equal((await set(missingId, { a: 'b' })).status, 404);
    await rig().database('volumes').where({ id }).update({ status: 'maintenance' });
    assert.match((await set(id, { a: 'b' })).body.badRequest.message, /not allowed for volumes in maintenance status/);
    assert.deepEqual((await rig().act(id, { 'os-show_image_metadata': {} })).body, { metadata: {} });
  });

  it('lists by it for administrators, from 3.4 on', async () => {
    const id = await rig().volume({ name: 'from-image' });
    await rig().volume({ name: 'blank' });
    await set(id, { os: 'debian' });
    const names = async (version: string) => {
      const query = `all_tenants=1&glance_metadata=${encodeURIComponent("{'os': 'debian'}")}`;
      const { body } = await rig().ask('GET', `/volumes?${query}`, { as: 'admin', version });
      return (body.volumes as { name: string }[]).map((one) => one.name);
    };
    assert.deepEqual(await names('3.4'), ['from-image']);
    assert.deepEqual(await names('3.3'), ['blank', 'from-image']);
  });

  it('refuses what needs an image store', async () => {
    const id = await rig().volume();
    const upload = await rig().act(id, { 'os-volume_upload_image': { image_name: 'i', force: true } });
    assert.match(upload.body.badRequest.message, /has no image store/);
    assert.equal((await rig().act(id, { 'os-volume_upload_image': {} })).status, 400);
    const reimage = { 'os-reimage': { image_id: missingId } };
    assert.equal((await rig().act(id, reimage, { version: '3.67' })).status, 404);
    assert.match((await rig().act(id, reimage, { version: '3.68' })).body.badRequest.message, /has no image store/);
    assert.equal((await rig().act(missingId, reimage, { version: '3.68' })).status, 404);
    assert.equal(await rig().statusOf(id), 'available');
  });
}
