// Locks under real concurrency: transactions of many sessions at once, then the history is checked.
import assert from 'node:assert/strict';
import { listStartableOperations } from '../../../services/core/db/conductor/sweeps.js';
import { startOperation } from '../../../services/core/db/engine/accept.js';
import { type LockMode, locksCompatible } from '../../../services/core/operations/definition.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import { createSnapshot, createVolume, createVolumeFromSnapshot, deleteSnapshot, extendVolume } from './requests.js';
import { place, Rig, settings } from './rig.js';

interface Held {
  readonly resource: string;
  readonly operation_id: string;
  readonly mode: LockMode;
}

describe('engine: locks', function () {
  this.timeout(60_000);
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

  async function assertCompatible(): Promise<void> {
    const held: Held[] = await rig.db('resource_locks').where({ held: true });
    for (const a of held)
      for (const b of held)
        if (a.resource === b.resource && a.operation_id !== b.operation_id)
          assert.ok(locksCompatible(a.mode, b.mode), `${a.mode} and ${b.mode} held on ${a.resource}`);
  }

  it('never lets two incompatible operations hold one volume, whoever races, and starves nobody', async () => {
    const volumes = await Promise.all([createVolume(rig.db, place), createVolume(rig.db, place)]);
    await rig.settle();
    const frozen = await Promise.all(volumes.map((volume) => createSnapshot(rig.db, volume.id)));
    await rig.settle();
    const wishes = volumes.flatMap(({ id }, index) => [
      ...Array.from({ length: 4 }, () => createSnapshot(rig.db, id)),
      ...Array.from({ length: 4 }, () =>
        createVolumeFromSnapshot(rig.db, place, { volumeId: id, snapshotId: frozen[index]?.id ?? '' }),
      ),
    ]);
    const accepted = await Promise.all(wishes);
    let working = true;
    const watch = (async () => {
      while (working) await assertCompatible();
    })();
    // Four workers race, each with its own sessions, while another side starts whatever it sees.
    const worker = async (): Promise<void> => {
      for (let idle = 0; idle < 30; ) idle = (await rig.step()) ? 0 : idle + 1;
    };
    const starter = async (): Promise<void> => {
      for (let turn = 0; turn < 60; turn += 1) {
        const rows: { id: string }[] = await rig.db('operations').where({ state: 'pending' }).select('id');
        for (const { id } of rows) await rig.follow(await rig.db.transaction((tx) => startOperation(tx, id, settings)));
      }
    };
    await Promise.all([worker(), worker(), worker(), worker(), starter()]);
    working = false;
    await watch;
    await rig.settle();
    for (const { operationId } of accepted) assert.equal((await rig.operation(operationId)).state, 'done');
    await rig.assertNothingLeft();
  });

  it('starts in order of acceptance: a wish for the chain is not overtaken by later readers', async () => {
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    const snapshot = await createSnapshot(rig.db, id);
    await rig.settle();
    const source = { volumeId: id, snapshotId: snapshot.id };
    const reader = await createVolumeFromSnapshot(rig.db, place, source);
    const merge = await deleteSnapshot(rig.db, id, snapshot.id);
    const growth = await extendVolume(rig.db, place, id, 2);
    const states = async (): Promise<string[]> =>
      Promise.all([reader, merge, growth].map(async (one) => (await rig.operation(one.operationId)).state));
    assert.deepEqual(await states(), ['running', 'pending', 'pending']);
    const late = await rig.db('operations').where({ state: 'pending' }).count();
    assert.equal(Number(late[0]?.['count']), 2);
    await rig.step();
    assert.deepEqual(await states(), ['done', 'running', 'pending']);
    await rig.settle();
    assert.deepEqual(await states(), ['done', 'done', 'done']);
    await rig.assertNothingLeft();
  });

  it('lets readers of frozen layers run beside a new snapshot', async () => {
    const { id } = await createVolume(rig.db, place);
    await rig.settle();
    const snapshot = await createSnapshot(rig.db, id);
    await rig.settle();
    const copies = [1, 2].map(() => createVolumeFromSnapshot(rig.db, place, { volumeId: id, snapshotId: snapshot.id }));
    const running = [...(await Promise.all(copies)), await createSnapshot(rig.db, id)];
    for (const { operationId } of running) assert.equal((await rig.operation(operationId)).state, 'running');
    await rig.settle();
    await rig.assertNothingLeft();
  });

  it('lists as startable exactly what the lock rule of the program would let start', async () => {
    const modes: LockMode[] = ['read', 'use', 'chain'];
    for (const held of modes) {
      for (const wanted of modes) {
        await rig.db
          .transaction(async (tx) => {
            const insert = async (seq: number, state: string, mode: LockMode, isHeld: boolean): Promise<string> => {
              const rows: { id: string }[] = await tx('operations')
                .insert({
                  id: tx.raw('gen_random_uuid()'),
                  seq,
                  type: 'volume-extend',
                  project_id: 'p',
                  user_id: 'u',
                  request_id: 'r',
                  params: '{}',
                  state,
                })
                .returning('id');
              const id = rows[0]?.id ?? '';
              await tx('resource_locks').insert({ resource: 'volume:x', operation_id: id, seq, mode, held: isHeld });
              return id;
            };
            await insert(1_000_001, 'running', held, true);
            const id = await insert(1_000_002, 'pending', wanted, false);
            const startable = await listStartableOperations(tx, 100);
            assert.equal(startable.includes(id), locksCompatible(held, wanted), `${held} then ${wanted}`);
            await tx.rollback();
          })
          .catch((thrown: unknown) => {
            if (!(thrown instanceof Error) || !thrown.message.includes('rejected with non-error')) throw thrown;
          });
      }
    }
  });
});
