// What hostile bytes do that were kept as an image: volumes are made of it, over the engine, the worker's handlers and real files, and nothing
// that the bytes name is opened. And whose image a volume may be made of.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findImage, resolveImage } from '../../services/core/db/block-storage/image-source.js';
import { reimageVolume } from '../../services/core/db/block-storage/volume-reimage.js';
import { openDownload } from '../../services/core/db/transfer/direct-transfers.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';
import { Canaries } from './canaries.js';
import { makePoisons, type PoisonName, poisonNames, vmdkDescriptor } from './poisons.js';
import { storeImage, tenant, volumeOfImage } from './stored-image.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

describe('volumes of hostile images', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  let canaries: Canaries;
  let poisons: Readonly<Record<PoisonName, Buffer>>;

  before(async () => {
    stage = await DirectoryStage.open();
    await stage.db('quota_limits').insert({ project_id: tenant.projectId, resource: 'volumes', hard_limit: -1 });
    canaries = await Canaries.place(stage.folder);
    poisons = makePoisons(path.join(stage.folder, 'poisons'), canaries);
  });
  after(async () => {
    await canaries.remove();
    await stage.close();
  });

  const run = async (): Promise<void> => {
    while ((await stage.step()) !== null);
  };

  describe('T-F04 a vmdk that was kept because its mark was right', () => {
    const secret = () => canaries.file('secret');
    const sizeSectors = GIB / 512;
    /** A sparse extent whose embedded description says something else. */
    const sparse = (capacity: bigint, description: Buffer): Buffer => {
      const head = Buffer.alloc(512);
      head.write('KDMV', 0, 'latin1');
      head.writeUInt32LE(1, 4);
      head.writeUInt32LE(3, 8);
      head.writeBigUInt64LE(capacity, 12);
      head.writeBigUInt64LE(128n, 20);
      head.writeBigUInt64LE(1n, 28);
      head.writeBigUInt64LE(20n, 36);
      head.writeUInt32LE(512, 44);
      return Buffer.concat([head, description, Buffer.alloc(64 * 1024)]);
    };
    const flat = (kind: string, extent: string) => vmdkDescriptor(kind, [`RW ${sizeSectors} ${extent}`]);
    const files: Readonly<Record<string, () => Buffer>> = {
      'is a description of a flat disk': () => flat('monolithicFlat', `FLAT "${secret()}" 0`),
      'is a description of flat pieces': () => flat('twoGbMaxExtentFlat', `FLAT "${secret()}" 0`),
      'is a description of a whole device': () => flat('fullDevice', `FLAT "${secret()}" 0`),
      'is a description of vmfs': () => flat('vmfs', `VMFS "${secret()}"`),
      'embeds a description of a flat disk': () =>
        sparse(BigInt(sizeSectors), flat('monolithicFlat', `FLAT "${secret()}" 0`)),
      'has no capacity, so that its description is the disk': () =>
        sparse(0n, flat('monolithicFlat', `FLAT "${secret()}" 0`)),
      'names another extent': () => sparse(BigInt(sizeSectors), flat('monolithicSparse', `SPARSE "${secret()}"`)),
      'stands on a parent': () =>
        sparse(
          BigInt(sizeSectors),
          Buffer.from(
            flat('monolithicSparse', 'SPARSE "disk.vmdk"')
              .toString('latin1')
              .replace('parentCID=ffffffff', `parentCID=12345678\nparentFileNameHint="${secret()}"`),
          ),
        ),
    };
    for (const [what, make] of Object.entries(files)) {
      it(`${what}: no volume is made of it, and nothing is opened`, async () => {
        const image = await storeImage(stage, 'vmdk', make());
        const made = await volumeOfImage(stage, image.id);
        assert.equal(made.status, 'error');
        await canaries.expectUntouched();
        assert.deepEqual(await stage.db('image_cache').where({ image_id: image.volumeId }), [], 'no copy is left');
      });
    }

    it('is no new content for a volume, which keeps what it has', async () => {
      const image = await storeImage(stage, 'vmdk', flat('monolithicFlat', `FLAT "${secret()}" 0`));
      const old = await stage.ended(await requests.createVolume(stage.db, place(), 1, 'qcow2'));
      await stage.write(old, 'write -P 33 0 1M');
      const before = await stage.picture(old);
      await reimageVolume(stage.db, old, { imageId: image.id, reimageReserved: false }, tenant);
      await run();
      assert.equal(await stage.looksLike(old, before), true, 'byte for byte the same disk');
      await canaries.expectUntouched();
    });
  });

  const place = () => ({ pool: stage.pool('plain'), computeHost: 'host' });

  describe('T-F06 bytes of an Amazon image, which nobody judges, below a volume', () => {
    for (const name of poisonNames) {
      it(`with ${name} are bytes to every tool: the volume, a copy, a larger one, an independent one`, async () => {
        const bytes = poisons[name];
        const fields = { container_format: 'ami' };
        const image = await storeImage(stage, 'ami', bytes, fields);
        const flat = path.join(stage.folder, `flat-${randomUUID()}`);
        writeFileSync(flat, bytes);
        truncateSync(flat, GIB);
        const { id, status } = await volumeOfImage(stage, image.id);
        assert.equal(status, 'available');
        assert.equal(await stage.looksLike(id, flat), true);
        const copy = await requests.cloneVolume(stage.db, place(), id);
        assert.equal(await stage.looksLike(await stage.ended(copy), flat), true);
        await stage.ended(await requests.flattenVolume(stage.db, id));
        assert.equal(await stage.looksLike(id, flat), true);
        await stage.ended(await requests.extendVolume(stage.db, place(), id, 2));
        truncateSync(flat, 2 * GIB);
        assert.equal(await stage.looksLike(id, flat), true);
        const start = Buffer.alloc(bytes.length);
        const handle = openSync(image.file, 'r');
        readSync(handle, start, 0, start.length, 0);
        closeSync(handle);
        assert.deepEqual(start, bytes, 'the image is as it was sent');
        await canaries.expectUntouched();
      });
    }
  });

  describe('T-A01 whose image it is', () => {
    const other = { ...tenant, projectId: 'another', visibleProjectId: 'another' };
    const share = (image_id: string, status: string) =>
      stage.db('image_members').insert({ image_id, member: other.projectId, status });
    const bytes = Buffer.alloc(MIB, 7);

    it('an image that was shared once and was taken back is no source for its former members', async () => {
      const { id } = await storeImage(stage, 'raw', bytes, { visibility: 'shared' });
      await share(id, 'accepted');
      assert.notEqual(await findImage(stage.db, id, other), null);
      await stage.db('images').where({ id }).update({ visibility: 'private' });
      assert.equal(await findImage(stage.db, id, other), null);
      await assert.rejects(resolveImage(stage.db, id, other), { code: 'bad_request' });
    });

    it('what others only offer has no name: nobody slips an image of theirs under a known one', async () => {
      const offers = [
        { visibility: 'community', name: 'debian' },
        { visibility: 'shared', name: 'debian' },
        { visibility: 'public', hidden: true, name: 'debian' },
      ];
      for (const fields of offers) {
        const { id } = await storeImage(stage, 'raw', bytes, fields);
        if (fields.visibility === 'shared') await share(id, 'pending');
        assert.equal(await resolveImage(stage.db, id, other), id, 'by its id it may be used');
      }
      await assert.rejects(resolveImage(stage.db, 'debian', other), { code: 'bad_request' });
      const known = await storeImage(stage, 'raw', bytes, { visibility: 'public', name: 'debian' });
      assert.equal(await resolveImage(stage.db, 'debian', other), known.id);
    });
  });

  it('T-A03 an encrypted volume is not downloaded: it would lie on the share in plain', async () => {
    const id = await stage.ended(await requests.createVolume(stage.db, place(), 1, 'qcow2'));
    await stage.db('volumes').where({ id }).update({ encrypted: true });
    const ask = openDownload(stage.db, { of: { kind: 'volume', id }, format: 'raw' }, tenant);
    await assert.rejects(ask, { code: 'volume_state', message: /Downloading encrypted volumes/ });
    assert.deepEqual(await stage.db('snapshots').where({ volume_id: id }), []);
  });
});
