// Volumes made of images, with real image files: the same bytes as in the image, at once where nothing has to be copied, from a converted copy
// of the image where it has, and nothing left when it goes wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSnapshot } from '../../../services/core/db/block-storage/snapshot-change.js';
import { createVolume } from '../../../services/core/db/block-storage/volume-create.js';
import { makeRoom } from '../../../services/core/db/block-storage/volume-from-image.js';
import { reimageVolume } from '../../../services/core/db/block-storage/volume-reimage.js';
import { uploadVolume } from '../../../services/core/db/block-storage/volume-to-image.js';
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

  async function dataOf(imageId: string): Promise<string> {
    const found: { volume_id: string } = await stage.db('images').where({ id: imageId }).first();
    return found.volume_id;
  }

  it('a larger volume of a vmdk does not fail because a smaller one was asked for first', async () => {
    const from = disk(2 * 1024 * MIB);
    const imageId = await image('vmdk', from);
    const ask = (sizeGib: number) => {
      const source = { kind: 'image', id: imageId } as const;
      const plain = { name: null, description: null, type: null, zone: null, metadata: {} };
      return createVolume(stage.db, { ...plain, sizeGib, source }, false, who);
    };
    const ids = [await ask(1), await ask(3), await ask(1), await ask(2)];
    while ((await stage.step()) !== null);
    const rows = await Promise.all(ids.map(row));
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['error', 'available', 'error', 'available'],
    );
    assert.equal(rows[1]?.['backing_volume_id'], rows[3]?.['backing_volume_id']);
    truncateSync(from, 3 * 1024 * MIB);
    assert.equal(await stage.looksLike(ids[1] ?? '', from), true);
  });

  it('an image whose bytes are encrypted elsewhere is refused, and nothing is made', async () => {
    const properties = JSON.stringify({ cinder_encryption_key_id: randomUUID() });
    const imageId = await image('qcow2', disk(), { properties });
    const source = { kind: 'image', id: imageId } as const;
    const plain = { name: null, description: null, type: null, zone: null, metadata: {} };
    await assert.rejects(createVolume(stage.db, { ...plain, sizeGib: 1, source }, false, who), {
      code: 'bad_request',
      message: /encrypted/,
    });
  });

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
      const copies: unknown[] = await stage
        .db('image_cache')
        .where({ image_id: await dataOf(imageId) })
        .select('volume_id');
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
      const copies: unknown[] = await stage
        .db('image_cache')
        .where({ image_id: await dataOf(imageId), pool: stage.pool('other') });
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
    assert.deepEqual(await stage.db('image_cache').where({ image_id: volumeId }), []);
    assert.deepEqual(await stage.db('volumes').where({ purpose: 'image-cache', name: `image-cache-${imageId}` }), []);
    assert.ok(!stage.files('plain').some((name) => name.includes(id)));
  });

  const run = async (): Promise<void> => {
    while ((await stage.step()) !== null);
  };
  const plain = {
    name: 'made here',
    force: false,
    containerFormat: 'bare',
    visibility: 'private',
    isProtected: false,
  } as const;

  describe('a volume that becomes an image', () => {
    for (const diskFormat of ['raw', 'qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx']) {
      it(`as ${diskFormat}, with the hashes that a download would have`, async () => {
        const volumeId = await volumeOf(await image('raw', disk()));
        const before = await stage.picture(volumeId);
        const { imageId } = await uploadVolume(stage.db, volumeId, { ...plain, diskFormat }, who);
        assert.equal((await row(volumeId))['status'], 'uploading');
        await run();
        assert.equal((await row(volumeId))['status'], 'available');
        const made: Record<string, unknown> = await stage.db('images').where({ id: imageId }).first();
        const file = path.join(stage.directory('plain'), `volume-${String(made['volume_id'])}`);
        const bytes = readFileSync(file);
        const sums = (['md5', 'sha512'] as const).map((name) => createHash(name).update(bytes).digest('hex'));
        const { status, size, checksum, os_hash_value, properties } = made;
        assert.deepEqual([status, size, checksum, os_hash_value], ['active', bytes.length, ...sums]);
        assert.deepEqual(properties, { os_distro: 'debian' });
        const copy = await volumeOf(imageId);
        assert.equal(await stage.looksLike(copy, before), true);
      });
    }

    it('is as it was, and the image killed, when the copy fails', async () => {
      const volumeId = await volumeOf(await image('raw', disk()));
      const files = stage.files('plain').length;
      stage.refused.push('convert-image');
      const { imageId } = await uploadVolume(stage.db, volumeId, { ...plain, diskFormat: 'raw' }, who);
      await run();
      stage.refused.length = 0;
      assert.equal((await row(volumeId))['status'], 'available');
      const made: { status: string; volume_id: string | null } = await stage
        .db('images')
        .where({ id: imageId })
        .first();
      assert.deepEqual([made.status, made.volume_id], ['killed', null]);
      assert.equal(stage.files('plain').length, files);
    });

    it('refuses a volume in use without force, and what cannot be made', async () => {
      const volumeId = await volumeOf(await image('raw', disk()));
      await stage.db('volumes').where({ id: volumeId }).update({ status: 'in-use' });
      const ask = (wish: object) => uploadVolume(stage.db, volumeId, { ...plain, diskFormat: 'raw', ...wish }, who);
      await assert.rejects(ask({}), { message: `Invalid volume: Volume ${volumeId} status must be available` });
      await assert.rejects(ask({ diskFormat: 'ploop' }), { code: 'bad_request' });
      await assert.rejects(ask({ containerFormat: 'ova' }), { code: 'bad_request' });
    });
  });

  describe('a volume with new content', () => {
    it('has the image, and its old file is gone', async () => {
      const from = disk();
      const volumeId = await volumeOf(await image('qcow2', disk()));
      await stage.write(volumeId, 'write -P 99 0 2M');
      const old = (await stage.activeFile(volumeId)).name;
      const imageId = await image('raw', from);
      truncateSync(from, 1024 * MIB);
      await reimageVolume(stage.db, volumeId, { imageId, reimageReserved: false }, who);
      assert.equal((await row(volumeId))['status'], 'downloading');
      await run();
      const { status, image_metadata } = await row(volumeId);
      assert.equal(status, 'available');
      assert.equal((image_metadata as Record<string, string>)['image_id'], imageId);
      assert.equal(await stage.looksLike(volumeId, from), true);
      assert.ok(!stage.files('plain').includes(path.basename(old)));
    });

    it('keeps its old content when the new one cannot be made', async () => {
      const volumeId = await volumeOf(await image('qcow2', disk()));
      await stage.write(volumeId, 'write -P 99 0 2M');
      const before = await stage.picture(volumeId);
      const imageId = await image('raw', disk());
      stage.refused.push('prepare-overlay');
      await reimageVolume(stage.db, volumeId, { imageId, reimageReserved: false }, who);
      await run();
      stage.refused.length = 0;
      assert.equal((await row(volumeId))['status'], 'available');
      assert.equal(await stage.looksLike(volumeId, before), true);
    });

    it('gets a converted copy of a vmdk', async () => {
      const from = disk();
      const volumeId = await volumeOf(await image('raw', disk()));
      const imageId = await image('vmdk', from);
      truncateSync(from, 1024 * MIB);
      await reimageVolume(stage.db, volumeId, { imageId, reimageReserved: false }, who);
      await run();
      assert.equal(await stage.looksLike(volumeId, from), true);
    });

    it('finds the converted copy that it was accepted for, however long it has to wait', async () => {
      const imageId = await image('vmdk', disk());
      const first = await volumeOf(imageId);
      const copy: { volume_id: string } = await stage
        .db('image_cache')
        .where({ image_id: await dataOf(imageId) })
        .first('volume_id');
      // Nobody stands on it any more.
      await stage.db('volumes').where({ id: first }).update({ backing_volume_id: null, backing_file: null });
      const volumeId = await volumeOf(await image('raw', disk()));
      // A clone of what nobody has written to would stand on the image.
      await stage.write(volumeId, 'write -P 5 0 64k');
      const wish = { name: null, description: null, sizeGib: 1, type: null, zone: null, metadata: {} };
      await createVolume(stage.db, { ...wish, source: { kind: 'volume', id: volumeId } }, false, who);
      await run();
      await reimageVolume(stage.db, volumeId, { imageId, reimageReserved: false }, who);
      await run();
      assert.equal((await row(volumeId))['status'], 'downloading', 'a clone stands on its layers');
      const evict = () => stage.db.transaction((tx) => makeRoom(tx, stage.pool('plain'), 100_000, who));
      await evict();
      assert.equal((await row(copy.volume_id))['status'], 'available');
      await stage.db('operations').where({ type: 'volume-reimage', state: 'pending' }).delete();
      await evict();
      assert.equal((await row(copy.volume_id))['status'], 'deleting');
    });

    it('is refused while it is in use or has snapshots', async () => {
      const volumeId = await volumeOf(await image('raw', disk()));
      const imageId = await image('raw', disk());
      const ask = () => reimageVolume(stage.db, volumeId, { imageId, reimageReserved: false }, who);
      await stage.db('volumes').where({ id: volumeId }).update({ status: 'in-use' });
      await assert.rejects(ask(), {
        message: `Invalid volume: Volume ${volumeId} status must be available or error, but current status is in-use.`,
      });
      await stage.db('volumes').where({ id: volumeId }).update({ status: 'available' });
      const wish = { volumeId, name: null, description: null, metadata: {}, inUseAllowed: false };
      await createSnapshot(stage.db, wish, who);
      await run();
      await assert.rejects(ask(), /has snapshots/);
    });
  });
});
