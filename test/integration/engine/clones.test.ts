// Clones in one operation: at rest, beside copies that stand there already, and under a running guest.
// A real database, a strict world in memory: it refuses to remove a file that another one names, or to change one that a guest has open.
import assert from 'node:assert/strict';
import { actOnServer, createServer, deleteSnapshot, deleteVolume, forkVolume } from './requests.js';
import { place, type Rig } from './rig.js';
import { settledOn, useRig } from './settled.js';

describe('engine: clones', function () {
  this.timeout(60_000);
  let rig: Rig;
  useRig((opened) => {
    rig = opened;
  });
  const { settledVolume, facts, discard } = settledOn(() => rig);

  const stateOf = async (operationId: string): Promise<string> => (await rig.operation(operationId)).state;
  const types = (): string[] => rig.commands.map((command) => command.type);

  it('freezes a source at rest and copies it in one operation, both on record together', async () => {
    const source = await settledVolume();
    rig.commands.length = 0;
    const { id, snapshotId, operationId } = await forkVolume(rig.db, place, source);
    const waiting = await rig.db('volumes').where({ id }).first('backing_file');
    assert.deepEqual(waiting, { backing_file: `volume-${source}` }, 'before the overlays are made');
    await rig.settle();
    assert.deepEqual(types(), ['overlay.fork']);
    assert.equal(await stateOf(operationId), 'done');
    const [frozen, copied] = [await facts(source), await facts(id)];
    assert.deepEqual(
      frozen.chain.map(({ file }) => file),
      [`volume-${source}`, `volume-${source}.${snapshotId}`],
    );
    assert.deepEqual([copied.chain.length, copied.foreignLayers], [2, 1]);
    const merge = await deleteSnapshot(rig.db, source, snapshotId);
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'pending', 'while the copy stands on it');
    await rig.flattenAll();
    assert.equal(await stateOf(merge.operationId), 'done');
    await discard(id);
    await discard(source);
  });

  it('puts later copies of a source that nobody has written to on the same frozen layer', async () => {
    const source = await settledVolume();
    const first = await forkVolume(rig.db, place, source);
    await rig.settle();
    const overlay = `volume-${source}.${first.snapshotId}`;
    rig.world.empty.add(overlay);
    rig.commands.length = 0;
    const second = await forkVolume(rig.db, place, source);
    await rig.settle();
    assert.deepEqual(types(), ['overlay.fork']);
    assert.deepEqual([(await facts(source)).chain.length, (await facts(second.id)).chain.length], [2, 2]);
    const backing = await rig.db('volumes').where({ id: second.id }).first('backing_file', 'backing_snapshot_id');
    assert.deepEqual(backing, { backing_file: `volume-${source}`, backing_snapshot_id: first.snapshotId });
    const leftOver = await deleteSnapshot(rig.db, source, second.snapshotId);
    const merge = await deleteSnapshot(rig.db, source, first.snapshotId);
    await discard(first.id);
    assert.equal(await stateOf(leftOver.operationId), 'done', 'it never reached the chain');
    assert.equal(await stateOf(merge.operationId), 'pending', 'the second copy stands on the same layer');
    rig.world.empty.delete(overlay);
    const third = await forkVolume(rig.db, place, source);
    await rig.settle();
    assert.equal((await facts(third.id)).chain.length, 3, 'written to since');
    await deleteSnapshot(rig.db, source, third.snapshotId);
    await rig.flattenAll();
    assert.equal(await stateOf(merge.operationId), 'done');
    assert.equal((await facts(source)).chain.length, 1);
    await discard(second.id, third.id);
    await discard(source);
  });

  it('puts a copy of a copy that nobody has written to beside it, so that the one may go before the other', async () => {
    const source = await settledVolume();
    const first = await forkVolume(rig.db, place, source);
    await rig.settle();
    rig.world.empty.add(`volume-${first.id}`);
    const second = await forkVolume(rig.db, place, first.id);
    await rig.settle();
    assert.equal((await facts(second.id)).chain.length, 2);
    const backing = await rig.db('volumes').where({ id: second.id }).first('backing_volume_id', 'backing_file');
    assert.deepEqual(backing, { backing_volume_id: source, backing_file: `volume-${source}` });
    await deleteSnapshot(rig.db, first.id, second.snapshotId);
    await rig.settle();
    const gone = await deleteVolume(rig.db, first.id);
    await rig.settle();
    assert.equal(await stateOf(gone.operationId), 'done', 'without waiting for its copy');
    const merge = await deleteSnapshot(rig.db, source, first.snapshotId);
    await rig.settle();
    assert.equal(await stateOf(merge.operationId), 'pending');
    await rig.flattenAll();
    assert.equal(await stateOf(merge.operationId), 'done');
    await discard(second.id);
    await discard(source);
  });

  it('copies under a running guest in one operation: both overlays first, then the switch, then what the headers say', async () => {
    const source = await settledVolume();
    const server = await createServer(rig.db, place, [source]);
    await rig.settle();
    rig.commands.length = 0;
    const { id, snapshotId, operationId } = await forkVolume(rig.db, place, source);
    await rig.settle();
    assert.equal(await stateOf(operationId), 'done');
    assert.deepEqual(types(), ['server.inspect', 'overlay.prepare', 'guest.switch', 'overlay.settle-fork']);
    const [frozen, copied] = [await facts(source), await facts(id)];
    assert.deepEqual([frozen.chain.length, copied.chain.length, copied.foreignLayers], [2, 2, 1]);
    assert.equal(rig.world.guests.get(server.id)?.disks.get(source)?.length, 2, 'the guest writes to its own overlay');
    assert.equal(rig.world.records.get(id)?.length, 1);
    rig.interfere = ({ type, phase }) =>
      type === 'guest.switch' && phase === 'do'
        ? {
            kind: 'failed',
            error: { code: 'chain_mismatch', message: 'The guest has other files open.' },
            partial: false,
          }
        : null;
    const refused = await forkVolume(rig.db, place, source);
    await rig.settle();
    rig.interfere = () => null;
    assert.equal(await rig.statusOf('volumes', refused.id), 'error');
    assert.equal(rig.world.files.has(`volume-${refused.id}`), false);
    assert.equal((await facts(source)).chain.length, 2);
    await deleteSnapshot(rig.db, source, refused.snapshotId);
    await deleteSnapshot(rig.db, source, snapshotId);
    await discard(refused.id);
    await discard(id);
    await actOnServer(rig.db, 'server-delete', server.id);
    await rig.settle();
    await discard(source);
  });

  for (const isUnwanted of [false, true]) {
    const then = isUnwanted ? ', and is deleted then when that was asked meanwhile' : '';
    it(`keeps what a copy stands on that was shown as failed while nobody knew of the switch${then}`, async () => {
      const source = await settledVolume();
      const server = await createServer(rig.db, place, [source]);
      await rig.settle();
      const away = {
        kind: 'failed',
        error: { code: 'hypervisor_offline', message: 'No answer.' },
        partial: false,
      } as const;
      rig.interfere = (command) => {
        if (command.type === 'guest.close-overlays') return away;
        if (command.type !== 'guest.switch') return null;
        rig.perform(command);
        return away;
      };
      const { id, snapshotId, operationId } = await forkVolume(rig.db, place, source);
      for (let turn = 0; turn < 50 && (await rig.statusOf('volumes', id)) !== 'error'; turn += 1) {
        while (await rig.step());
        await rig.sweep();
      }
      assert.equal(await rig.statusOf('volumes', id), 'error', 'the compute host does not answer');
      const merge = await deleteSnapshot(rig.db, source, snapshotId);
      const gone = isUnwanted ? await deleteVolume(rig.db, id) : null;
      rig.interfere = () => null;
      await rig.settle();
      assert.equal(await stateOf(operationId), 'done', 'the guest was switched');
      if (gone === null) {
        assert.equal(rig.world.guests.get(server.id)?.disks.get(source)?.length, 2);
        assert.equal(await rig.statusOf('volumes', id), 'available');
        const copied = await facts(id);
        assert.deepEqual([copied.chain.length, copied.foreignLayers], [2, 1]);
        assert.equal(await stateOf(merge.operationId), 'pending', 'its base is what the copy stands on');
        await rig.flattenAll();
      } else assert.equal(await stateOf(gone.operationId), 'done');
      assert.equal(await stateOf(merge.operationId), 'done');
      assert.equal((await facts(source)).chain.length, 1);
      await actOnServer(rig.db, 'server-delete', server.id);
      await rig.settle();
      await discard(source, ...(gone === null ? [id] : []));
    });
  }

  it('takes both overlays away again when one of them cannot be made', async () => {
    const source = await settledVolume();
    rig.interfere = ({ type, phase }) =>
      type === 'overlay.fork' && phase === 'do'
        ? { kind: 'failed', error: { code: 'no_space', message: 'The share has no space left.' }, partial: true }
        : null;
    const { id, snapshotId, operationId } = await forkVolume(rig.db, place, source);
    await rig.settle();
    rig.interfere = () => null;
    assert.equal(await stateOf(operationId), 'failed');
    assert.deepEqual(
      [await rig.statusOf('volumes', id), await rig.statusOf('snapshots', snapshotId)],
      ['error', 'error'],
    );
    assert.deepEqual([...rig.world.files.keys()], [`volume-${source}`]);
    await discard(id);
    await deleteSnapshot(rig.db, source, snapshotId);
    await rig.settle();
    await discard(source);
  });
});
