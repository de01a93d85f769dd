// Races about groups, over the real engine: the last members that end at once, and requests that meet each other. Whatever wins, the group
// and its volumes come to rest, and no volume is both gone and a member.
import assert from 'node:assert/strict';
import type { Command } from '../../../services/core/messages/envelope.js';
import { type Answer, BlockRig, projectOf } from '../../contract/block-storage/block-rig.js';

const version = '3.71';
const rounds = 8;

describe('races about groups', function () {
  this.timeout(60_000);
  let rig: BlockRig;

  before(async () => {
    rig = await BlockRig.open();
  });
  afterEach(() => rig.clear());
  after(() => rig.close());

  const groupStatus = async (id: string): Promise<string | number> => {
    const answer = await rig.ask('GET', `/groups/${id}`, { version });
    return answer.status === 200 ? (answer.body.group.status as string) : answer.status;
  };
  const deleteGroup = (id: string): Promise<Answer> =>
    rig.ask('POST', `/groups/${id}/action`, { version, body: { delete: { 'delete-volumes': true } } });
  const change = (id: string, group: object): Promise<Answer> =>
    rig.ask('PUT', `/groups/${id}`, { version, body: { group } });
  const makeIn = (id: string): Promise<Answer> =>
    rig.ask('POST', '/volumes', { version, body: { volume: { size: 1, volume_type: '__DEFAULT__', group_id: id } } });

  /** Answers all commands that wait at the same time, until none is left. */
  async function settleAtOnce(): Promise<void> {
    for (;;) {
      const commands: Command[] = [];
      for (let next = await rig.engine.takeCommand(); next !== null; next = await rig.engine.takeCommand())
        commands.push(next);
      if (commands.length === 0 && (await rig.engine.sweep()) === 0) return;
      const answers = commands.map((command) => ({ command, outcome: rig.engine.perform(command) }));
      await Promise.all(answers.map(({ command, outcome }) => rig.engine.answer(command, outcome)));
    }
  }

  it('settles when its members end at the same moment', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const group = await rig.group();
      for (let count = 0; count < 3; count += 1) await rig.volumeIn(group);
      const body = { group_snapshot: { group_id: group } };
      const made = await rig.ask('POST', '/group_snapshots', { version, body });
      const id = made.body.group_snapshot.id as string;
      await settleAtOnce();
      const shown = await rig.ask('GET', `/group_snapshots/${id}`, { version });
      assert.equal(shown.body.group_snapshot.status, 'available');
      assert.equal((await rig.ask('DELETE', `/group_snapshots/${id}`, { version })).status, 202);
      await settleAtOnce();
      assert.equal((await rig.ask('GET', `/group_snapshots/${id}`, { version })).status, 404);
      assert.equal((await deleteGroup(group)).status, 202);
      await settleAtOnce();
      assert.equal(await groupStatus(group), 404);
    }
  });

  it('has no member that is deleted by itself', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const group = await rig.group();
      const volume = await rig.volume();
      const [joined, deleted] = await Promise.all([
        change(group, { add_volumes: volume }),
        rig.ask('DELETE', `/volumes/${volume}`),
      ]);
      assert.deepEqual([joined.status, deleted.status].sort(), [202, 400], 'one of them wins');
      await rig.engine.settle();
      assert.equal(await rig.statusOf(volume), joined.status === 202 ? 'available' : 404);
      await rig.clear();
    }
  });

  it('never loses a volume that is made while its group is deleted', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const group = await rig.group();
      const [made, deleted] = await Promise.all([makeIn(group), deleteGroup(group)]);
      assert.ok([202, 400, 404].includes(made.status), String(made.status));
      assert.ok([202, 400].includes(deleted.status), String(deleted.status));
      assert.notEqual(made.status === 202, deleted.status === 202, 'one of them wins');
      await rig.engine.settle();
      assert.equal(await groupStatus(group), made.status === 202 ? 'available' : 404);
      await rig.clear();
    }
  });

  it('takes a volume into one of two groups', async () => {
    const groups = [await rig.group(), await rig.group()];
    const volume = await rig.volume();
    const answers = await Promise.all(groups.map((id) => change(id, { add_volumes: volume })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, 400]);
  });

  it('keeps the quota of groups', async () => {
    const first = await rig.group();
    const type = (await rig.ask('GET', `/groups/${first}`, { version })).body.group.group_type as string;
    await rig.database('quota_limits').insert({ project_id: projectOf('ann'), resource: 'groups', hard_limit: 3 });
    const body = { group: { group_type: type, volume_types: ['__DEFAULT__'] } };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => rig.ask('POST', '/groups', { version, body })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, 202, 413, 413, 413]);
  });

  it('takes group snapshots and copies of one group at once', async () => {
    const group = await rig.group();
    for (let count = 0; count < 2; count += 1) await rig.volumeIn(group);
    const answers = await Promise.all([
      rig.ask('POST', '/group_snapshots', { version, body: { group_snapshot: { group_id: group } } }),
      rig.ask('POST', '/group_snapshots', { version, body: { group_snapshot: { group_id: group } } }),
      rig.ask('POST', '/groups/action', { version, body: { 'create-from-src': { source_group_id: group } } }),
    ]);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [202, 202, 202],
    );
    await settleAtOnce();
    const groups = (await rig.ask('GET', '/groups/detail', { version })).body.groups as { status: string }[];
    assert.deepEqual(
      groups.map((one) => one.status),
      ['available', 'available'],
    );
    const taken = (await rig.ask('GET', '/group_snapshots/detail', { version })).body.group_snapshots;
    assert.deepEqual(
      (taken as { status: string }[]).map((one) => one.status),
      ['available', 'available'],
    );
  });
});
