// What must never cost a disk: a copy that is not whole, a file that is somebody's already, an owner's file that was taken over half-way.
// Real image files, as in moves.test.ts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, truncateSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import type { OperationParams } from '../../../services/core/operations/params.js';
import { DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

const MIB = 1024 ** 2;

describe('moves of real image files under attack', function suite() {
  this.timeout(60_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open();
  });
  after(() => stage.close());
  afterEach(() => {
    stage.hung = null;
    stage.refused.length = 0;
  });

  async function copyOf(operationId: string): Promise<string> {
    const row: { params: OperationParams['volume-migrate'] } | undefined = await stage
      .db('operations')
      .where({ id: operationId })
      .first('params');
    assert.ok(row);
    return path.join(stage.directory('other'), `volume-${row.params.nameId}`);
  }

  /** Keeps the file's length where that says something, and loses what was written behind its first part. */
  const losses = {
    raw: (file: string): void => {
      truncateSync(file, 8 * MIB);
      truncateSync(file, 1024 * MIB);
    },
    qcow2: (file: string): void => truncateSync(file, 4 * MIB),
  } as const;

  for (const [format, lose] of Object.entries(losses) as ['raw' | 'qcow2', (file: string) => void][]) {
    it(`keeps the source when a ${format} copy is not whole, though its header is`, async () => {
      const id = await stage.make();
      await stage.write(id, 'write -P 17 0 16M', 'write -P 34 700M 3M');
      const [before, own] = [await stage.picture(id), stage.files('plain')];
      const asked = await requests.migrateVolume(stage.db, id, stage.pool('other'), format);
      const copied = await stage.step();
      assert.equal(copied?.step, 'copy-image');
      lose(await copyOf(asked.operationId));
      await stage.ended(asked, 'failed');
      assert.deepEqual(
        [await stage.looksLike(id, before), stage.files('plain'), stage.files('other')],
        [true, own, []],
      );
      await stage.ended(await requests.deleteVolume(stage.db, id));
    });
  }

  it('gives the volume back at once when the other share dies under the copy, and cleans up when it answers again', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 17 0 1M');
    const before = await stage.picture(id);
    const asked = await requests.migrateVolume(stage.db, id, stage.pool('other'));
    assert.equal((await stage.step())?.step, 'copy-image');
    stage.refused.push('compare-copy');
    await stage.step();
    stage.hung = 'other';
    for (let turn = 0; turn < 8; turn += 1) {
      await stage.rig.sweep();
      while ((await stage.step()) !== null);
    }
    assert.equal((await stage.rig.operation(asked.operationId)).state, 'stuck');
    const row: Record<string, unknown> = await stage.db('volumes').where({ id }).first();
    assert.deepEqual([row['status'], row['migration_status']], ['available', 'error']);
    const messages: unknown[] = await stage.db('user_messages').where({ resource_uuid: id });
    assert.equal(messages.length, 1);
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshot));
    assert.deepEqual([await stage.looksLike(id, before), stage.files('other').length], [true, 1]);
    const pool = (): Promise<{ provisioned_gib: number }> =>
      stage
        .db('pools')
        .where({ name: stage.pool('other') })
        .first();
    assert.equal((await pool()).provisioned_gib, 0);
    // Deleted meanwhile: what is left to do needs no volume.
    await stage.ended(await requests.deleteVolume(stage.db, id));
    stage.hung = null;
    for (let turn = 0; turn < 3; turn += 1) {
      await stage.rig.sweep();
      while ((await stage.step()) !== null);
    }
    assert.equal((await stage.rig.operation(asked.operationId)).state, 'failed');
    const left = [stage.files('other'), stage.files('plain'), (await pool()).provisioned_gib];
    assert.deepEqual(left, [[], [], 0]);
  });

  it('takes a let-go volume over again that was made by a worker killed before its last breath', async () => {
    const place = { pool: stage.pool('plain'), computeHost: 'host' };
    const asked = await requests.createVolume(stage.db, place);
    const command = await stage.rig.takeCommand();
    assert.ok(command);
    const file = path.join(stage.directory('plain'), `volume-${asked.id}`);
    await stage.perform(command, 'host@plain');
    // Killed between giving the file its name and removing the temporary one: two names of one file.
    linkSync(file, path.join(stage.directory('plain'), `.volume-${asked.id}.part`));
    await stage.rig.answer(command, await stage.perform(command, 'host@plain'));
    await stage.ended(await requests.unmanageVolume(stage.db, asked.id));
    const again = await stage.ended(await requests.manageVolume(stage.db, place, `volume-${asked.id}`));
    await stage.ended(await requests.deleteVolume(stage.db, again));
  });

  it('takes no file over that is the base of another', async () => {
    const directory = stage.directory('plain');
    const image = (name: string, ...more: string[]) =>
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...more, path.join(directory, name), '1G']);
    image('golden.img');
    image('desktop.img', '-b', 'golden.img', '-F', 'qcow2');
    const place = { pool: stage.pool('plain'), computeHost: 'host' };
    const refused = await stage.ended(await requests.manageVolume(stage.db, place, 'golden.img'), 'failed');
    assert.deepEqual(stage.files('plain'), ['desktop.img', 'golden.img'], 'under their own names');
    await stage.ended(await requests.deleteVolume(stage.db, refused));
    assert.deepEqual(stage.files('plain'), ['desktop.img', 'golden.img']);
    unlinkSync(path.join(directory, 'desktop.img'));
    const taken = await stage.ended(await requests.manageVolume(stage.db, place, 'golden.img'));
    await stage.ended(await requests.deleteVolume(stage.db, taken));
  });

  it('never removes the file of an owner whose import did not succeed', async () => {
    const source = await stage.make();
    await stage.write(source, 'write -P 17 0 1M');
    const before = await stage.picture(source);
    const { name } = await stage.activeFile(source);
    await stage.ended(await requests.unmanageVolume(stage.db, source));
    const place = { pool: stage.pool('plain'), computeHost: 'host' };
    await stage.db('quota_limits').insert({ project_id: requests.projectId, resource: 'gigabytes', hard_limit: 0 });
    const id = await stage.ended(await requests.manageVolume(stage.db, place, path.basename(name)));
    await stage.db('quota_limits').delete();
    assert.equal(await stage.rig.statusOf('volumes', id), 'error_managing');
    // An administrator calls it available, and somebody extends it: it has no file of its own to grow.
    await stage.db('volumes').where({ id }).update({ status: 'available' });
    await stage.ended(await requests.extendVolume(stage.db, place, id, 2), 'failed');
    await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual(stage.files('plain'), [`volume-${id}`]);
    const again = await stage.ended(await requests.manageVolume(stage.db, place, `volume-${id}`));
    assert.equal(await stage.looksLike(again, before), true);
    await stage.ended(await requests.deleteVolume(stage.db, again));
  });
});
