// Moves and reverts with real image files, and that they keep every byte.
import assert from 'node:assert/strict';
import path from 'node:path';
import { type Backend, backends, DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

describe('moves of real image files', function suite() {
  this.timeout(60_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open();
  });
  after(() => stage.close());

  it('keeps every byte when a volume moves to another backend and back, and leaves nothing behind', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 17 0 1M', 'write -P 34 700M 3M', 'write -P 51 1023M 1M');
    const before = await stage.picture(id);
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('other')));
    assert.deepEqual([await stage.looksLike(id, before), (await stage.activeFile(id)).format], [true, 'raw']);
    assert.deepEqual(stage.files('plain'), []);
    assert.equal(stage.files('other').length, 2, 'the copy and its record');
    await stage.write(id, 'write -P 68 5M 1M');
    assert.equal(await stage.looksLike(id, before), false);
    const changed = await stage.picture(id);
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('plain')));
    assert.equal(await stage.looksLike(id, changed), true);
    assert.deepEqual(stage.files('other'), []);
    await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual(stage.files('plain'), []);
  });

  it('takes the snapshots along: each shows what it showed, the chain stays as long as it was, and can be reverted and merged', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 1 0 2M', 'write -P 9 900M 1M');
    const older = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.write(id, 'write -P 2 1M 2M', 'discard 900M 1M');
    const newer = await stage.ended(await requests.createSnapshot(stage.db, id));
    const frozen = await stage.picture(id);
    await stage.write(id, 'write -P 3 2M 2M');
    const last = await stage.picture(id);
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('other'), 'qcow2'));
    assert.deepEqual(stage.files('plain'), []);
    const files = stage.files('other').filter((name) => !name.endsWith('.info'));
    assert.equal(files.length, 3, 'as many layers as before');
    assert.equal(await stage.looksLike(id, last), true);
    await stage.ended(await requests.revertVolume(stage.db, id, newer));
    assert.equal(await stage.looksLike(id, frozen), true, 'the newer snapshot');
    await stage.ended(await requests.deleteSnapshot(stage.db, id, newer));
    assert.equal(await stage.looksLike(id, frozen), true);
    await stage.ended(await requests.deleteSnapshot(stage.db, id, older));
    assert.equal(await stage.looksLike(id, frozen), true);
    await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual(stage.files('other'), []);
  });

  it('leaves a chain where it was, and no copy of any layer, when the copy cannot be compared', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 4 0 1M');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.write(id, 'write -P 5 0 1M');
    const [before, own] = [await stage.picture(id), stage.files('plain')];
    stage.refused.push('compare-copy');
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('other')), 'failed');
    stage.refused.pop();
    assert.deepEqual([await stage.looksLike(id, before), stage.files('plain'), stage.files('other')], [true, own, []]);
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshot));
    await stage.ended(await requests.deleteVolume(stage.db, id));
  });

  it('keeps every byte when the pool stays and only the format changes', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 85 10M 2M');
    const before = await stage.picture(id);
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('plain')));
    assert.deepEqual([await stage.looksLike(id, before), (await stage.activeFile(id)).format], [true, 'raw']);
    assert.deepEqual(stage.files('plain').length, 2);
    await stage.ended(await requests.deleteVolume(stage.db, id));
  });

  it('leaves the source untouched and no copy when the copy cannot be verified', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 102 0 4M');
    const [before, own] = [await stage.picture(id), stage.files('plain')];
    stage.refused.push('verify-chain');
    await stage.ended(await requests.migrateVolume(stage.db, id, stage.pool('other')), 'failed');
    stage.refused.pop();
    assert.deepEqual([await stage.looksLike(id, before), stage.files('plain'), stage.files('other')], [true, own, []]);
    await stage.ended(await requests.deleteVolume(stage.db, id));
  });

  it('goes back to the bytes of the snapshot, over raw and qcow2 bases, again and again', async () => {
    for (const backend of Object.keys(backends) as Backend[]) {
      const id = await stage.make(backend);
      if (backend === 'other') await stage.db('volumes').where({ id }).update({ base_format: 'raw' });
      await stage.write(id, 'write -P 1 0 2M');
      const older = await stage.ended(await requests.createSnapshot(stage.db, id));
      await stage.write(id, 'write -P 2 1M 2M');
      const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
      const frozen = await stage.picture(id);
      for (const pattern of [3, 4]) {
        await stage.write(id, `write -P ${pattern} 0 8M`);
        assert.equal(await stage.looksLike(id, frozen), false);
        await stage.ended(await requests.revertVolume(stage.db, id, snapshot));
        assert.equal(await stage.looksLike(id, frozen), true, backend);
        assert.equal(stage.files(backend).filter((name) => !name.endsWith('.info')).length, 3);
      }
      await stage.write(id, 'write -P 5 4M 1M');
      const last = await stage.picture(id);
      for (const one of [older, snapshot]) await stage.ended(await requests.deleteSnapshot(stage.db, id, one));
      assert.equal(await stage.looksLike(id, last), true, 'merged after a revert');
      await stage.ended(await requests.deleteVolume(stage.db, id));
      assert.deepEqual(stage.files(backend), []);
    }
  });

  it('keeps what was written when a revert fails', async () => {
    const id = await stage.make();
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.write(id, 'write -P 9 0 1M');
    const [before, own] = [await stage.picture(id), stage.files('plain')];
    stage.refused.push('verify-chain');
    await stage.ended(await requests.revertVolume(stage.db, id, snapshot), 'failed');
    stage.refused.pop();
    assert.deepEqual([await stage.looksLike(id, before), stage.files('plain')], [true, own]);
    await stage.ended(await requests.deleteSnapshot(stage.db, id, snapshot));
    await stage.ended(await requests.deleteVolume(stage.db, id));
  });

  it('takes a volume over again that it has let go', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 77 0 1M');
    const before = await stage.picture(id);
    const { name } = await stage.activeFile(id);
    await stage.ended(await requests.unmanageVolume(stage.db, id));
    assert.deepEqual(stage.files('plain'), [path.basename(name)]);
    const place = { pool: stage.pool('plain'), computeHost: 'host' };
    const again = await stage.ended(await requests.manageVolume(stage.db, place, path.basename(name)));
    assert.equal(await stage.looksLike(again, before), true);
    await stage.ended(await requests.deleteVolume(stage.db, again));
    assert.deepEqual(stage.files('plain'), []);
  });
});
