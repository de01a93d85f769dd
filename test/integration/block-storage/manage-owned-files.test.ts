// Managing a file renames it: a file that belongs to a volume on record, in whatever state and under whatever pool's name, must not be taken
// from it. What nobody owns any more can be taken.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ownersOf } from '../../../services/core/db/block-storage/manageable.js';
import {
  type Answer,
  BlockRig,
  backendHost,
  insertPool,
  poolName,
  projectOf,
} from '../../contract/block-storage/block-rig.js';

describe('managing files that are volumes already', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  const share = poolName.slice(poolName.indexOf('#') + 1);
  const [host = ''] = backendHost.split('@');
  /** The same directory under another backend's name. */
  const alias = `${host}@alias#${share}`;
  const other = `${host}@other#10.0.0.9:/elsewhere`;
  before(async () => {
    rig = await BlockRig.open();
    for (const pool of [alias, other]) await insertPool(rig.database, pool);
    await rig.database('pools').whereIn('name', [alias, other]).update({ free_bytes: 0 });
  });
  after(() => rig.close());

  const manage = (file: string, pool = poolName): Promise<Answer> =>
    rig.ask('POST', '/os-volume-manage', {
      as: 'admin',
      body: { volume: { host: pool, ref: { 'source-name': file } } },
    });

  async function demandOwned(file: string): Promise<void> {
    for (const pool of [poolName, alias, other]) {
      const answer = await manage(file, pool);
      assert.equal(answer.status, 400, `${file} on ${pool}`);
      assert.match(answer.body.badRequest.message, /already managed/);
    }
  }

  it('leaves a volume its files, whatever the pool is called, and its overlays', async () => {
    const id = await rig.volume();
    const snapshot = await rig.snapshot(id);
    for (const file of [`volume-${id}`, `volume-${id}.${snapshot}`, `fetched-${id}`]) await demandOwned(file);
    await rig.clear();
    assert.equal((await manage(`volume-${id}`)).status, 202, 'deleted: the name is nobody’s');
    await rig.engine.settle();
  });

  it('leaves a volume the file that is being made for it, and the one that could not be made', async () => {
    const answer = await rig.ask('POST', '/volumes', { body: { volume: { size: 1 } } });
    const id = answer.body.volume.id as string;
    await demandOwned(`volume-${id}`);
    const full = { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true } as const;
    rig.engine.interfere = ({ phase }) => (phase === 'do' ? full : null);
    await rig.engine.settle();
    rig.engine.interfere = () => null;
    assert.equal(await rig.statusOf(id), 'error');
    await demandOwned(`volume-${id}`);
    await rig.clear();
  });

  it('leaves a move its copy, and the moved volume its file', async () => {
    const id = await rig.volume();
    await rig
      .database('pools')
      .where({ name: other })
      .update({ free_bytes: 90 * 1024 ** 3 });
    assert.equal((await rig.act(id, { 'os-migrate_volume': { host: other } }, { as: 'admin' })).status, 202);
    const copy = (await rig.engine.takeCommand())?.params as { target: { file: string } };
    await demandOwned(copy.target.file);
    await rig.engine.settle();
    assert.deepEqual(await rig.engine.chainFiles(id), [copy.target.file]);
    await demandOwned(copy.target.file);
    // Let go, its file is the operator's again.
    assert.equal((await rig.act(id, { 'os-unmanage': {} }, { as: 'admin' })).status, 202);
    await rig.engine.settle();
    assert.equal((await manage(copy.target.file, other)).status, 202);
    await rig.engine.settle();
    await rig.clear();
  });

  it('leaves a restore, and what is sent or fetched, the files that are being made', async () => {
    const id = await rig.volume();
    const [nameId, transferId] = [randomUUID(), randomUUID()];
    const made = [
      { type: 'backup-restore', params: { volumeId: id, backupId: randomUUID(), nameId }, files: [`volume-${nameId}`] },
      {
        type: 'volume-receive',
        params: { volumeId: id, transferId },
        files: [`upload-${transferId}`, `download-${transferId}`],
      },
    ];
    for (const { type, params, files } of made) {
      const operation = {
        ...{ id: randomUUID(), type, params: JSON.stringify(params), state: 'running' },
        ...{ seq: rig.database.raw("nextval('operation_seq')"), request_id: 'req-1' },
        ...{ project_id: projectOf('admin'), user_id: 'user' },
      };
      await rig.database('operations').insert(operation);
      for (const file of files) await demandOwned(file);
      assert.deepEqual(
        await ownersOf(rig.database, [...files, 'strangers.img']),
        new Map(files.map((file) => [file, id])),
        'no list offers them, or calls them orphans',
      );
      await rig.database('operations').where({ id: operation.id }).update({ state: 'failed' });
      assert.equal((await ownersOf(rig.database, files)).size, 0);
    }
    await rig.clear();
  });

  it('gives back the file that could not be taken over', async () => {
    rig.engine.world.files.set('import.img', { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: null });
    const limit = { project_id: projectOf('admin'), resource: 'gigabytes', hard_limit: 0 };
    await rig.database('quota_limits').insert(limit);
    const first = await manage('import.img');
    assert.equal(first.status, 202);
    const id = first.body.volume.id as string;
    await demandOwned(`volume-${id}`);
    await rig.engine.settle();
    assert.equal(await rig.engine.statusOf('volumes', id), 'error_managing');
    await rig.database('quota_limits').delete();
    const again = await manage(`volume-${id}`);
    assert.equal(again.status, 202, JSON.stringify(again.body));
    await rig.engine.settle();
    assert.equal(await rig.statusOf(again.body.volume.id as string), 'available');
    assert.equal((await rig.ask('DELETE', `/volumes/${id}`, { as: 'admin' })).status, 202);
    await rig.engine.settle();
    assert.ok(rig.engine.world.files.has(`volume-${again.body.volume.id as string}`));
    await rig.clear();
  });
});
