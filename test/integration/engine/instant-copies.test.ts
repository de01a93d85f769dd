// Copies that stand on their source's layers: what they make, what waits for them without a lock, and how they become independent.
// A real database, a strict world in memory: it refuses to remove a file that another one names, or to change one that a guest has open.
import assert from 'node:assert/strict';
import { createAttachment } from '../../../services/core/db/block-storage/attachment-change.js';
import { listDueOperations } from '../../../services/core/db/conductor/sweeps.js';
import { requestCancel, sendCancels } from '../../../services/core/db/engine/cancel.js';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import { fullChain, type VolumeLayers } from '../../../services/core/domain/shared-layers.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { waitFor } from '../../harness/wait-for.js';
import {
  actOnServer,
  attachVolume,
  cloneVolume,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
  extendVolume,
  revertVolume,
} from './requests.js';
import { place, type Rig } from './rig.js';
import { instant, settledOn, useRig } from './settled.js';

const atOnce = { perPool: 10, bytesPerSecond: null, delaySeconds: 0 };

describe('engine: instant copies', function () {
  this.timeout(60_000);
  let rig: Rig;
  useRig((opened) => {
    rig = opened;
  });
  const { settledVolume, settledSnapshot, settledCopy, facts, discard } = settledOn(() => rig);

  const stateOf = async (operationId: string): Promise<string> => (await rig.operation(operationId)).state;
  const types = (): string[] => rig.commands.map((command) => command.type);

  it('makes a volume of a snapshot with one command, and gives guests the whole chain', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    rig.commands.length = 0;
    const copy = await settledCopy(source, snapshot);
    assert.deepEqual(types(), ['overlay.append']);
    assert.deepEqual(await rig.chainFiles(copy), [`volume-${copy}`]);
    const { chain, foreignLayers } = await facts(copy);
    assert.deepEqual(
      chain.map((layer) => layer.file),
      [`volume-${source}`, `volume-${copy}`],
    );
    assert.equal(foreignLayers, 1);
    assert.deepEqual(
      rig.world.records.get(copy)?.map((layer) => layer.file),
      [`volume-${copy}`],
      'the record names its own layers only',
    );
    const server = await createServer(rig.db, place, [copy]);
    await rig.settle();
    assert.deepEqual(rig.world.guests.get(server.id)?.disks.get(copy), [`volume-${source}`, `volume-${copy}`]);
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.flattenAll();
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy);
  });

  it('knows the full chain as the algebra does', async () => {
    const source = await settledVolume();
    const first = await settledSnapshot(source);
    const middle = await settledCopy(source, first);
    const second = await settledSnapshot(middle);
    const top = await settledCopy(middle, second);
    const rows: { id: string; backing_volume_id: string | null; backing_file: string | null }[] = await rig
      .db('volumes')
      .select('id', 'backing_volume_id', 'backing_file');
    const volumes = new Map<string, VolumeLayers>();
    for (const row of rows) {
      const { chain, foreignLayers } = await facts(row.id);
      const { backing_volume_id: volumeId, backing_file: file } = row;
      const backing = volumeId === null || file === null ? null : { volumeId, file };
      volumes.set(row.id, { own: chain.slice(foreignLayers), backing });
    }
    for (const id of [source, middle, top]) {
      const { chain, foreignLayers } = await facts(id);
      assert.deepEqual(fullChain(volumes, id), { chain, foreignLayers });
    }
    assert.equal((await facts(top)).chain.length, 3);
    await discard(top);
    await deleteSnapshot(rig.db, middle, second);
    await rig.settle();
    await discard(middle);
    await deleteSnapshot(rig.db, source, first);
    await rig.settle();
    await discard(source);
  });

  it('copies in full where the chain would be too deep', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await createVolumeFromSnapshot(
      rig.db,
      place,
      { volumeId: source, snapshotId: snapshot },
      {
        maxLayers: 1,
      },
    );
    await rig.settle();
    assert.ok(types().includes('image.copy'));
    assert.equal((await facts(copy.id)).foreignLayers, 0);
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy.id);
  });

  it('holds back a merge, a deletion and a revert that would touch a shared layer, without a lock, and no others', async () => {
    const source = await settledVolume();
    const older = await settledSnapshot(source);
    const newer = await settledSnapshot(source);
    const copy = await settledCopy(source, older);
    const merge = await deleteSnapshot(rig.db, source, older);
    assert.equal(await stateOf(merge.operationId), 'pending');
    assert.deepEqual(await rig.db('resource_locks').where({ operation_id: merge.operationId }), []);
    // Nobody waits behind it: the source is attached, grown, frozen again.
    const server = await createServer(rig.db, place, [source]);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', source), 'in-use');
    await extendVolume(rig.db, place, source, 2);
    const third = await createSnapshot(rig.db, source);
    await rig.settle();
    assert.equal(await rig.statusOf('snapshots', third.id), 'available');
    await deleteSnapshot(rig.db, source, third.id);
    await rig.settle();
    assert.equal(await rig.statusOf('snapshots', third.id), null, 'a merge above the shared layer goes on');
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await revertVolume(rig.db, source, newer);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', source), 'available', 'a revert above the shared layer goes on');
    assert.equal(await stateOf(merge.operationId), 'pending');
    await rig.flattenAll();
    assert.equal(await stateOf(merge.operationId), 'done');
    await deleteSnapshot(rig.db, source, newer);
    await rig.settle();
    await discard(source, copy);
  });

  it('deletes a source after its clones, its internal snapshots and clones of clones are independent', async () => {
    const source = await settledVolume();
    const one = await cloneVolume(rig.db, place, source, instant);
    await rig.settle();
    const two = await cloneVolume(rig.db, place, one.id, instant);
    await rig.settle();
    for (const { id } of [one, two]) assert.equal(await rig.statusOf('volumes', id), 'available');
    assert.equal((await facts(two.id)).chain.length, 3);
    const removal = await deleteVolume(rig.db, source);
    const middle = await deleteVolume(rig.db, one.id);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', source), 'deleting');
    assert.equal(await rig.statusOf('volumes', one.id), 'deleting');
    await rig.flattenAll();
    for (const { operationId } of [removal, middle]) assert.equal(await stateOf(operationId), 'done');
    assert.deepEqual([...rig.world.files.keys()], [`volume-${two.id}`]);
    await discard(two.id);
  });

  it('frees the source at once when the copy itself is deleted', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await settledCopy(source, snapshot);
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    const removal = await deleteVolume(rig.db, copy);
    while (await rig.step());
    assert.equal(await stateOf(removal.operationId), 'done');
    assert.equal(await stateOf(merge.operationId), 'done', 'started by the end of the deletion, not by a sweep');
    await discard(source);
  });

  it('drops the dependency when the copy fails', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    rig.interfere = (command) =>
      command.type === 'overlay.append' && command.phase === 'do'
        ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true }
        : null;
    const copy = await createVolumeFromSnapshot(rig.db, place, { volumeId: source, snapshotId: snapshot }, instant);
    await rig.settle();
    assert.equal(await rig.statusOf('volumes', copy.id), 'error');
    assert.ok(types().includes('overlay.withdraw'));
    rig.interfere = () => null;
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'done');
    await discard(source, copy.id);
  });

  it('flattens live where a guest runs, and changes neither status nor the file that guests are told', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await settledCopy(source, snapshot);
    const server = await createServer(rig.db, place, [copy]);
    await rig.settle();
    await rig.flattenAll();
    assert.ok(types().includes('guest.flatten'));
    assert.equal(await rig.statusOf('volumes', copy), 'in-use');
    assert.deepEqual(rig.world.guests.get(server.id)?.disks.get(copy), [`volume-${copy}`]);
    assert.equal((await facts(copy)).foreignLayers, 0);
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy);
  });

  /** A flatten whose command has been taken and not answered. */
  async function begunFlatten(): Promise<{ source: string; snapshot: string; copy: string; command: Command }> {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const copy = await settledCopy(source, snapshot);
    assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
    const command = await rig.takeCommand();
    assert.equal(command?.type, 'layer.flatten');
    return { source, snapshot, copy, command };
  }

  it('gives way to an attach, and is begun again afterwards', async () => {
    const { source, snapshot, copy, command } = await begunFlatten();
    const other = await createVolume(rig.db, place);
    while (await rig.step());
    const server = await createServer(rig.db, place, [other.id]);
    while (await rig.step());
    const attach = await attachVolume(rig.db, copy, server.id);
    assert.equal(await rig.takeCommand(), null);
    assert.deepEqual(
      rig.cancels.map(({ operationId, epoch }) => [operationId, epoch]),
      [[command.operationId, command.epoch]],
    );
    await rig.answer(command, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    assert.equal(await stateOf(command.operationId), 'failed');
    while (await rig.step());
    assert.equal(await stateOf(attach.operationId), 'done');
    const row: { flatten_failures: number } | undefined = await rig.db('volumes').where({ id: copy }).first();
    assert.equal(row?.flatten_failures, 0, 'giving way is no failure');
    await rig.flattenAll();
    assert.equal((await facts(copy)).foreignLayers, 0);
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy, other.id);
  });

  it('gives way to a server elsewhere, whose connection waits for that, and to a reservation', async () => {
    const { source, snapshot, copy, command } = await begunFlatten();
    const who = { visibleProjectId: null, projectId: 'p', userId: 'u', requestId: 'req-1', isService: false };
    const wish = { volumeId: copy, instanceId: null, mode: 'rw' as const };
    const connecting = createAttachment(rig.db, { ...wish, connector: { host: 'elsewhere' } }, who);
    await waitFor('the wish that it ends', async () => {
      assert.equal(await rig.takeCommand(), null);
      return rig.cancels.length > 0;
    });
    await rig.answer(command, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    const attachment = await connecting;
    assert.equal(await scheduleFlattens(rig.db, atOnce), 0, 'not while somebody has it whom we cannot ask');
    await rig.db('attachments').where({ id: attachment }).delete();
    await rig.db('volumes').where({ id: copy }).update({ status: 'available', attach_status: 'detached' });
    assert.equal(await scheduleFlattens(rig.db, atOnce), 1);
    const again = await rig.takeCommand();
    assert.ok(again);
    const reserved = await createAttachment(rig.db, { ...wish, connector: null }, who);
    assert.equal(await rig.takeCommand(), null);
    assert.equal(rig.cancels.length, 2);
    await rig.answer(again, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    await rig.db('attachments').where({ id: reserved }).delete();
    await rig.db('volumes').where({ id: copy }).update({ status: 'available', attach_status: 'detached' });
    await rig.flattenAll();
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy);
  });

  it('ends a cancelled merge in error_deleting, also while it pauses, and the snapshot can be deleted again', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    await rig.step();
    const command = await rig.takeCommand();
    assert.equal(command?.type, 'layer.commit');
    await rig.db.transaction((tx) => requestCancel(tx, merge.operationId));
    await rig.answer(command, { kind: 'failed', error: { code: 'cancelled', message: 'asked' }, partial: true });
    assert.equal(await rig.statusOf('snapshots', snapshot), 'error_deleting');
    const again = await deleteSnapshot(rig.db, source, snapshot);
    rig.interfere = (one) =>
      one.type === 'layer.commit'
        ? { kind: 'failed', error: { code: 'backend_offline', message: 'away' }, partial: true }
        : null;
    while (await rig.step());
    assert.equal(await stateOf(again.operationId), 'running', 'it pauses before the next try');
    await rig.db.transaction((tx) => requestCancel(tx, again.operationId));
    await rig.sweep();
    assert.equal(await rig.statusOf('snapshots', snapshot), 'error_deleting');
    rig.interfere = () => null;
    const last = await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    assert.equal(await stateOf(last.operationId), 'done');
    const refused = (id: string, words: RegExp) =>
      assert.rejects(
        rig.db.transaction((tx) => requestCancel(tx, id)),
        words,
      );
    await refused(last.operationId, /it is done/);
    const growth = await extendVolume(rig.db, place, source, 2);
    await refused(growth.operationId, /operations of this kind are short/);
    await rig.settle();
    await discard(source);
  });

  it('asks a merge that makes progress never again as silent, and one that makes none', async () => {
    const source = await settledVolume();
    const snapshot = await settledSnapshot(source);
    const merge = await deleteSnapshot(rig.db, source, snapshot);
    await rig.step();
    const command = await rig.takeCommand();
    assert.equal(command?.type, 'layer.commit');
    const minutesPass = (minutes: number) =>
      rig
        .db('operations')
        .where({ id: merge.operationId })
        .update({
          wake_at: rig.db.raw("wake_at - ? * interval '1 minute'", [minutes]),
        });
    const isDue = async (): Promise<boolean> => (await listDueOperations(rig.db, 10)).includes(merge.operationId);
    for (let percent = 1; percent < 60; percent += 7) {
      await rig.answer(command, { kind: 'progress', percent });
      await minutesPass(0.9);
      assert.equal(await isDue(), false, 'within a minute of its last progress');
    }
    await minutesPass(0.2);
    assert.equal(await isDue(), true, 'a minute after it');
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'done');
    await discard(source);
  });

  it('tells a silent worker again to stop, and asks nothing more when the answer is that it had just finished', async () => {
    const { source, snapshot, copy, command } = await begunFlatten();
    const growth = await extendVolume(rig.db, place, copy, 2);
    assert.equal(await rig.takeCommand(), null);
    assert.equal(await sendCancels(rig.db, 60_000, null), 0, 'told just now');
    assert.equal(await sendCancels(rig.db, 0, null), 1);
    await rig.takeCommand();
    assert.equal(rig.cancels.length, 2);
    await rig.answer(command, rig.perform(command));
    await rig.settle();
    assert.equal(await stateOf(command.operationId), 'done', 'past its pivot it goes on');
    assert.equal(await stateOf(growth.operationId), 'done');
    assert.equal((await facts(copy)).foreignLayers, 0);
    await deleteSnapshot(rig.db, source, snapshot);
    await rig.settle();
    await discard(source, copy);
  });
});
