// Snapshots of several volumes by one operation: one switch for all disks of a guest, all or nothing before it, forward behind it.
import assert from 'node:assert/strict';
import type { Command, CommandParams } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import {
  actOnServer,
  attachVolume,
  createGroupSnapshot,
  createServer,
  createSnapshot,
  createVolume,
  deleteSnapshot,
} from './requests.js';
import { place, Rig } from './rig.js';

describe('the snapshots of a group', () => {
  let database: TestDatabase;
  let rig: Rig;

  before(async () => {
    database = await freshDatabase();
    rig = await Rig.open(database.url);
  });
  after(async () => {
    await rig?.close();
    await database?.drop();
    await closeOwnParts();
  });
  beforeEach(() => {
    rig.interfere = () => null;
    rig.commands.length = 0;
  });
  afterEach(() => rig.assertNothingLeft());

  const volume = async (): Promise<string> => {
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    return id;
  };
  const guest = async (volumeIds: readonly string[], computeHost = place.computeHost): Promise<string> => {
    const { id } = await createServer(rig.db, { ...place, computeHost }, volumeIds);
    await rig.settle();
    return id;
  };
  const take = async (volumeIds: readonly string[], consistent = false) => {
    rig.commands.length = 0;
    const asked = await createGroupSnapshot(rig.db, volumeIds, consistent);
    await rig.settle();
    const rows: { id: string; volume_id: string; status: string }[] = await rig
      .db('snapshots')
      .where({ group_snapshot_id: asked.id });
    const group: { status: string } | undefined = await rig.db('group_snapshots').where({ id: asked.id }).first();
    return { ...asked, status: group?.status, rows, end: await rig.operation(asked.operationId) };
  };
  const switches = () => rig.commands.filter((one): one is Command<'guest.switch'> => one.type === 'guest.switch');
  const switched = ({ params }: { readonly params: CommandParams<'guest.switch'> }) =>
    params.disks.map(({ volumeId }) => volumeId).sort();
  const queues = async (operationId: string) => {
    const row: { visited: string[] } | undefined = await rig.db('operations').where({ id: operationId }).first();
    return row?.visited ?? [];
  };
  const layers = async (volumeIds: readonly string[]) =>
    Promise.all(volumeIds.map(async (id) => (await rig.chainFiles(id)).length));
  const messages = async (id: string): Promise<{ text: string; level: string }[]> =>
    (await rig.db('user_messages').where({ resource_uuid: id })).map((row: Record<string, string>) => ({
      text: row['user_message'] ?? '',
      level: row['message_level'] ?? '',
    }));

  it('of a running guest are one switch, after everything else is prepared, with a freeze', async () => {
    const ids = [await volume(), await volume(), await volume()];
    await guest(ids);
    const { status, rows, operationId } = await take(ids);
    assert.equal(status, 'available');
    assert.deepEqual(
      rows.map((one) => one.status),
      ['available', 'available', 'available'],
    );
    assert.deepEqual(switches().map(switched), [[...ids].sort()]);
    assert.equal(switches()[0]?.params.freeze, 'try');
    assert.deepEqual(await layers(ids), [2, 2, 2]);
    const steps = await queues(operationId);
    const at = steps.indexOf('switch-guest:0');
    assert.deepEqual(
      steps.filter((step) => step.startsWith('prepare-overlay')).map((step) => steps.indexOf(step) < at),
      [true, true, true],
    );
  });

  it('of idle volumes are read back before any record changes, and one that is not right takes all back', async () => {
    const ids = [await volume(), await volume()];
    const good = await take(ids);
    assert.equal(good.status, 'available');
    assert.deepEqual(switches(), []);
    assert.deepEqual(await layers(ids), [2, 2]);
    rig.interfere = ({ step }) =>
      step === 'verify-idle:1'
        ? { kind: 'failed', error: { code: 'chain_mismatch', message: 'no' }, partial: false }
        : null;
    const bad = await take(ids);
    assert.deepEqual([bad.status, bad.end.state], ['error', 'failed']);
    assert.deepEqual(
      bad.rows.map((one) => one.status),
      ['error', 'error'],
    );
    assert.deepEqual(await layers(ids), [2, 2]);
  });

  it('of idle and attached volumes become true together', async () => {
    const [idle, attached] = [await volume(), await volume()];
    await guest([attached]);
    const asked = await createGroupSnapshot(rig.db, [idle, attached], true);
    for (;;) {
      const command = await rig.takeCommand();
      assert.ok(command, 'the switch is asked for');
      assert.deepEqual(await layers([idle, attached]), [1, 1], `before ${command.step}`);
      await rig.answer(command, rig.perform(command));
      if (command.type === 'guest.switch') break;
    }
    assert.deepEqual(await layers([idle, attached]), [2, 2]);
    await rig.settle();
    assert.equal((await rig.operation(asked.operationId)).state, 'done');
  });

  it('at two servers are one switch for each, and none where one instant is promised', async () => {
    const ids = [await volume(), await volume(), await volume()];
    await guest(ids.slice(0, 2));
    await guest(ids.slice(2), 'other');
    const refused = await take(ids, true);
    assert.deepEqual([refused.status, refused.end.error?.code], ['error', 'volume_state']);
    assert.deepEqual(rig.commands, []);
    assert.match((await messages(refused.rows[0]?.id ?? ''))[0]?.text ?? '', /^create group snapshot:/);
    const taken = await take(ids);
    assert.equal(taken.status, 'available');
    assert.deepEqual(switches().map(switched), [ids.slice(0, 2).sort(), ids.slice(2)]);
    assert.deepEqual(await layers(ids), [2, 2, 2]);
  });

  it('are all taken back when the switch is refused, and go on when the guest had switched all the same', async () => {
    const ids = [await volume(), await volume()];
    await guest(ids);
    const refuse = { kind: 'failed', error: { code: 'chain_mismatch', message: 'no' }, partial: false } as const;
    rig.interfere = ({ type }) => (type === 'guest.switch' ? refuse : null);
    assert.equal((await take(ids)).status, 'error');
    assert.deepEqual(await layers(ids), [1, 1]);
    rig.interfere = (command) => {
      if (command.type !== 'guest.switch') return null;
      rig.perform(command);
      return refuse;
    };
    assert.equal((await take(ids)).status, 'available');
    assert.deepEqual(await layers(ids), [2, 2]);
  });

  it('at two servers, the second of which refuses, stay where they were taken; the rest is as before', async () => {
    const [first, second, idle] = [await volume(), await volume(), await volume()];
    const ids = [first, second, idle];
    await guest([first]);
    await guest([second], 'other');
    let refusals = 0;
    rig.interfere = (command) => {
      if (command.step !== 'switch-guest:1' || command.phase !== 'do') return null;
      refusals += 1;
      return { kind: 'failed', error: { code: 'chain_mismatch', message: 'no' }, partial: false };
    };
    const { status, rows, end } = await take(ids);
    assert.deepEqual([refusals, status, end.state], [1, 'error', 'done']);
    const byVolume = new Map(rows.map((row) => [row.volume_id, row]));
    assert.deepEqual(
      ids.map((id) => byVolume.get(id)?.status),
      ['available', 'error', 'available'],
    );
    assert.deepEqual(await layers(ids), [2, 1, 2], 'what was switched is a layer on record');
    assert.match((await messages(byVolume.get(second)?.id ?? ''))[0]?.text ?? '', /image files of the volume/);
    const removed = rig.commands.filter((one) => one.type === 'files.remove').map(({ step }) => step);
    assert.deepEqual(removed, ['remove-overlay:1']);
    assert.ok(!rig.commands.some(({ step }) => step === 'write-record:1'));
    rig.interfere = () => null;
    for (const one of rows) await deleteSnapshot(rig.db, one.volume_id, one.id);
    await rig.settle();
    assert.deepEqual(await layers(ids), [1, 1, 1]);
    assert.equal((await take(ids)).status, 'available');
  });

  it('at two servers, the second of which had switched although it says no, are all there', async () => {
    const ids = [await volume(), await volume()];
    await guest(ids.slice(0, 1));
    await guest(ids.slice(1), 'other');
    rig.interfere = (command) => {
      if (command.step !== 'switch-guest:1' || command.phase !== 'do') return null;
      rig.perform(command);
      return { kind: 'failed', error: { code: 'chain_mismatch', message: 'no' }, partial: false };
    };
    assert.equal((await take(ids)).status, 'available');
    assert.deepEqual(await layers(ids), [2, 2]);
  });

  it('wait for what holds one of the volumes, and hold all while they run', async () => {
    const ids = [await volume(), await volume()];
    const first = await createSnapshot(rig.db, ids[1] ?? '');
    const asked = await createGroupSnapshot(rig.db, ids);
    assert.equal((await rig.operation(asked.operationId)).state, 'pending');
    const behind = await createSnapshot(rig.db, ids[0] ?? '');
    assert.equal((await rig.operation(behind.operationId)).state, 'pending');
    await rig.settle();
    for (const one of [first, asked, behind]) assert.equal((await rig.operation(one.operationId)).state, 'done');
    assert.deepEqual(await layers(ids), [3, 3]);
  });

  it('see a volume that was attached while they waited', async () => {
    const ids = [await volume(), await volume()];
    const serverId = await guest([await volume()]);
    const attach = await attachVolume(rig.db, ids[1] ?? '', serverId);
    const asked = await createGroupSnapshot(rig.db, ids);
    await rig.settle();
    assert.equal((await rig.operation(attach.operationId)).state, 'done');
    assert.equal((await rig.operation(asked.operationId)).state, 'done');
    assert.deepEqual(switches().map(switched), [[ids[1]]]);
    await actOnServer(rig.db, 'server-stop', serverId);
    await rig.settle();
    assert.equal((await take(ids)).status, 'available');
    assert.deepEqual(switches(), [], 'a server that does not run has nothing open');
  });

  for (const [reason, words] of [
    ['no_agent', /without freezing the file systems of the server: no agent answered there\.$/],
    ['agent_refused', /the agent there refused\.$/],
    ['too_slow', /could not be held still long enough\.$/],
    ['unknown', /is not known\.$/],
  ] as const) {
    it(`say that nothing was frozen: ${reason}`, async () => {
      const ids = [await volume(), await volume()];
      await guest(ids);
      rig.interfere = (command) => {
        const said = command.type === 'guest.switch' ? rig.perform(command) : null;
        if (said?.kind !== 'done') return null;
        return { ...said, output: { ...said.output, freeze: { frozen: false, fileSystems: 0, reason } } };
      };
      const { id } = await take(ids);
      const told = await messages(id);
      assert.equal(told.length, 1);
      assert.equal(told[0]?.level, 'WARNING');
      assert.match(told[0]?.text ?? '', words);
      const alone = await createSnapshot(rig.db, ids[0] ?? '');
      await rig.settle();
      assert.match((await messages(alone.id))[0]?.text ?? '', words);
    });
  }

  it('say nothing when the file systems were frozen', async () => {
    const ids = [await volume()];
    await guest(ids);
    rig.interfere = (command) => {
      const said = command.type === 'guest.switch' ? rig.perform(command) : null;
      if (said?.kind !== 'done') return null;
      return { ...said, output: { ...said.output, freeze: { frozen: true, fileSystems: 2, reason: null } } };
    };
    const { id, status } = await take(ids);
    assert.deepEqual([status, await messages(id)], ['available', []]);
  });
});
