// Backups of encrypted volumes, with real image files, a real key store and a real directory as their store: nothing there shows what a guest
// wrote, the key stays as long as a backup needs it, and what was encrypted is not restored as plain.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { openFileKeyStore } from '../../../drivers/key-store/file-key-store.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { deleteBackup } from '../../../services/core/db/block-storage/backup-change.js';
import { createBackup } from '../../../services/core/db/block-storage/backup-create.js';
import { exportBackupRecord, importBackupRecord } from '../../../services/core/db/block-storage/backup-record.js';
import { restoreBackup } from '../../../services/core/db/block-storage/backup-restore.js';
import { createVolume } from '../../../services/core/db/block-storage/volume-create.js';
import { retypeVolume } from '../../../services/core/db/block-storage/volume-retype.js';
import { loadVolumeFacts } from '../../../services/core/db/engine/facts.js';
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

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('backups of encrypted volumes on real image files', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  const keysThere = () => readdirSync(path.join(stage.folder, 'keys')).length;
  const work = async () => {
    while ((await stage.step()) !== null);
  };

  before(async () => {
    stage = await DirectoryStage.open();
    const masterKeyFile = path.join(stage.folder, 'master-key');
    writeFileSync(masterKeyFile, randomUUID() + randomUUID(), { mode: 0o600 });
    const keys = openFileKeyStore({ directory: path.join(stage.folder, 'keys'), masterKeyFile });
    stage.keys = keys;
    for (const backend of ['plain', 'other'] as const) {
      const options = { driver: 'directory', saggar_directories: [stage.directory(backend)] };
      await stage.drivers.get(`host@${backend}`)?.close();
      const driver = createVolumeDriver(parseBackendOptions(backend, options), { runner: systemCommandRunner, keys });
      await driver.setup();
      stage.drivers.set(`host@${backend}`, driver);
      const service = { binary: 'saggar-volume', host: `host@${backend}`, zone: 'nova' };
      await stage.db('services').insert({ ...service, updated_at: stage.db.raw("utc_now() + interval '1 day'") });
      await requests.backupServiceAt(stage.db, `host@${backend}`);
    }
    for (const name of ['luks', 'open']) {
      const id = randomUUID();
      await stage.db('volume_types').insert({ id, name });
      if (name === 'open') continue;
      const record = { provider: 'luks', control_location: 'front-end', cipher: 'aes-xts-plain64', key_size: 256 };
      await stage.db('volume_type_encryption').insert({ encryption_id: randomUUID(), volume_type_id: id, ...record });
    }
  });
  after(() => stage.close());
  afterEach(() => {
    for (const folder of ['plain', 'other', 'backups'].map((name) => path.join(stage.folder, name))) {
      for (const file of filesBelow(folder)) assert.ok(!readFileSync(file).includes(CANARY), `${file} tells it`);
    }
  });

  async function make(type: string): Promise<string> {
    const blank = { name: null, description: null, sizeGib: 1, zone: null, metadata: {}, source: null };
    const id = await createVolume(stage.db, { ...blank, type }, true, who);
    await work();
    return id;
  }
  async function use<T>(
    id: string,
    writable: boolean,
    deed: (disk: {
      read: (at: number, length: number) => Promise<Buffer>;
      write: (at: number, data: Buffer) => Promise<void>;
    }) => Promise<T>,
  ): Promise<T> {
    const facts = await stage.db.transaction(async (tx) => (await loadVolumeFacts(tx, [id])).get(id));
    assert.ok(facts !== undefined);
    const driver = stage.drivers.get(facts.backendHost) ?? assert.fail(facts.backendHost);
    const spec = { share: facts.access.share, chain: facts.chain, writable };
    return driver.useDisk(spec, new AbortController().signal, deed);
  }
  // Neither random nor alike, so that a compressed object would still show parts of it.
  const text = (mark: string) => Buffer.from(CANARY + mark.padEnd(64 * 1024 - CANARY.length, mark));
  const write = (id: string, mark: string, at = 0) => use(id, true, (disk) => disk.write(at, text(mark)));
  const holds = async (id: string, mark: string, at = 0) =>
    assert.ok((await use(id, false, (disk) => disk.read(at, 64 * 1024))).equals(text(mark)), `${mark} at ${at}`);

  async function backUp(volumeId: string, incremental = false): Promise<string> {
    const names = { name: null, description: null, container: null, zone: null, metadata: {}, snapshotId: null };
    const id = await createBackup(stage.db, { ...names, volumeId, incremental, force: false }, who);
    await work();
    const row: { status: string } | undefined = await stage.db('backups').where({ id }).first('status');
    assert.equal(row?.status, 'available');
    return id;
  }
  async function restore(backupId: string, volumeId: string | null): Promise<string> {
    const restoring = await restoreBackup(stage.db, { backupId, volumeId, name: null }, true, who);
    await work();
    const row: { status: string } | undefined = await stage.db('volumes').where({ id: restoring.volumeId }).first();
    assert.equal(row?.status, 'available');
    return restoring.volumeId;
  }
  async function forget(...ids: string[]): Promise<void> {
    for (const id of ids) {
      await deleteBackup(stage.db, id, false, who);
      await work();
      assert.deepEqual(await stage.db('backups').where({ id }).select('id', 'status'), []);
    }
  }
  const remove = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await stage.ended(await requests.deleteVolume(stage.db, id));
  };

  it('are sealed with a key of the volume’s, outlive it, and take its key along', async () => {
    const volume = await make('luks');
    await write(volume, 'whole');
    const whole = await backUp(volume);
    await write(volume, 'later', 5 * 1024 ** 2);
    const upon = await backUp(volume, true);
    const back = await restore(upon, volume);
    await holds(back, 'whole');
    await holds(back, 'later', 5 * 1024 ** 2);
    await remove(volume);
    assert.equal(keysThere(), 1, 'the backups need the key');
    const into = await make('luks');
    await restore(upon, into);
    await holds(into, 'whole');
    await holds(into, 'later', 5 * 1024 ** 2);
    await restore(whole, into);
    await holds(into, 'whole');
    await remove(into);
    assert.equal(keysThere(), 1);
    await forget(upon);
    assert.equal(keysThere(), 1);
    await forget(whole);
    assert.equal(keysThere(), 0);
  });

  it('become a new volume of the same type, and never a plain one', async () => {
    const volume = await make('luks');
    await write(volume, 'mine');
    const backup = await backUp(volume);
    const fresh = await restore(backup, null);
    await holds(fresh, 'mine');
    const keysOf: { encryption_key_id: string }[] = await stage.db('volumes').whereIn('id', [volume, fresh]).select();
    assert.equal(new Set(keysOf.map((row) => row.encryption_key_id)).size, 2, 'a key of its own');
    const open = await make('open');
    const refused = restoreBackup(stage.db, { backupId: backup, volumeId: open, name: null }, true, who);
    await assert.rejects(refused, { code: 'volume_state' });
    await remove(volume, fresh);
    const nowhere = restoreBackup(stage.db, { backupId: backup, volumeId: null, name: null }, true, who);
    await assert.rejects(nowhere, { code: 'volume_state' });
    await forget(backup);
    await remove(open);
    assert.equal(keysThere(), 0);
  });

  it('survive another key of their volume, and plain ones become encrypted', async () => {
    const volume = await make('open');
    const plain = await backUp(volume);
    await retypeVolume(stage.db, volume, { type: 'luks', policy: 'on-demand' }, true, who);
    await work();
    await write(volume, 'sealed');
    const sealed = await backUp(volume, true);
    await retypeVolume(stage.db, volume, { type: 'open', policy: 'on-demand' }, true, who);
    await work();
    assert.equal(keysThere(), 1, 'of the backup alone');
    await remove(volume);
    const into = await make('luks');
    await restore(sealed, into);
    await holds(into, 'sealed');
    await restore(plain, into);
    await forget(sealed, plain);
    await remove(into);
    assert.equal(keysThere(), 0);
  });

  it('are found again by their record, with their key', async () => {
    const volume = await make('luks');
    await write(volume, 'record');
    const backup = await backUp(volume);
    const { backup_service, backup_url } = await exportBackupRecord(stage.db, backup, null);
    const record = JSON.parse(Buffer.from(backup_url, 'base64').toString()) as Record<string, unknown>;
    const url = Buffer.from(JSON.stringify({ ...record, id: randomUUID() })).toString('base64');
    const twin = await importBackupRecord(stage.db, { backup_service, backup_url: url }, who);
    await work();
    const place = path.join(stage.folder, 'backups', 'volumebackups', backup);
    await forget(backup);
    assert.ok(existsSync(place), 'the other one has the same objects');
    await remove(volume);
    const into = await make('luks');
    await restore(twin, into);
    await holds(into, 'record');
    await remove(into);
    assert.equal(keysThere(), 1);
    await forget(twin);
    assert.ok(!existsSync(place));
    assert.equal(keysThere(), 0);
  });

  /** As after the loss of the database: what is left is the record that somebody has kept. */
  async function recordOf(backup: string) {
    const { backup_service, backup_url } = await exportBackupRecord(stage.db, backup, null);
    await stage.db('backups').where({ id: backup }).delete();
    const record = JSON.parse(Buffer.from(backup_url, 'base64').toString()) as Record<string, unknown>;
    return async (changes: object = {}): Promise<string> => {
      const url = Buffer.from(JSON.stringify({ ...record, ...changes })).toString('base64');
      return importBackupRecord(stage.db, { backup_service, backup_url: url }, who);
    };
  }

  it('lose neither objects nor key when a record that could not be confirmed is deleted', async () => {
    const volume = await make('luks');
    await write(volume, 'kept');
    const backup = await backUp(volume);
    const take = await recordOf(backup);
    const failed = await take({ manifest_sha256: '0'.repeat(64) });
    await work();
    assert.equal((await stage.db('backups').where({ id: failed }).first('status'))?.status, 'error');
    await remove(volume);
    assert.equal(keysThere(), 1, 'nobody knows yet which key the objects need');
    await forget(failed);
    const place = path.join(stage.folder, 'backups', 'volumebackups', backup);
    assert.ok(existsSync(path.join(place, 'manifest')), 'objects that were never found to be ours');
    const again = await take();
    await work();
    const into = await make('luks');
    await restore(again, into);
    await holds(into, 'kept');
    await remove(into);
    await forget(again);
    assert.ok(!existsSync(place));
    assert.equal(keysThere(), 0);
  });

  it('keep a key that their volume leaves behind, also when their record comes while it is copied', async () => {
    const volume = await make('luks');
    await write(volume, 'moved');
    const take = await recordOf(await backUp(volume));
    await retypeVolume(stage.db, volume, { type: 'open', policy: 'on-demand' }, true, who);
    let last: string | undefined;
    for (let turn = 0; turn < 20 && last !== 'image.copy'; turn += 1) last = (await stage.step())?.type;
    assert.equal(last, 'image.copy');
    const twin = await take();
    await work();
    assert.equal(keysThere(), 1);
    const into = await make('luks');
    await restore(twin, into);
    await holds(into, 'moved');
    await remove(volume, into);
    await forget(twin);
    assert.equal(keysThere(), 0);
  });
});
