// Two clients at once on one volume, every pair of deeds: no answer is a server error, everything comes to rest, nothing is left.
import assert from 'node:assert/strict';
import { type Answer, BlockRig, projectOf } from '../../contract/block-storage/block-rig.js';

describe('races on the block-storage API', function () {
  this.timeout(120_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
    await rig.database('quota_limits').insert(
      ['volumes', 'snapshots', 'gigabytes'].map((resource) => ({
        project_id: projectOf('ann'),
        resource,
        hard_limit: -1,
      })),
    );
  });
  after(() => rig.close());

  const version = '3.71';
  type Deed = (volume: string, snapshot: string) => Promise<Answer>;
  const deeds: Record<string, Deed> = {
    delete: (id) => rig.ask('DELETE', `/volumes/${id}`, { version }),
    cascade: (id) => rig.ask('DELETE', `/volumes/${id}?cascade=true`, { version }),
    extend: (id) => rig.act(id, { 'os-extend': { new_size: 2 } }, { version }),
    snapshot: (id) => rig.ask('POST', '/snapshots', { version, body: { snapshot: { volume_id: id } } }),
    unsnapshot: (_id, snapshot) => rig.ask('DELETE', `/snapshots/${snapshot}`, { version }),
    clone: (id) => rig.ask('POST', '/volumes', { version, body: { volume: { size: 1, source_volid: id } } }),
    restore: (_id, snapshot) =>
      rig.ask('POST', '/volumes', { version, body: { volume: { size: 1, snapshot_id: snapshot } } }),
    attach: (id) =>
      rig.ask('POST', '/attachments', { version, body: { attachment: { volume_uuid: id, connector: { host: 'h' } } } }),
    reserve: (id) => rig.act(id, { 'os-reserve': null }, { version }),
  };

  /** Deletions of what copies stand on wait until the scheduler has made the copies independent. */
  async function settle(): Promise<void> {
    await rig.engine.settle();
    await rig.engine.flattenAll();
  }

  async function bringToRest(): Promise<void> {
    await settle();
    const stuck: unknown[] = await rig
      .database('volumes')
      .whereNotIn('status', ['available', 'attaching', 'error_extending', 'error_deleting'])
      .select('id', 'status');
    assert.deepEqual(stuck, []);
    await rig.database('attachments').delete();
    await rig.database('volumes').update({ status: 'available', attach_status: 'detached' });
    const volumes: { id: string }[] = await rig.database('volumes').select('id');
    for (const { id } of volumes) assert.equal((await deeds['cascade']?.(id, ''))?.status, 202);
    await settle();
    assert.deepEqual(await rig.database('volumes').select('id'), []);
    await rig.engine.assertNothingLeft();
  }

  const names = Object.keys(deeds);
  for (const [index, first] of names.entries()) {
    it(`${first} against everything else`, async () => {
      for (const second of names.slice(index)) {
        const id = await rig.volume();
        const snapshot = await rig.snapshot(id);
        const answers = await Promise.all([deeds[first]?.(id, snapshot), deeds[second]?.(id, snapshot)]);
        for (const answer of answers)
          assert.ok((answer?.status ?? 500) < 500, `${first} and ${second}: ${JSON.stringify(answer?.body)}`);
        await bringToRest();
      }
    });
  }

  it('T-A05 gives one volume to one of many who reserve it', async () => {
    const id = await rig.volume();
    const answers = await Promise.all(Array.from({ length: 8 }, () => rig.act(id, { 'os-reserve': null })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, ...Array.from({ length: 7 }, () => 400)]);
    await bringToRest();
  });

  it('never promises more than a pool has', async () => {
    const creates = Array.from({ length: 30 }, () => rig.ask('POST', '/volumes', { body: { volume: { size: 100 } } }));
    const answers = await Promise.all(creates);
    assert.ok(answers.every((answer) => answer.status === 202));
    const [pool]: { provisioned_gib: number }[] = await rig.database('pools').select('provisioned_gib');
    assert.ok((pool?.provisioned_gib ?? Infinity) <= 2000, `promised ${pool?.provisioned_gib}`);
    const failed = answers.filter((answer) => answer.body.volume.status === 'error').length;
    assert.equal(failed, 30 - (pool?.provisioned_gib ?? 0) / 100);
    await rig.engine.settle();
    await rig.database('volumes').where({ status: 'error' }).delete();
    await bringToRest();
  });
});
