// Shares as administrators see them, and their maintenance: begun, refused while files heal, emptied, ended.
import assert from 'node:assert/strict';
import { type BlockRig, poolName } from '../block-storage/block-rig.js';

export function poolCases(getRig: () => BlockRig): void {
  describe('shares', () => {
    let rig: BlockRig;
    const path = `/v1/pools/${encodeURIComponent(poolName)}`;
    const maintain = (maintenance: object) => rig.askAdmin('PUT', `${path}/maintenance`, { body: { maintenance } });
    const setFindings = (findings: readonly object[]) =>
      rig
        .database('pools')
        .where({ name: poolName })
        .update({ findings: JSON.stringify(findings) });

    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      await rig.askAdmin('DELETE', `${path}/maintenance`);
      await setFindings([]);
      await rig.clear();
    });

    it('are listed with their findings, and shown one by one', async () => {
      const finding = { code: 'bricks.down', severity: 'warning', text: 'a brick is down', cure: 'start it' };
      await setFindings([finding]);
      const { body } = await rig.askAdmin('GET', '/v1/pools');
      const pool = body.pools.find((one: { name: string }) => one.name === poolName);
      assert.deepEqual(pool.findings, [finding]);
      assert.deepEqual([pool.state, pool.maintenance, pool.retired], ['up', null, false]);
      const shown = await rig.askAdmin('GET', path);
      assert.equal(shown.status, 200);
      assert.deepEqual([shown.body.pool.name, shown.body.evacuation], [poolName, null]);
      assert.equal((await rig.askAdmin('GET', '/v1/pools/x%40y%23z')).status, 404);
    });

    it('in maintenance get no new volumes, and the user reads why', async () => {
      const begun = await maintain({ reason: 'new disks' });
      assert.equal(begun.status, 200, JSON.stringify(begun.body));
      assert.equal(begun.body.pool.maintenance.reason, 'new disks');
      const made = await rig.ask('POST', '/volumes', { body: { volume: { size: 1 } } });
      assert.equal(made.status, 202);
      const row: { status: string } = await rig.database('volumes').where({ id: made.body.volume.id }).first('status');
      assert.equal(row.status, 'error');
      const messages = await rig.ask('GET', '/messages', { version: '3.71' });
      assert.match(messages.body.messages[0].user_message, /in maintenance/);
      assert.equal((await rig.askAdmin('DELETE', `${path}/maintenance`)).status, 204);
      await rig.volume();
    });

    it('are not taken out of service while they heal, unless forced', async () => {
      await setFindings([{ code: 'heal.pending', severity: 'warning', text: '3 entries wait', cure: 'wait' }]);
      const refused = await maintain({});
      assert.equal(refused.status, 409);
      assert.match(refused.body.conflictingRequest.message, /3 entries wait/);
      assert.equal((await maintain({ force: true })).status, 200);
    });

    it('are emptied when that is asked for, and what stays says why', async () => {
      const volume = await rig.volume();
      await rig.snapshot(volume);
      const broken = await rig.volume();
      await rig.database('volumes').where({ id: broken }).update({ status: 'error' });
      const { status, body } = await maintain({ evacuate_at_once: 2 });
      assert.equal(status, 200, JSON.stringify(body));
      const { total, gone, moving, waiting, volumes } = body.evacuation;
      assert.deepEqual({ total, gone, moving, waiting }, { total: 2, gone: 0, moving: 0, waiting: 1 });
      const outlooks = new Map(volumes.map((one: { volume_id: string }) => [one.volume_id, one]));
      assert.deepEqual(outlooks.get(volume), { volume_id: volume, outlook: 'waiting', reason: null });
      assert.deepEqual(outlooks.get(broken), { volume_id: broken, outlook: 'stays', reason: 'its status is error' });
    });

    it('refuse bad wishes and change nothing', async () => {
      for (const wish of [{ evacuate_at_once: 0 }, { evacuate_at_once: 101 }, { colour: 'red' }, { force: 'x' }]) {
        assert.equal((await maintain(wish)).status, 400, JSON.stringify(wish));
      }
      assert.equal((await rig.askAdmin('GET', path)).body.pool.maintenance, null);
      const nowhere = await rig.askAdmin('DELETE', '/v1/pools/x%40y%23z/maintenance');
      assert.equal(nowhere.status, 404);
    });
  });
}
