// Backups of real image files, put back into real image files: whole and incremental, over snapshots, formats and copies that share layers, and
// what a failure leaves. The engine over PostgreSQL, the worker's handlers, qemu-nbd between disk and store.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BackupDamage } from '../../../drivers/backup/read-backup.js';
import { type Backend, DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

describe('backups of image files', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;

  before(async () => {
    stage = await DirectoryStage.open();
    await requests.backupServiceAt(stage.db, 'host@plain');
  });
  after(() => stage.close());

  const snapshot = (id: string) => requests.createSnapshot(stage.db, id).then((asked) => stage.ended(asked));
  const backUp = async (id: string, parent: string | null = null): Promise<string> =>
    stage.ended(await requests.backUp(stage.db, id, await snapshot(id), parent));
  const restore = (backup: string, into: string) =>
    requests.restoreBackup(stage.db, backup, into).then((asked) => stage.ended(asked));
  const facts = async (backup: string) => {
    const operation: { outputs: Record<string, { readBytes: number; storedBytes: number }> } | undefined = await stage
      .db('operations')
      .where({ type: 'backup-create' })
      .whereRaw(`params->>'backupId' = ?`, [backup])
      .first('outputs');
    return operation?.outputs['write-backup'] ?? { readBytes: -1, storedBytes: -1 };
  };

  for (const backend of ['plain', 'other'] as const satisfies readonly Backend[]) {
    it(`on ${backend}: each of three, into volumes of both formats, is the disk of its moment`, async () => {
      const id = await stage.make(backend);
      await stage.write(id, 'write -P 3 0 5M', 'write -P 4 700M 64k', 'write -P 5 1023M 1M');
      const pictures = [await stage.picture(id)];
      const backups = [await backUp(id)];
      for (const commands of [['write -P 6 1M 4k', 'write -z 700M 64k'], ['write -P 7 512M 3M']]) {
        await stage.write(id, ...commands);
        pictures.push(await stage.picture(id));
        backups.push(await backUp(id, backups.at(-1) ?? null));
      }
      for (const [index, backup] of backups.entries()) {
        for (const into of ['plain', 'other'] as const) {
          const target = await stage.make(into);
          await stage.write(target, 'write -P 255 0 1M', 'write -P 255 900M 2M');
          await restore(backup, target);
          assert.ok(await stage.looksLike(target, pictures[index] ?? ''), `backup ${index} into ${into}`);
        }
      }
      // The parent's snapshot is in the chain still, so only what was written since is read.
      const { readBytes } = await facts(backups[2] ?? '');
      assert.equal(readBytes, 3 * 1024 ** 2);
    });
  }

  it('leaves the snapshots of a volume that it is restored into, and the copies that stand on it', async () => {
    const id = await stage.make('plain');
    await stage.write(id, 'write -P 1 0 4M');
    const old = await backUp(id);
    const then = await stage.picture(id);
    await stage.write(id, 'write -P 2 0 2M', 'write -P 2 100M 1M');
    const kept = await snapshot(id);
    const atSnapshot = await stage.picture(id);
    const place = { pool: stage.pool('plain'), computeHost: 'host' };
    const source = { volumeId: id, snapshotId: kept };
    const copy = await stage.ended(await requests.createVolumeFromSnapshot(stage.db, place, source, { maxLayers: 9 }));
    await stage.write(id, 'write -P 3 50M 1M');
    await restore(old, id);
    assert.ok(await stage.looksLike(id, then), 'the volume is the backup');
    assert.ok(await stage.looksLike(copy, atSnapshot), 'the copy is what it was');
    await stage.ended(await requests.revertVolume(stage.db, id, kept));
    assert.ok(await stage.looksLike(id, atSnapshot), 'the snapshot is what it was');
    // A copy that is restored into is independent afterwards.
    await restore(old, copy);
    assert.ok(await stage.looksLike(copy, then));
    const row: { backing_file: string | null } | undefined = await stage.db('volumes').where({ id: copy }).first();
    assert.equal(row?.backing_file, null);
  });

  // Objects are filled while the next chunks are being read: none may tell of a chunk that the next object holds, or nobody could read it again.
  it('can be read again wherever the changed parts of an incremental one lie', async () => {
    const id = await stage.make('plain');
    await stage.write(id, 'write -P 1 0 1M');
    const first = await backUp(id);
    await stage.write(id, 'write -z 0 1M', 'write -P 9 1M 32M', 'write -P 9 40M 7M', 'write -P 9 60M 40M');
    const second = await backUp(id, first);
    const target = await stage.make('other');
    await restore(second, target);
    assert.ok(await stage.looksLike(target, await stage.picture(id)));
  });

  it('changes nothing of a volume when the backup is damaged, and removes what it had begun', async () => {
    const id = await stage.make('plain');
    await stage.write(id, 'write -P 8 0 40M');
    const backup = await backUp(id);
    const target = await stage.make('other');
    await stage.write(target, 'write -P 9 3M 1M');
    const before = await stage.picture(target);
    const files = stage.files('other');
    const objects = path.join(stage.folder, 'backups', 'lane', backup);
    assert.ok(readdirSync(objects).includes('object-000001'));
    rmSync(path.join(objects, 'object-000001'));
    const { id: asked, operationId } = await requests.restoreBackup(stage.db, backup, target);
    await stage.ended({ id: asked, operationId }, 'failed');
    assert.ok(await stage.looksLike(target, before), 'what the volume held is there');
    assert.deepEqual(stage.files('other').sort(), files.sort());
    const looked = await requests.verifyBackup(stage.db, backup);
    await stage.ended(looked);
    const row: { outputs: Record<string, { damage: BackupDamage }> } | undefined = await stage
      .db('operations')
      .where({ id: looked.operationId })
      .first('outputs');
    const damage = row?.outputs['read-backup']?.damage;
    const blame = { backupId: backup, object: 'object-000001', reason: 'missing' } as const;
    const stretches = [{ firstByte: 32 * 1024 ** 2, bytes: 8 * 1024 ** 2, ...blame }];
    assert.deepEqual(damage, { checkedChunks: 40, damagedChunks: 8, stretches });
    const told: unknown[] = await stage.db('user_messages').where({ resource_uuid: backup });
    assert.equal(told.length, 1, 'its owner hears of it');
    await stage.ended(await requests.deleteBackup(stage.db, backup));
    assert.deepEqual(await stage.db('backups').where({ id: backup }), []);
    assert.equal(readdirSync(path.join(stage.folder, 'backups', 'lane')).includes(backup), false);
  });
});
