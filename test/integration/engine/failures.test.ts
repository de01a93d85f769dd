// What the engine does with answers that are late, foreign, repeated, missing or bad.
import assert from 'node:assert/strict';
import { applyResult, wakeOperation } from '../../../services/core/db/engine/results.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import {
  actOnServer,
  attachVolume,
  createServer,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  deleteVolume,
  extendVolume,
} from './requests.js';
import { place, Rig, settings, unknownId } from './rig.js';

const failed = (code: string) => ({ kind: 'failed' as const, error: { code, message: code }, partial: false });

describe('engine: failures', function () {
  this.timeout(30_000);
  let rig: Rig;
  let drop: () => Promise<void>;

  before(async () => {
    const database = await freshDatabase();
    drop = () => database.drop();
    rig = await Rig.open(database.url);
  });
  after(async () => {
    await rig.close();
    await drop();
    await closeOwnParts();
  });
  afterEach(async () => {
    rig.interfere = () => null;
    await rig.settle();
    const volumes: { id: string; status: string }[] = await rig.db('volumes').select('id', 'status');
    for (const volume of volumes) await deleteVolume(rig.db, volume.id);
    await rig.settle();
    await rig.assertNothingLeft();
  });

  async function take(): Promise<Command> {
    const command = await rig.takeCommand();
    assert.ok(command, 'a command waits');
    return command;
  }

  it('ignores results that it does not wait for', async () => {
    const { operationId } = await createVolume(rig.db, place);
    const command = await take();
    const done = rig.perform(command);
    const wrong: [Partial<Command>, RegExp][] = [
      [{ operationId: unknownId() }, /unknown operation/],
      [{ attempt: command.attempt + 1 }, /waits for attempt/],
      [{ step: 'copy-image' }, /waits for do create-image/],
      [{ phase: 'undo' }, /waits for do create-image/],
    ];
    for (const [change, reason] of wrong) {
      const applied = await rig.answer({ ...command, ...change }, done);
      assert.equal(applied.kind, 'ignored');
      assert.match(applied.kind === 'ignored' ? applied.reason : '', reason);
    }
    assert.equal((await rig.operation(operationId)).state, 'running');
    assert.equal((await rig.answer(command, done)).kind, 'applied');
    const again = await rig.answer(command, done);
    assert.equal(again.kind === 'ignored' && again.reason, 'operation is done');
  });

  it('asks again with a higher attempt and epoch after silence, and ignores the late first answer', async () => {
    await createVolume(rig.db, place);
    const first = await take();
    await rig.sweep();
    const second = await take();
    assert.equal(second.step, first.step);
    assert.ok(second.attempt > first.attempt && second.epoch > first.epoch);
    const late = await rig.answer(first, rig.perform(first));
    assert.equal(late.kind, 'ignored');
    assert.equal((await rig.answer(second, rig.perform(second))).kind, 'applied');
  });

  it('asks a worker that has just begun again at once, without counting a try, and only for what is waited for', async () => {
    const { operationId } = await createVolume(rig.db, place);
    const first = await take();
    assert.equal(first.life, null);
    const askAgain = { ...failed('fenced'), askAgain: 'a life' };
    assert.equal((await rig.answer(first, askAgain)).kind, 'applied');
    const second = await take();
    assert.deepEqual([second.step, second.life, second.attempt], [first.step, 'a life', first.attempt + 1]);
    assert.ok(second.epoch > first.epoch);
    const row: { tries: number; state: string } | undefined = await rig
      .db('operations')
      .where({ id: operationId })
      .first('tries', 'state');
    assert.deepEqual({ ...row }, { tries: 0, state: 'running' });
    assert.equal((await rig.answer(first, askAgain)).kind, 'ignored');
    assert.equal((await rig.answer(second, failed('no_space'))).kind, 'applied');
    while (await rig.step());
    assert.equal((await rig.operation(operationId)).state, 'failed');
    assert.equal((await rig.answer(second, askAgain)).kind, 'ignored', 'a successor that was given it again');
    assert.equal(await rig.takeCommand(), null);
  });

  it('tells a person of a step by which one life of its worker after the other ends, and goes on when one does not', async () => {
    const { operationId } = await createVolume(rig.db, place);
    let command = await take();
    for (let life = 0; life <= 10; life += 1) {
      assert.equal((await rig.operation(operationId)).state, 'running', `after ${life} lives`);
      const died = life === 0 ? {} : { askedBefore: true };
      await rig.answer(command, { ...failed('fenced'), askAgain: `life ${life}`, ...died });
      command = await take();
      assert.equal(command.life, `life ${life}`);
    }
    assert.equal((await rig.operation(operationId)).state, 'stuck');
    assert.deepEqual(rig.stuck.splice(0), [operationId]);
    assert.equal((await rig.answer(command, rig.perform(command))).kind, 'applied');
    while (await rig.step());
    assert.equal((await rig.operation(operationId)).state, 'done');
  });

  it('does not take a command that still lies in the outbox for silence', async () => {
    const { operationId } = await createVolume(rig.db, place);
    await rig
      .db('operations')
      .where({ id: operationId })
      .update({ wake_at: rig.db.raw("utc_now() - interval '1 second'") });
    const woken = await rig.db.transaction((tx) => wakeOperation(tx, operationId, settings));
    assert.equal(woken.kind, 'ignored');
    assert.equal((await rig.db('outbox')).length, 1);
    const row: { tries: number } | undefined = await rig.db('operations').where({ id: operationId }).first('tries');
    assert.equal(row?.tries, 0);
  });

  it('pauses and repeats a step whose error may pass, then goes on', async () => {
    let failures = 3;
    rig.interfere = (command) => {
      if (command.type !== 'image.create' || failures === 0) return null;
      failures -= 1;
      return failed('backend_offline');
    };
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', id), 'available');
  });

  it('ignores an answer that comes while it pauses', async () => {
    const { operationId } = await createVolume(rig.db, place);
    const command = await take();
    await rig.answer(command, failed('backend_offline'));
    const late = await rig.answer(command, rig.perform(command));
    assert.equal(late.kind === 'ignored' && late.reason, 'operation pauses before its next try');
    await rig.settle();
    assert.equal((await rig.operation(operationId)).state, 'done');
  });

  it('gives up a step that fails after progress every time', async () => {
    rig.interfere = (command) => {
      if (command.type !== 'image.create' || command.phase === 'undo') return null;
      return failed('backend_offline');
    };
    const { id, operationId } = await createVolume(rig.db, place);
    let gaveUp = false;
    for (let turn = 0; turn < 20 && !gaveUp; turn += 1) {
      const command = await rig.takeCommand();
      if (command === null) {
        if ((await rig.sweep()) === 0) break;
        continue;
      }
      await rig.answer(command, { kind: 'progress', percent: 50 });
      await rig.answer(command, rig.interfere(command) as ReturnType<typeof failed>);
      gaveUp = command.phase === 'undo' || (await rig.operation(operationId)).state === 'undoing';
    }
    assert.ok(gaveUp, 'progress before each failure does not make the row of failures begin anew');
    await rig.settle();
    assert.equal((await rig.operation(operationId)).state, 'failed');
    assert.equal(await rig.statusOf('volumes', id), 'error');
  });

  it('keeps a step alive while progress arrives and shows it', async () => {
    const { operationId } = await createVolume(rig.db, place);
    const command = await take();
    await rig.answer(command, { kind: 'progress', percent: 40 });
    await rig.answer(command, { kind: 'progress', percent: 10 });
    const row: { progress: number } | undefined = await rig
      .db('operations')
      .where({ id: operationId })
      .first('progress');
    assert.equal(row?.progress, 40, 'progress never falls');
    await rig.answer(command, rig.perform(command));
  });

  it('undoes a snapshot whose switch failed and did not happen', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [volume.id]);
    await rig.settle();
    rig.interfere = (command) => (command.type === 'guest.switch' ? failed('bad_request') : null);
    const snapshot = await createSnapshot(rig.db, volume.id);
    await rig.settle();
    assert.equal(await rig.statusOf('snapshots', snapshot.id), 'error');
    assert.deepEqual(await rig.chainFiles(volume.id), [`volume-${volume.id}`]);
    assert.deepEqual([...rig.world.files.keys()], [`volume-${volume.id}`]);
    const texts: { user_message: string }[] = await rig.db('user_messages').where({ resource_uuid: snapshot.id });
    assert.equal(texts.length, 1);
    await rig.db('snapshots').delete();
    rig.interfere = () => null;
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
  });

  it('goes forward when the world had switched although the answer was a failure', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [volume.id]);
    await rig.settle();
    rig.interfere = (command) => {
      if (command.type !== 'guest.switch') return null;
      rig.perform(command);
      return failed('bad_request');
    };
    const snapshot = await createSnapshot(rig.db, volume.id);
    await rig.settle();
    assert.equal(await rig.statusOf('snapshots', snapshot.id), 'available');
    assert.equal((await rig.chainFiles(volume.id)).length, 2);
    assert.deepEqual(rig.world.guests.get(server.id)?.disks.get(volume.id), await rig.chainFiles(volume.id));
    rig.interfere = () => null;
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await rig.db('snapshots').delete();
  });

  it('is stuck, not lost, when it can neither go on nor back, and any answer frees it', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.settle();
    const frozen = await createSnapshot(rig.db, volume.id);
    await rig.settle();
    rig.interfere = (command) => (command.step === 'remove-layer' ? failed('chain_mismatch') : null);
    const snapshot = await deleteSnapshot(rig.db, volume.id, frozen.id);
    while (await rig.step());
    const stuck = await rig.operation(snapshot.operationId);
    assert.equal(stuck.state, 'stuck');
    assert.equal(stuck.step, 'remove-layer');
    assert.equal(stuck.error?.code, 'chain_mismatch');
    await rig.sweep();
    while (await rig.step());
    assert.deepEqual(rig.stuck, [snapshot.operationId], 'told once, though asked again');
    const waiting = await extendVolume(rig.db, place, volume.id, 2);
    await rig.sweep();
    while (await rig.step());
    assert.equal((await rig.operation(waiting.operationId)).state, 'pending', 'the lock is held');
    rig.interfere = () => null;
    await rig.settle();
    assert.equal((await rig.operation(snapshot.operationId)).state, 'done');
    assert.equal((await rig.operation(waiting.operationId)).state, 'done');
  });

  it('fails an operation whose server went away while it waited', async () => {
    const root = await createVolume(rig.db, place);
    const data = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [root.id]);
    await rig.settle();
    await actOnServer(rig.db, 'server-delete', server.id);
    await attachVolume(rig.db, data.id, server.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', data.id), 'available');
    assert.deepEqual(await rig.db('attachments'), []);
  });

  it('is not disturbed when a result is applied in a transaction that is rolled back', async () => {
    const { id, operationId } = await createVolume(rig.db, place);
    const command = await take();
    const outcome = rig.perform(command);
    const result = { ...command, version: 1 as const, kind: 'result' as const, worker: 'test', outcome };
    await assert.rejects(
      rig.db.transaction(async (tx) => {
        await applyResult(tx, result, settings);
        throw new Error('killed before commit');
      }),
    );
    assert.equal((await rig.operation(operationId)).state, 'running');
    assert.deepEqual(await rig.chainFiles(id), []);
    await rig.answer(command, outcome);
    assert.equal((await rig.operation(operationId)).state, 'done');
  });
});
