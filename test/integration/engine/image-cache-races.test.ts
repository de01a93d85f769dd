// A copy of an image that is ready, or has failed, at the moment in which somebody asks for it: neither waits for the other in a circle, and nobody is
// left standing on what is not there. The request is stopped with the pool in hand, as placement leaves it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PinnedImage } from '../../../services/core/db/block-storage/image-source.js';
import { listPools } from '../../../services/core/db/block-storage/placement.js';
import { cachedImage, type ImageData } from '../../../services/core/db/block-storage/volume-from-image.js';
import type { Transaction } from '../../../services/core/db/connection.js';
import { type Applied, applyResult } from '../../../services/core/db/engine/results.js';
import { type Command, resultOf, type StepOutcome } from '../../../services/core/messages/envelope.js';
import { acceptFor, insertVolume, projectId, promiseGib } from './requests.js';
import { place, type Rig, settings } from './rig.js';
import { settledOn, useRig } from './settled.js';
import { fillImageCache } from './volume-image-requests.js';

const who = { projectId, userId: 'u'.repeat(32), requestId: 'req-race', visibleProjectId: projectId, isService: false };
const full: StepOutcome = { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false };

describe('engine: a copy of an image ends while it is asked for', function () {
  this.timeout(60_000);
  let rig: Rig;
  useRig((opened) => {
    rig = opened;
  });
  const { settledVolume } = settledOn(() => rig);

  async function somebodyWaits(): Promise<void> {
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      const { rows } = (await rig.db.raw(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )) as { rows: unknown[] };
      if (rows.length > 0) return;
    }
    assert.fail('nobody waits for a lock');
  }

  async function standOn(tx: Transaction, data: ImageData): Promise<string> {
    const id = await insertVolume(tx, place, { backing_volume_id: data.volumeId });
    await promiseGib(tx, place.pool, 1);
    const source = { volumeId: data.volumeId, snapshotId: null };
    await acceptFor(tx, 'volume-create', { volumeId: id, source, instant: { maxLayers: 16 } }, data.after);
    return id;
  }

  async function take(): Promise<Command> {
    return (await rig.takeCommand()) ?? assert.fail('no command');
  }

  /** A fill whose last answer comes while a volume of the same image is accepted; the volume's id and the copy's. */
  async function race(fails: boolean): Promise<{ volume: string; copy: string }> {
    const data = await settledVolume();
    const { id: copy } = await fillImageCache(rig.db, place, data);
    let command = await take();
    if (fails) {
      await rig.answer(command, full);
      command = await take();
      assert.equal(command.phase, 'undo');
    }
    const cached: { image_id: string } | undefined = await rig
      .db('image_cache')
      .where({ volume_id: copy })
      .first('image_id');
    const image: PinnedImage = {
      ...{
        id: randomUUID(),
        volumeId: cached?.image_id ?? '',
        backendHost: 'host@backend',
        pool: place.pool,
        remote: null,
      },
      ...{ format: 'qcow2', standable: true, encrypted: false, virtualSizeBytes: 1024 ** 3, metadata: {} },
    };
    const result = resultOf(command, 'test', rig.perform(command));
    let ends: Promise<Applied> | undefined;
    // Neither is repeated: one that had to be would have met the other in a deadlock.
    const volume = await rig.db.transaction(async (tx) => {
      await promiseGib(tx, place.pool, 1);
      ends = rig.db.transaction((other) => applyResult(other, result, settings));
      await somebodyWaits();
      const pool = (await listPools(tx)).find(({ name }) => name === place.pool);
      assert.ok(pool);
      await promiseGib(tx, place.pool, -1);
      return standOn(tx, await cachedImage(tx, image, pool, 1, who));
    });
    assert.equal((await ends)?.kind, 'applied');
    return { volume, copy };
  }

  it('made: the volume begins behind it and stands on it', async () => {
    const { volume, copy } = await race(false);
    await rig.settle();
    assert.deepEqual(
      [await rig.statusOf('volumes', copy), await rig.statusOf('volumes', volume)],
      ['available', 'available'],
    );
    assert.deepEqual((await rig.chainFiles(volume)).length, 1);
  });

  it('failed: the volume that was accepted meanwhile fails with it, and stands on nothing', async () => {
    const { volume, copy } = await race(true);
    await rig.settle();
    assert.deepEqual([await rig.statusOf('volumes', copy), await rig.statusOf('volumes', volume)], [null, 'error']);
    const row = await rig.db('volumes').where({ id: volume }).first('backing_volume_id');
    assert.deepEqual(row, { backing_volume_id: null });
  });
});
