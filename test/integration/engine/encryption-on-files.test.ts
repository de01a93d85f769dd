// Encrypted volumes over the engine with real image files and a real key store: keys come and go with volumes, copies share or have their own,
// types change by copying, and nothing on any share shows what was written.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { openFileKeyStore } from '../../../drivers/key-store/file-key-store.js';
import type { KeyStore } from '../../../drivers/key-store/key-store.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { exportVolume } from '../../../services/core/db/admin/exports.js';
import { createVolume } from '../../../services/core/db/block-storage/volume-create.js';
import { reimageVolume } from '../../../services/core/db/block-storage/volume-reimage.js';
import { retypeVolume } from '../../../services/core/db/block-storage/volume-retype.js';
import { type UploadWish, uploadVolume } from '../../../services/core/db/block-storage/volume-to-image.js';
import { acceptCustodyWrites } from '../../../services/core/db/custody/custody-changes.js';
import { loadVolumeFacts } from '../../../services/core/db/engine/facts.js';
import { deleteImage } from '../../../services/core/db/image/image-delete.js';
import type { VolumeFacts } from '../../../services/core/operations/facts.js';
import { planOf, recordAll, scan } from '../custody/custody-stage.js';
import { DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

const CANARY = 'CANARY-plain-text-of-a-guest-';
const who = {
  projectId: requests.projectId,
  userId: 'u'.repeat(32),
  requestId: 'req-x',
  visibleProjectId: null,
  isService: false,
};
const plainWish = { name: null, description: null, sizeGib: 1, zone: null, metadata: {}, source: null };

describe('encrypted volumes on real image files', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  let keys: KeyStore;
  const keyFolder = () => path.join(stage.folder, 'keys');
  const keyCount = () => readdirSync(keyFolder()).length;

  before(async () => {
    stage = await DirectoryStage.open();
    const masterKeyFile = path.join(stage.folder, 'master-key');
    writeFileSync(masterKeyFile, randomUUID() + randomUUID(), { mode: 0o600 });
    keys = openFileKeyStore({ directory: keyFolder(), masterKeyFile });
    stage.keys = keys;
    for (const backend of ['plain', 'other'] as const) {
      const options = { driver: 'directory', saggar_directories: [stage.directory(backend)] };
      await stage.drivers.get(`host@${backend}`)?.close();
      const driver = createVolumeDriver(parseBackendOptions(backend, options), { runner: systemCommandRunner, keys });
      await driver.setup();
      stage.drivers.set(`host@${backend}`, driver);
    }
    for (const backend of ['plain', 'other']) {
      const service = { binary: 'saggar-volume', host: `host@${backend}`, zone: 'nova' };
      await stage.db('services').insert({ ...service, updated_at: stage.db.raw("utc_now() + interval '1 day'") });
    }
    for (const [name, size] of [
      ['luks', 512],
      ['small', 256],
      ['plain', null],
    ] as const) {
      const id = randomUUID();
      await stage.db('volume_types').insert({ id, name });
      if (size === null) continue;
      const record = { provider: 'luks', control_location: 'front-end', cipher: 'aes-xts-plain64', key_size: size };
      await stage.db('volume_type_encryption').insert({ encryption_id: randomUUID(), volume_type_id: id, ...record });
    }
  });
  after(() => stage.close());
  afterEach(() => {
    for (const backend of ['plain', 'other'] as const) {
      for (const name of stage.files(backend)) {
        const bytes = readFileSync(path.join(stage.directory(backend), name));
        assert.ok(!bytes.includes(CANARY), `${name} shows what a guest wrote`);
      }
    }
  });

  const work = async () => {
    while ((await stage.step()) !== null);
  };
  const factsOf = async (id: string): Promise<VolumeFacts> => {
    const facts = await stage.db.transaction(async (tx) => (await loadVolumeFacts(tx, [id])).get(id));
    assert.ok(facts !== undefined);
    return facts;
  };
  const rowOf = async (id: string): Promise<Record<string, unknown>> => {
    const row: Record<string, unknown> | undefined = await stage.db('volumes').where({ id }).first();
    assert.ok(row !== undefined);
    return row;
  };
  const make = async (type: string, source: Parameters<typeof createVolume>[1]['source'] = null): Promise<string> => {
    const id = await createVolume(stage.db, { ...plainWish, type, source }, true, who);
    await work();
    const failed: unknown[] = await stage.db('operations').whereNotNull('error').select('type', 'error');
    assert.equal((await rowOf(id))['status'], 'available', JSON.stringify({ failed, host: (await rowOf(id))['host'] }));
    return id;
  };
  const driverOf = ({ backendHost }: VolumeFacts) => stage.drivers.get(backendHost) ?? assert.fail(backendHost);
  const write = async (id: string, mark: string, at = 0): Promise<void> => {
    const facts = await factsOf(id);
    const spec = { share: facts.access.share, chain: facts.chain, writable: true };
    const bytes = Buffer.alloc(65_536, `${CANARY}${mark};`);
    await driverOf(facts).useDisk(spec, new AbortController().signal, (disk) => disk.write(at, bytes));
  };
  const read = async (id: string, at = 0): Promise<string> => {
    const facts = await factsOf(id);
    const spec = { share: facts.access.share, chain: facts.chain, writable: false };
    const bytes = await driverOf(facts).useDisk(spec, new AbortController().signal, (disk) => disk.read(at, 65_536));
    return bytes[0] === 0 ? '' : bytes.toString('latin1', CANARY.length, bytes.indexOf(';'));
  };
  const remove = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await stage.ended(await requests.deleteVolume(stage.db, id));
  };

  it('have a key of their own, which goes with the last of their files', async () => {
    const id = await make('luks');
    const facts = await factsOf(id);
    const row = await rowOf(id);
    assert.deepEqual([row['encrypted'], row['encryption_key_id']], [true, facts.encryption?.keyId]);
    assert.deepEqual([facts.encryption?.bits, facts.chain[0]?.keyId], [512, facts.encryption?.keyId]);
    await write(id, 'base');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
    await write(id, 'above');
    assert.equal(await read(id), 'above');
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshot));
    assert.equal(await read(id), 'above');
    await stage.ended(await requests.extendVolume(stage.db, { pool: facts.access.share, computeHost: 'host' }, id, 2));
    assert.equal(await read(id), 'above');
    assert.equal(keyCount(), 1);
    await remove(id);
    assert.equal(keyCount(), 0);
  });

  it('go back to a snapshot', async () => {
    const id = await make('small');
    await write(id, 'then');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
    await write(id, 'now');
    await stage.ended(await requests.revertVolume(stage.db, id, snapshot));
    assert.equal(await read(id), 'then');
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshot));
    await remove(id);
  });

  it('share their key with a copy that stands on them, until the last is deleted', async () => {
    const source = await make('luks');
    await write(source, 'shared');
    const clone = await make('luks', { kind: 'volume', id: source });
    assert.equal((await factsOf(clone)).encryption?.keyId, (await factsOf(source)).encryption?.keyId);
    assert.equal(await read(clone), 'shared');
    await stage.ended(await requests.flattenVolume(stage.db, clone));
    await work();
    await remove(source);
    assert.equal(keyCount(), 1);
    assert.equal(await read(clone), 'shared');
    await remove(clone);
    assert.equal(keyCount(), 0);
  });

  it('are copied in full, with another key, where the type says another length or none', async () => {
    const source = await make('luks');
    await write(source, 'from');
    const small = await make('small', { kind: 'volume', id: source });
    assert.equal((await factsOf(small)).foreignLayers, 0);
    assert.notEqual((await factsOf(small)).encryption?.keyId, (await factsOf(source)).encryption?.keyId);
    assert.equal(await read(small), 'from');
    const plain = await make('plain');
    const sealed = await make('luks', { kind: 'volume', id: plain });
    assert.ok((await factsOf(sealed)).encryption !== undefined);
    assert.equal((await factsOf(sealed)).foreignLayers, 0);
    await remove(small, source, sealed, plain);
    assert.equal(keyCount(), 0);
  });

  it('change their encryption by being copied', async () => {
    const id = await make('plain');
    const retype = async (type: string, policy: 'never' | 'on-demand' = 'on-demand') => {
      await retypeVolume(stage.db, id, { type, policy }, true, who);
      await work();
    };
    await retype('luks', 'never');
    assert.equal((await rowOf(id))['encrypted'], false, 'not without a copy');
    await retype('luks');
    await write(id, 'sealed');
    const first = (await factsOf(id)).encryption;
    assert.equal(first?.bits, 512);
    await retype('small');
    const second = (await factsOf(id)).encryption;
    assert.equal(second?.bits, 256);
    assert.equal(await read(id), 'sealed');
    assert.equal(keyCount(), 1, 'the first key went with its files');
    await assert.rejects(keys.readKey(first.keyId), { code: 'not_found' });
    await write(id, '');
    const facts = await factsOf(id);
    const spec = { share: facts.access.share, chain: facts.chain, writable: true };
    await driverOf(facts).useDisk(spec, new AbortController().signal, (disk) => disk.zero(0, 65_536, false));
    await retype('plain');
    assert.deepEqual([(await rowOf(id))['encrypted'], (await rowOf(id))['encryption_key_id']], [false, null]);
    assert.equal(keyCount(), 0);
    await remove(id);
  });

  it('move with their snapshots to another backend, and keep their key', async () => {
    const id = await make('luks');
    await write(id, 'below');
    await stage.ended(await requests.createSnapshot(stage.db, id));
    await write(id, 'above', 65_536);
    const { encryption, backendHost } = await factsOf(id);
    const to = backendHost === 'host@plain' ? 'other' : 'plain';
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool(to), 'qcow2'));
    assert.deepEqual((await factsOf(id)).encryption, encryption);
    assert.deepEqual([await read(id), await read(id, 65_536)], ['below', 'above']);
  });

  const uploadWish: UploadWish = {
    ...{ name: 'sealed', force: false, diskFormat: 'raw', containerFormat: 'bare' },
    ...{ visibility: 'private', isProtected: false },
  };
  const upload = async (id: string, more: Partial<UploadWish> = {}) => {
    const accepted = await uploadVolume(stage.db, id, { ...uploadWish, ...more }, who);
    await work();
    const image: Record<string, unknown> = await stage.db('images').where({ id: accepted.imageId }).first();
    const hidden = String(image['volume_id']);
    assert.deepEqual([accepted.diskFormat, image['status'], image['disk_format']], ['qcow2', 'active', 'qcow2']);
    return { id: accepted.imageId, image, hidden };
  };
  const dropImage = async (id: string) => {
    await deleteImage(stage.db, id, { ...who, isAdmin: true });
    await work();
    assert.equal(await stage.db('images').where({ id }).first('id'), undefined);
  };

  it('as images are ciphertext with the key of the volume, which goes with the last that needs it', async () => {
    const others = keyCount();
    const source = await make('luks');
    await write(source, 'imaged');
    const { keyId } = (await factsOf(source)).encryption ?? assert.fail('not encrypted');
    const { id, image, hidden } = await upload(source);
    assert.equal((await rowOf(source))['status'], 'available');
    assert.deepEqual(image['properties'], {
      cinder_encryption_key_id: keyId,
      cinder_encryption_key_deletion_policy: 'on_image_deletion',
    });
    assert.equal(image['virtual_size'], 1024 ** 3);
    assert.equal((await factsOf(hidden)).chain[0]?.keyId, keyId);
    await assert.rejects(make('plain', { kind: 'image', id }), {
      code: 'bad_request',
      message: /encrypted volume type/,
    });
    // What somebody writes on it later is a word, not a key.
    await stage
      .db('images')
      .where({ id })
      .update({ properties: JSON.stringify({ cinder_encryption_key_id: 'x' }) });
    const near = await make('luks', { kind: 'image', id });
    const facts = await factsOf(near);
    assert.deepEqual([facts.foreignLayers, facts.encryption?.keyId], [1, keyId], 'no copy is made');
    assert.deepEqual((await rowOf(near))['bootable'], true);
    assert.ok(!JSON.stringify((await rowOf(near))['image_metadata']).includes('encryption_key'));
    const small = await make('small', { kind: 'image', id });
    const other = (await factsOf(small)).encryption;
    assert.deepEqual([(await factsOf(small)).foreignLayers, other?.bits], [0, 256]);
    assert.notEqual(other?.keyId, keyId);
    const hints = { sameHost: [], differentHost: [source] };
    const far = await createVolume(
      stage.db,
      { ...plainWish, type: 'luks', source: { kind: 'image', id }, hints },
      true,
      who,
    );
    await work();
    assert.notEqual((await factsOf(far)).backendHost, (await factsOf(source)).backendHost);
    for (const one of [near, small, far]) assert.equal(await read(one), 'imaged');
    const copies: unknown[] = await stage.db('volumes').where({ purpose: 'image-cache' });
    assert.deepEqual(copies, [], 'no second copy of what is encrypted');
    await remove(source, near, small, far);
    assert.equal(keyCount() - others, 1, 'the image needs it');
    const again = await make('luks', { kind: 'image', id });
    assert.equal(await read(again), 'imaged');
    await stage.ended(await requests.flattenVolume(stage.db, again));
    await dropImage(id);
    assert.equal(keyCount() - others, 1, 'the volume needs it');
    assert.equal(await read(again), 'imaged');
    await remove(again);
    assert.equal(keyCount() - others, 0);
  });

  it('as images take their key along when they are the last', async () => {
    const others = keyCount();
    const source = await make('small');
    await write(source, 'last');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, source));
    await write(source, 'above', 65_536);
    const { id, hidden } = await upload(source, { diskFormat: 'qcow2' });
    assert.equal((await factsOf(hidden)).chain.length, 1);
    await stage.ended(await requests.deleteSnapshot(stage.db, source, snapshot));
    await remove(source);
    const copy = await make('small', { kind: 'image', id });
    assert.deepEqual([await read(copy), await read(copy, 65_536)], ['last', 'above']);
    await remove(copy);
    assert.equal(keyCount() - others, 1);
    await dropImage(id);
    assert.equal(keyCount() - others, 0);
  });

  it('as images of other formats are refused, and none is made where an upload fails', async () => {
    const others = keyCount();
    const source = await make('luks');
    await assert.rejects(uploadVolume(stage.db, source, { ...uploadWish, diskFormat: 'vmdk' }, who), {
      code: 'bad_request',
    });
    const images = { create: () => assert.fail('made') } as never;
    await assert.rejects(uploadVolume(stage.db, source, uploadWish, { ...who, images }), { code: 'volume_state' });
    const files = stage.files('plain').length + stage.files('other').length;
    stage.refused.push('digest-image');
    const { imageId } = await uploadVolume(stage.db, source, uploadWish, who);
    await work();
    stage.refused.pop();
    const image: Record<string, unknown> = await stage.db('images').where({ id: imageId }).first();
    assert.deepEqual([image['status'], image['volume_id']], ['killed', null]);
    assert.equal(stage.files('plain').length + stage.files('other').length, files);
    assert.deepEqual([(await rowOf(source))['status'], keyCount() - others], ['available', 1]);
    await remove(source);
    assert.equal(keyCount() - others, 0);
  });

  it('as images are new content for encrypted volumes alone; plain images for both', async () => {
    const others = keyCount();
    const [source, plain] = [await make('luks'), await make('plain')];
    await write(source, 'content');
    const { id } = await upload(source);
    const reimage = (volume: string) => reimageVolume(stage.db, volume, { imageId: id, reimageReserved: false }, who);
    await assert.rejects(reimage(plain), { code: 'bad_request', message: /encrypted volume type/ });
    const target = await make('small');
    const { encryption } = await factsOf(target);
    await reimage(target);
    await work();
    assert.deepEqual((await factsOf(target)).encryption, encryption);
    assert.equal(await read(target), 'content');
    const { imageId: plainId } = await uploadVolume(stage.db, plain, { ...uploadWish, diskFormat: 'qcow2' }, who);
    await work();
    const sealed = await make('luks', { kind: 'image', id: plainId });
    assert.deepEqual([(await factsOf(sealed)).foreignLayers, (await factsOf(sealed)).encryption?.bits], [0, 512]);
    await write(sealed, 'above a plain image');
    await remove(sealed, target, source, plain);
    await dropImage(plainId);
    await dropImage(id);
    assert.equal(keyCount() - others, 0);
  });

  it('are exported as plain files, which their texts say, when that is asked for in so many words', async () => {
    const id = await make('luks');
    await write(id, 'then');
    const snapshotId = await stage.ended(await requests.createSnapshot(stage.db, id));
    await write(id, 'now');
    const wish = { volumeId: id, snapshotId: null, directory: 'leave-x', format: null, checksum: true, decrypt: false };
    await assert.rejects(exportVolume(stage.db, wish, who), { code: 'volume_state', message: /is encrypted.*decrypt/ });
    const asked = [
      await exportVolume(stage.db, { ...wish, decrypt: true, format: 'raw' }, who),
      await exportVolume(stage.db, { ...wish, decrypt: true, snapshotId }, who),
    ];
    await work();
    const backend = (await factsOf(id)).backendHost === 'host@plain' ? 'plain' : 'other';
    const share = stage.directory(backend);
    try {
      assert.deepEqual(
        asked.map(({ isCopy, format }) => [isCopy, format]),
        [
          [true, 'raw'],
          [true, 'qcow2'],
        ],
      );
      for (const [index, mark] of ['now', 'then'].entries()) {
        const file = path.join(share, asked[index]?.file ?? '');
        const bytes = readFileSync(file);
        assert.ok(bytes.includes(`${CANARY}${mark};`), mark);
        const text = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Record<string, unknown>;
        assert.equal(text['decrypted'], true);
      }
    } finally {
      rmSync(path.join(share, 'leave-x'), { recursive: true, force: true });
    }
    assert.equal(await read(id), 'now');
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshotId));
    await remove(id);
  });

  it('leave no key when they could not be made', async () => {
    const before = keyCount();
    stage.refused.push('create-image');
    const id = await createVolume(stage.db, { ...plainWish, type: 'luks' }, true, who);
    await work();
    stage.refused.pop();
    assert.equal((await rowOf(id))['status'], 'error');
    assert.equal(keyCount(), before);
    await remove(id);
  });

  it('come back with their keys and their type when the database is lost, and not where the record of the key is gone', async () => {
    const [volume, keyless] = [await make('luks'), await make('small')];
    await write(volume, 'first');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, volume));
    await write(volume, 'second');
    await write(keyless, 'unread');
    for (;;) {
      const { operations } = await acceptCustodyWrites(stage.db);
      await work();
      if (operations === 0) break;
    }
    const before = await factsOf(volume);
    const backend = before.backendHost === 'host@plain' ? 'plain' : 'other';
    const keylessBackend = (await factsOf(keyless)).backendHost === 'host@plain' ? 'plain' : 'other';
    const typeOf = () =>
      stage
        .db('volume_types as t')
        .join('volume_type_encryption as e', 'e.volume_type_id', 't.id')
        .where({ 't.name': 'luks' })
        .first('t.id', 'e.provider', 'e.cipher', 'e.key_size', 'e.control_location');
    const type: unknown = await typeOf();
    rmSync(path.join(stage.directory(keylessBackend), '.saggar', `${keyless}.json`));
    await stage.db.raw(
      'truncate volumes, snapshots, chain_layers, attachments, operations, outbox, resource_locks, share_scans, custody_changes cascade',
    );
    await stage.db('pools').update({ provisioned_gib: 0 });
    await stage.db('volume_type_encryption').delete();
    await stage.db('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
    for (const one of ['plain', 'other'] as const) {
      const scanId = await scan(stage, one);
      const plan = await planOf(stage, scanId);
      if (one === keylessBackend)
        assert.ok(plan.findings.some(({ code, volumeId }) => code === 'encrypted' && volumeId === keyless));
      const { refused } = await recordAll(stage, scanId, { projectId: null, userId: null, useRecords: true });
      assert.deepEqual(refused, [], backend);
    }
    assert.equal(await stage.db('volumes').where({ id: keyless }).first('id'), undefined);
    const after = await factsOf(volume);
    assert.deepEqual([after.chain, after.encryption], [before.chain, before.encryption]);
    assert.deepEqual(await typeOf(), type);
    assert.equal((await rowOf(volume))['encrypted'], true);
    assert.equal(await read(volume), 'second');
    await stage.ended(await requests.deleteSnapshot(stage.db, volume, snapshot));
    assert.equal(await read(volume), 'second');
    const another = await make('luks');
    const keys = keyCount();
    await remove(volume, another);
    assert.equal(keyCount(), keys - 2, 'the keys go with the volumes');
  });
});
