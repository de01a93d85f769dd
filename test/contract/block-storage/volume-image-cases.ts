// Boot-image metadata of a volume: set, shown, unset, listed by; volumes made of images, images made of volumes, and new content.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, missingId, projectOf } from './block-rig.js';

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

  /** An active image of the project, with data. */
  async function image(fields: Record<string, unknown> = {}): Promise<string> {
    const volumeId = await rig().volume({ name: 'data' });
    await rig().database('volumes').where({ id: volumeId }).update({ purpose: 'image' });
    const id = randomUUID();
    await rig()
      .database('images')
      .insert({
        id,
        project_id: projectOf('ann'),
        name: `image ${id}`,
        status: 'active',
        visibility: 'private',
        container_format: 'bare',
        disk_format: 'qcow2',
        size: 196_616,
        volume_id: volumeId,
        ...fields,
      });
    return id;
  }

  it('makes a volume of an image', async () => {
    const imageRef = await image();
    const made = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, imageRef } } });
    assert.equal(made.status, 202);
    await rig().engine.settle();
    const { volume } = (await rig().ask('GET', `/volumes/${made.body.volume.id}`)).body;
    assert.deepEqual(
      [volume.status, volume.bootable, volume.volume_image_metadata.image_id],
      ['available', 'true', imageRef],
    );
    const both = { size: 1, imageRef, source_volid: volume.id };
    assert.equal((await rig().ask('POST', '/volumes', { body: { volume: both } })).status, 400);
    const foreign = await rig().ask('POST', '/volumes', { as: 'bob', body: { volume: { size: 1, imageRef } } });
    assert.equal(foreign.body.badRequest.message, 'Invalid image identifier or unable to access requested image.');
  });

  it('makes an image of a volume', async () => {
    const id = await rig().volume();
    const asked = { image_name: 'i', disk_format: 'qcow2', container_format: 'bare' };
    const upload = await rig().act(id, { 'os-volume_upload_image': asked });
    assert.equal(upload.status, 202);
    const { image_id: imageId, ...said } = upload.body['os-volume_upload_image'];
    assert.deepEqual([said.id, said.status, said.image_name, 'visibility' in said], [id, 'uploading', 'i', false]);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 'available');
    const row = await rig().database('images').where({ id: imageId }).first();
    assert.deepEqual([row.status, row.disk_format], ['active', 'qcow2']);
    const again = { ...asked, visibility: 'private', protected: true };
    assert.equal((await rig().act(id, { 'os-volume_upload_image': again }, { version: '3.0' })).status, 400);
    const newer = await rig().act(id, { 'os-volume_upload_image': again }, { version: '3.1' });
    const { visibility, protected: isProtected } = newer.body['os-volume_upload_image'];
    assert.deepEqual([visibility, isProtected], ['private', true]);
    await rig().engine.settle();
    const open = { ...asked, visibility: 'public' };
    assert.equal((await rig().act(id, { 'os-volume_upload_image': open }, { version: '3.1' })).status, 403);
    assert.equal((await rig().act(id, { 'os-volume_upload_image': {} })).status, 400);
    assert.equal(
      (await rig().act(id, { 'os-volume_upload_image': { image_name: 'i', disk_format: 'ploop' } })).status,
      400,
    );
  });

  it('makes ciphertext of an encrypted volume, which becomes encrypted volumes alone', async () => {
    const id = await rig().volume();
    const keyId = randomUUID();
    await rig().database('volumes').where({ id }).update({ encrypted: true, encryption_key_id: keyId });
    const ask = (more: object) => rig().act(id, { 'os-volume_upload_image': { image_name: 'i', ...more } });
    const refused = await ask({ disk_format: 'vmdk' });
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /is made as qcow2, not as vmdk/);
    const upload = await ask({});
    assert.equal(upload.status, 202);
    const { image_id: imageRef, disk_format: format } = upload.body['os-volume_upload_image'];
    assert.equal(format, 'qcow2', 'what it will be, not what was asked for');
    await rig().engine.settle();
    const row = await rig().database('images').where({ id: imageRef }).first();
    assert.deepEqual(
      [row.status, row.disk_format, row.properties.cinder_encryption_key_id],
      ['active', 'qcow2', keyId],
    );
    const plain = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, imageRef } } });
    assert.equal(plain.status, 400);
    assert.match(plain.body.badRequest.message, /needs an encrypted volume type/);
    const bare = { encrypted: false, encryption_key_id: null };
    await rig()
      .database('volumes')
      .where({ id: row.volume_id })
      .update({ ...bare, volume_type_id: null });
    await rig().database('volumes').where({ id }).update(bare);
  });

  it('gives a volume the content of another image', async () => {
    const id = await rig().volume();
    const imageId = await image();
    const reimage = { 'os-reimage': { image_id: imageId } };
    assert.equal((await rig().act(id, reimage, { version: '3.67' })).status, 404);
    assert.equal((await rig().act(missingId, reimage, { version: '3.68' })).status, 404);
    const unknown = await rig().act(id, { 'os-reimage': { image_id: missingId } }, { version: '3.68' });
    assert.equal(unknown.status, 404);
    assert.equal((await rig().act(id, reimage, { version: '3.68' })).status, 202);
    assert.equal(await rig().statusOf(id), 'downloading');
    await rig().engine.settle();
    const { volume } = (await rig().ask('GET', `/volumes/${id}`)).body;
    assert.deepEqual([volume.status, volume.volume_image_metadata.image_id], ['available', imageId]);
  });
}
