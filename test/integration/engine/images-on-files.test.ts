// Volumes made of images, with real image files: the same bytes as in the image, at once where nothing has to be copied, from a converted copy
// of the image where it has, and nothing left when it goes wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVolume } from '../../../services/core/db/block-storage/volume-create.js';
import { DirectoryStage } from './directory-stage.js';
import { projectId } from './requests.js';

const MIB = 1024 ** 2;
const who = {
  visibleProjectId: projectId,
  projectId,
  userId: 'fedcba9876543210fedcba9876543210',
  requestId: 'req-1',
  isService: false,
};

describe('volumes of real images', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open();
    await stage.db('quota_limits').insert({ project_id: projectId, resource: 'volumes', hard_limit: -1 });
  });
  after(() => stage.close());

  /** A disk with a pattern, as a raw file beside the shares. */
  function disk(sizeBytes = 8 * MIB): string {
    const file = path.join(stage.folder, `disk-${randomUUID()}`);
    writeFileSync(file, Buffer.alloc(MIB, 0xab));
    truncateSync(file, sizeBytes);
    execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 17 5M 1M', file]);
    return file;
  }

  /** An image as an upload leaves it. */
  async function image(diskFormat: string, from: string, fields: Record<string, unknown> = {}): Promise<string> {
    const [id, volumeId] = [randomUUID(), randomUUID()];
    const file = `volume-${volumeId}`;
    const target = path.join(stage.directory('plain'), file);
    const tool = diskFormat === 'vhd' ? 'vpc' : diskFormat;
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', tool, from, target]);
    const bytes = statSync(target).size;
    const format = diskFormat === 'qcow2' ? 'qcow2' : 'raw';
    const virtualSize = format === 'qcow2' ? statSync(from).size : bytes;
    await stage.db('volumes').insert({
      id: volumeId,
      project_id: projectId,
      user_id: who.userId,
      size_gib: 1,
      status: 'available',
      purpose: 'image',
      host: stage.pool('plain'),
      provider_location: `dir:${stage.directory('plain')}`,
    });
    const layer = { volume_id: volumeId, position: 0, file, format, virtual_size_bytes: virtualSize };
    await stage.db('chain_layers').insert(layer);
    await stage.db('images').insert({
      id,
      project_id: projectId,
      name: `image ${id}`,
      status: 'active',
      container_format: 'bare',
      disk_format: diskFormat,
      size: bytes,
      checksum: 'c'.repeat(32),
      properties: JSON.stringify({ os_distro: 'debian' }),
      volume_id: volumeId,
      ...fields,
    });
    return id;
  }

  async function volumeOf(reference: string, status = 'available', wish: object = {}): Promise<string> {
    const source = { kind: 'image', id: reference } as const;
    const plain = { name: null, description: null, sizeGib: 1, type: null, zone: null, metadata: {}, ...wish };
    const id = await createVolume(stage.db, { ...plain, source }, false, who);
    while ((await stage.step()) !== null);
    const row: { status: string } | undefined = await stage.db('volumes').where({ id }).first('status');
    assert.equal(row?.status, status);
    return id;
  }

  const row = async (id: string): Promise<Record<string, unknown>> =>
    (await stage.db('volumes').where({ id }).first()) ?? {};

  it('stands on the layer of a raw image, and remembers the image', async () => {
    const from = disk();
    const imageId = await image('raw', from);
    const id = await volumeOf(imageId);
    truncateSync(from, 1024 * MIB);
    assert.equal(await stage.looksLike(id, from), true);
    const { bootable, backing_file, image_metadata, source_volid, snapshot_id } = await row(id);
    assert.equal(bootable, true);
    assert.match(String(backing_file), /^volume-/);
    assert.deepEqual([source_volid, snapshot_id], [null, null]);
    assert.deepEqual(image_metadata, {
      image_id: imageId,
      image_name: `image ${imageId}`,
      checksum: 'c'.repeat(32),
      container_format: 'bare',
      disk_format: 'raw',
      min_disk: '0',
      min_ram: '0',
      size: String(8 * MIB),
      os_distro: 'debian',
    });
    // What is written to the volume does not reach the image.
    await stage.write(id, 'write -P 99 0 1M');
    assert.equal(readFileSync(path.join(stage.directory('plain'), String(backing_file)))[0], 0xab);
  });

  it('stands on a qcow2 image that is named, or said by a URL', async () => {
    const from = disk();
    const imageId = await image('qcow2', from);
    truncateSync(from, 1024 * MIB);
    for (const reference of [`image ${imageId}`, `http://cloud/v2/images/${imageId}`]) {
      assert.equal(await stage.looksLike(await volumeOf(reference), from), true);
    }
  });

  for (const format of ['vmdk', 'vdi', 'vhd', 'vhdx']) {
    it(`converts a ${format} image once, for two volumes`, async () => {
      const from = disk();
      const imageId = await image(format, from);
      truncateSync(from, 1024 * MIB);
      const made = [await volumeOf(imageId), await volumeOf(imageId)];
      for (const id of made) assert.equal(await stage.looksLike(id, from), true);
      const copies: unknown[] = await stage.db('image_cache').where({ image_id: imageId }).select('volume_id');
      assert.equal(copies.length, 1);
    });
  }

  it('makes a copy of the image in another pool, for this and later volumes', async () => {
    const from = disk();
    const imageId = await image('raw', from);
    truncateSync(from, 1024 * MIB);
    const near = { name: stage.pool('plain') };
    await stage
      .db('pools')
      .where(near)
      .update({ maintenance_since: stage.db.raw('utc_now()') });
    try {
      const made = [await volumeOf(imageId), await volumeOf(imageId)];
      for (const id of made) {
        assert.equal((await row(id))['host'], stage.pool('other'));
        assert.equal(await stage.looksLike(id, from), true);
      }
      const copies: unknown[] = await stage.db('image_cache').where({ image_id: imageId, pool: stage.pool('other') });
      assert.equal(copies.length, 1);
    } finally {
      await stage.db('pools').where(near).update({ maintenance_since: null });
    }
  });

  it('refuses what is no such image, and what does not fit', async () => {
    const imageId = await image('raw', disk());
    const wish = { name: null, description: null, sizeGib: 1, type: null, zone: null, metadata: {} };
    const ask = (reference: string): Promise<string> =>
      createVolume(stage.db, { ...wish, source: { kind: 'image', id: reference } }, false, who);
    const noImage = { code: 'bad_request', message: 'Invalid image identifier or unable to access requested image.' };
    await assert.rejects(ask(randomUUID()), noImage);
    await stage.db('images').where({ id: imageId }).update({ project_id: 'other', visibility: 'private' });
    await assert.rejects(ask(imageId), noImage);
    await stage.db('images').where({ id: imageId }).update({ visibility: 'public' });
    await stage.db('images').where({ id: imageId }).update({ status: 'deactivated' });
    await assert.rejects(ask(imageId), { message: `Invalid input received: Image ${imageId} is not active.` });
    await stage.db('images').where({ id: imageId }).update({ status: 'active', min_disk: 2 });
    await assert.rejects(ask(imageId), {
      message: 'Invalid input received: Volume size 1GB cannot be smaller than the image minDisk size 2GB.',
    });
    await stage
      .db('images')
      .where({ id: imageId })
      .update({ min_disk: 0, virtual_size: 2 * 1024 * MIB });
    await assert.rejects(ask(imageId), {
      message: /Image virtual size is 2GB and doesn't fit in a volume of size 1GB\.$/,
    });
    await stage.db('images').insert({ id: randomUUID(), project_id: projectId, name: 'twice', status: 'queued' });
    await stage.db('images').insert({ id: randomUUID(), project_id: projectId, name: 'twice', status: 'queued' });
    await assert.rejects(ask('twice'), { code: 'conflict' });
  });

  it('ends in error with a message when the disk proves too large, and leaves nothing', async () => {
    const large = path.join(stage.folder, `disk-${randomUUID()}`);
    writeFileSync(large, '');
    truncateSync(large, 3 * 1024 * MIB);
    const imageId = await image('vmdk', large);
    const id = await volumeOf(imageId, 'error');
    assert.equal((await row(id))['backing_volume_id'], null);
    const message: { detail_id?: string; event_id?: string } | undefined = await stage
      .db('user_messages')
      .where({ resource_uuid: id })
      .first();
    assert.match(JSON.stringify(message), /exceeds available space/);
  });

  it('refuses a vmdk that names another file, and the copy is gone', async () => {
    const imageId = await image('vmdk', disk());
    const { volume_id: volumeId }: { volume_id: string } = await stage.db('images').where({ id: imageId }).first();
    const file = path.join(stage.directory('plain'), `volume-${volumeId}`);
    const bytes = readFileSync(file);
    const text = bytes.toString('latin1', 512, 512 + 20 * 512);
    const changed = text.replace(/SPARSE "[^"]*"/, (word) => `SPARSE "/etc/hostname"`.padEnd(word.length, ' '));
    writeFileSync(
      file,
      Buffer.concat([
        bytes.subarray(0, 512),
        Buffer.from(changed, 'latin1').subarray(0, 10_240),
        bytes.subarray(512 + 10_240),
      ]),
    );
    const id = await volumeOf(imageId, 'error');
    assert.deepEqual(await stage.db('image_cache').where({ image_id: imageId }), []);
    assert.deepEqual(await stage.db('volumes').where({ purpose: 'image-cache', name: `image-cache-${imageId}` }), []);
    assert.ok(!stage.files('plain').some((name) => name.includes(id)));
  });
});
