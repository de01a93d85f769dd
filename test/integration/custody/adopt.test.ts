// Shares that a Cinder has left behind, made by Debian's own code of it and in the layout of its GlusterFS driver, are taken over: the plan
// says what is there, recording makes rows that work in every operation, nothing on the share is touched, and asked again nothing happens.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { recordVolumes } from '../../../services/core/db/custody/record-volumes.js';
import {
  type Breakage,
  breakages,
  makeBroken,
  makeByCinder,
  makeByLayout,
  makeMany,
  shapes,
  whyNoPeer,
} from '../../harness/cinder-share/cinder-share.js';
import { DirectoryStage } from '../engine/directory-stage.js';
import * as requests from '../engine/requests.js';
import { contentOf, planOf, recordAll, scan, who } from './custody-stage.js';

/** Names, lengths, times and modes of everything that is no part of the service. */
function traces(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const { size, mtimeMs, mode, ino } = lstatSync(path.join(directory, name));
      return `${name} ${size} ${mtimeMs} ${mode} ${ino}`;
    })
    .sort();
}

describe('a share of Cinder is taken over', function () {
  this.timeout(240_000);
  let stage: DirectoryStage;
  let directory: string;

  beforeEach(async () => {
    stage = await DirectoryStage.open();
    directory = stage.directory('plain');
  });
  afterEach(async () => {
    await stage.close();
  });

  async function chainOf(id: string): Promise<{ file: string; format: string; snapshot_id: string | null }[]> {
    return stage
      .db('chain_layers')
      .where({ volume_id: id })
      .orderBy('position')
      .select('file', 'format', 'snapshot_id');
  }

  it('made by Cinder’s own code: chains, snapshots and formats are what Cinder means, and every operation works', async function () {
    const missing = whyNoPeer();
    if (missing !== null) {
      console.log(`      skipped: ${missing}`);
      this.skip();
    }
    const [plain, thin, flat, moved, single] = Array.from({ length: 5 }, () => randomUUID());
    const [a, b, c] = Array.from({ length: 3 }, () => randomUUID());
    assert.ok(plain && thin && flat && moved && single && a && b && c);
    const [d, e] = [randomUUID(), randomUUID()];
    makeByCinder(directory, [
      {
        id: plain,
        size: 1,
        format: 'raw',
        steps: [
          ['write', 0, 1],
          ['snapshot', a],
          ['write', 65_536, 2],
          ['snapshot', b],
          ['write', 131_072, 3],
        ],
      },
      { id: thin, size: 1, format: 'qcow2', steps: [['write', 0, 4]] },
      // Without a base any more: the guest's process pulled it into the overlay.
      {
        id: flat,
        size: 1,
        format: 'raw',
        steps: [
          ['write', 0, 5],
          ['snapshot', c],
          ['write', 65_536, 6],
          ['delete-online', c],
        ],
      },
      // The older snapshot's record moved to the file that is named after the deleted one.
      {
        id: moved,
        size: 1,
        format: 'qcow2',
        steps: [
          ['write', 0, 7],
          ['snapshot', d],
          ['write', 65_536, 8],
          ['snapshot', e],
          ['extend', 2],
          ['delete-online', e],
        ],
      },
      { id: single, size: 2, format: 'raw', steps: [['write', 0, 9]] },
    ]);
    const before = traces(directory);
    const scanId = await scan(stage);
    const plan = await planOf(stage, scanId);
    assert.deepEqual(plan.refused, []);
    assert.equal(plan.fresh.length, 5);
    assert.deepEqual(await recordAll(stage, scanId), { recorded: 5, refused: [] });

    assert.deepEqual(await chainOf(plain), [
      { file: `volume-${plain}`, format: 'raw', snapshot_id: null },
      { file: `volume-${plain}.${a}`, format: 'qcow2', snapshot_id: a },
      { file: `volume-${plain}.${b}`, format: 'qcow2', snapshot_id: b },
    ]);
    assert.deepEqual(await chainOf(thin), [{ file: `volume-${thin}`, format: 'qcow2', snapshot_id: null }]);
    assert.deepEqual(await chainOf(flat), [{ file: `volume-${flat}.${c}`, format: 'qcow2', snapshot_id: null }]);
    assert.deepEqual(await chainOf(moved), [
      { file: `volume-${moved}`, format: 'qcow2', snapshot_id: null },
      { file: `volume-${moved}.${e}`, format: 'qcow2', snapshot_id: d },
    ]);
    const sizes = await stage.db('volumes').whereIn('id', [moved, single, plain]).orderBy('size_gib').pluck('size_gib');
    assert.deepEqual(sizes, [1, 2, 2]);
    const pool: { provisioned_gib: number } = await stage
      .db('pools')
      .where({ name: stage.pool('plain') })
      .first('provisioned_gib');
    assert.equal(pool.provisioned_gib, 7);
    // Lengths are rounded up for libgfapi; nothing else changes on the share, and no name.
    assert.deepEqual(
      traces(directory).map((line) => line.split(' ')[0]),
      before.map((line) => line.split(' ')[0]),
    );

    // The state of a snapshot is what lies below its overlay.
    const oldest = contentOf(directory, `volume-${plain}`, 'raw');
    const fromSnapshot = await stage.ended(
      await requests.createVolumeFromSnapshot(
        stage.db,
        { pool: stage.pool('plain'), computeHost: 'host' },
        { volumeId: plain, snapshotId: a },
      ),
    );
    const copy = await stage.activeFile(fromSnapshot);
    assert.equal(contentOf(directory, path.basename(copy.name), copy.format), oldest);

    // Every position of a snapshot, and what the disk shows stays the same.
    for (const volumeId of [plain, moved]) {
      const picture = await stage.picture(volumeId);
      const added = await stage.ended(await requests.createSnapshot(stage.db, volumeId));
      const ids: string[] = await stage
        .db('snapshots')
        .where({ volume_id: volumeId })
        .orderBy('created_at')
        .pluck('id');
      for (const id of [...ids.filter((one) => one !== added), added]) {
        await stage.ended(await requests.deleteSnapshot(stage.db, volumeId, id));
        assert.ok(await stage.looksLike(volumeId, picture), `${volumeId} after its snapshot ${id} went`);
      }
      await stage.ended(
        await requests.extendVolume(stage.db, { pool: stage.pool('plain'), computeHost: 'host' }, volumeId, 3),
      );
      assert.equal((await chainOf(volumeId)).length, 1);
    }
    for (const volumeId of [plain, thin, flat, moved, single, fromSnapshot]) {
      await stage.ended(await requests.deleteVolume(stage.db, volumeId));
    }
    assert.deepEqual(stage.files('plain'), []);
  });

  it('in the GlusterFS driver’s layout, of every shape, version 2 headers too', async () => {
    const made = shapes.map((shape) => makeByLayout(directory, shape));
    const scanId = await scan(stage);
    assert.deepEqual(await recordAll(stage, scanId), { recorded: shapes.length, refused: [] });
    for (const { id, snapshotIds, shape } of made) {
      const chain = await chainOf(id);
      assert.deepEqual(
        chain.map((layer) => layer.snapshot_id),
        [null, ...snapshotIds],
      );
      assert.equal(chain[0]?.format, shape.base);
      const picture = await stage.picture(id);
      const middle = snapshotIds[0];
      if (middle !== undefined) await stage.ended(await requests.deleteSnapshot(stage.db, id, middle));
      await stage.ended(await requests.createSnapshot(stage.db, id));
      assert.ok(await stage.looksLike(id, picture));
    }
  });

  it('with one of each kind of brokenness: told, left alone, and the rest is taken over', async () => {
    const good = makeByLayout(directory, { base: 'raw', compat: '1.1', snapshots: 1 });
    const broken = new Map<Breakage, string>(breakages.map((breakage) => [breakage, makeBroken(directory, breakage)]));
    execFileSync('mkdir', [path.join(directory, 'lost+found')]);
    const before = traces(directory);
    const scanId = await scan(stage);
    const plan = await planOf(stage, scanId);
    const codes = (breakage: Breakage) =>
      plan.findings.filter(({ volumeId }) => volumeId === broken.get(breakage)).map(({ code }) => code);
    const expected: Readonly<Record<Breakage, readonly string[]>> = {
      orphan: ['orphan-overlay'],
      'tmp-snap': ['tmp-snap'],
      'garbled-info': ['info-garbled'],
      'empty-info': ['info-garbled'],
      'missing-base': ['missing-file'],
      'two-children': ['two-children'],
      'overlay-above-active': ['overlay-above-active'],
      'absolute-name': ['backing-name'],
      'gluster-name': ['backing-name'],
      'json-name': ['backing-name'],
      'no-backing-format': ['backing-format'],
      'poisoned-raw': ['unexplained-header'],
      'info-disagrees': ['info-disagrees'],
      linked: ['linked'],
      cycle: ['cycle'],
      'foreign-backing': ['foreign-backing'],
    };
    for (const breakage of breakages) assert.deepEqual(codes(breakage), expected[breakage], breakage);
    const usable = ['orphan', 'tmp-snap'].map((one) => broken.get(one as Breakage));
    // The victim of the foreign reference is whole itself.
    assert.equal(plan.fresh.length, 2 + usable.length);
    assert.equal(plan.refused.length, breakages.length - usable.length);
    await recordAll(stage, scanId);
    const ids: string[] = await stage.db('volumes').pluck('id');
    assert.equal(ids.length, 4);
    assert.ok([good.id, ...usable].every((id) => ids.includes(id ?? '')));
    const left = new Set([...broken.values()].filter((id) => !ids.includes(id)));
    const after = traces(directory);
    for (const line of before) if ([...left].some((id) => line.includes(id))) assert.ok(after.includes(line), line);
  });

  it('takes a raw disk with a guest’s header as raw only when somebody says so, and never opens what it names', async () => {
    const id = makeBroken(directory, 'poisoned-raw');
    const scanId = await scan(stage);
    const wish = {
      scanId,
      projectId: who.projectId,
      userId: who.userId,
      type: null,
      useRecords: false,
      requestId: who.requestId,
      apply: true,
      baseFormat: null,
    };
    const refused = await recordVolumes(stage.db, { ...wish, volumes: [{ fileId: id }] });
    assert.deepEqual(refused.recorded, []);
    assert.match(refused.refused[0]?.reason ?? '', /nothing says that it is an overlay/);
    const lied = await recordVolumes(stage.db, { ...wish, volumes: [{ fileId: id, format: 'qcow2' }] });
    assert.match(lied.refused[0]?.reason ?? '', /names "\/etc\/passwd"/);
    const said = await recordVolumes(stage.db, { ...wish, volumes: [{ fileId: id, format: 'raw' }] });
    assert.deepEqual(said.recorded, [id]);
    assert.equal((await chainOf(id))[0]?.format, 'raw');
  });

  it('a thousand volumes with snapshots: twice asked, once done; figures are printed', async () => {
    const made = makeMany(directory, 1000);
    const from = performance.now();
    const scanId = await scan(stage);
    const scanned = performance.now();
    const first = await recordAll(stage, scanId);
    const recorded = performance.now();
    assert.deepEqual(first, { recorded: 1000, refused: [] });
    const again = await scan(stage);
    assert.deepEqual(await recordAll(stage, again), { recorded: 0, refused: [] });
    assert.equal((await planOf(stage, again)).known.length, 1000);
    const snapshots = made.reduce((sum, { snapshotIds }) => sum + snapshotIds.length, 0);
    const { rows } = (await stage.db.raw(
      `select (select count(*)::int from snapshots) as snapshots, (select sum(size_gib)::int from volumes) as gib,
         (select provisioned_gib::int from pools where name = ?) as promised`,
      [stage.pool('plain')],
    )) as { rows: { snapshots: number; gib: number; promised: number }[] };
    assert.deepEqual(rows, [{ snapshots, gib: 1000, promised: 1000 }]);
    console.log(
      `      1,000 volumes, ${snapshots} snapshots: scanned in ${seconds(from, scanned)} s, recorded in ${seconds(scanned, recorded)} s`,
    );
    assert.ok(recorded - from < 60_000, 'a minute for a thousand volumes');
  });
});

function seconds(from: number, to: number): string {
  return ((to - from) / 1000).toFixed(1);
}
