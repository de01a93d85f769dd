// The database is lost and made anew from the shares: rows of volumes, snapshots, types and chains are as before, but for what the records do
// not keep, which is listed here. Rows that exist are never overwritten.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptCustodyWrites } from '../../../services/core/db/custody/custody-changes.js';
import type { RecordWish } from '../../../services/core/db/custody/record-volumes.js';
import { parseCustodyRecord } from '../../../services/core/domain/custody/custody-record.js';
import { DirectoryStage } from '../engine/directory-stage.js';
import * as requests from '../engine/requests.js';
import { planOf, recordAll, scan } from './custody-stage.js';

type Row = Record<string, unknown>;

/** Lost with the database: what was under way, who had it, groups, and when a row was last changed. */
const lost: Readonly<Record<string, readonly string[]>> = {
  volumes: [
    'updated_at',
    'scheduled_at',
    'launched_at',
    'previous_status',
    'migration_status',
    'provider_id',
    'group_id',
  ],
  snapshots: ['updated_at', 'group_snapshot_id'],
  chain_layers: ['allocated_bytes', 'measured_at'],
  volume_types: ['updated_at', 'created_at'],
};

const asLost: Partial<RecordWish> = { projectId: null, userId: null, useRecords: true };

describe('a lost database is rebuilt from the shares', function () {
  this.timeout(120_000);
  let stage: DirectoryStage;

  beforeEach(async () => {
    stage = await DirectoryStage.open();
  });
  afterEach(async () => {
    await stage.close();
  });

  /** What the conductor does every few seconds. */
  async function writeRecords(): Promise<void> {
    for (;;) {
      const { operations } = await acceptCustodyWrites(stage.db);
      while ((await stage.step()) !== null);
      if (operations === 0) return;
    }
  }

  async function rowsOf(table: string, order: string): Promise<Row[]> {
    const rows: Row[] = await stage.db(table).orderByRaw(order).select('*');
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !lost[table]?.includes(name))));
  }

  async function everything(): Promise<Record<string, unknown>> {
    const [volumes, snapshots, layers, types, pools] = await Promise.all([
      rowsOf('volumes', 'id'),
      rowsOf('snapshots', 'id'),
      rowsOf('chain_layers', 'volume_id, position'),
      rowsOf('volume_types', 'id'),
      stage.db('pools').orderBy('name').select('name', 'provisioned_gib'),
    ]);
    return { volumes, snapshots, layers, types, pools };
  }

  /** As a fresh database, to which the pools have been reported. */
  async function loseDatabase(): Promise<void> {
    await stage.db.raw(
      'truncate volumes, snapshots, chain_layers, attachments, operations, outbox, resource_locks, share_scans, custody_changes cascade',
    );
    await stage.db('pools').update({ provisioned_gib: 0 });
    await stage.db('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
  }

  const place = () => ({ pool: stage.pool('plain'), computeHost: 'host' });

  async function make(fields: Row = {}): Promise<string> {
    const id = await stage.make();
    await stage.db('volumes').where({ id }).update(fields);
    return id;
  }

  it('names, projects, types, metadata, snapshots, moved and copied volumes come back; contents are untouched', async () => {
    const [type] = (await stage
      .db('volume_types')
      .insert({ id: randomUUID(), name: 'gold', description: 'fast', extra_specs: JSON.stringify({ speed: 'high' }) })
      .returning('id')) as { id: string }[];
    const web = await make({
      name: 'web',
      description: 'the shop',
      volume_type_id: type?.id,
      metadata: '{"a":"1"}',
      bootable: true,
    });
    await stage.write(web, 'write -P 1 0 64k');
    const first = await stage.ended(await requests.createSnapshot(stage.db, web));
    await stage.db('snapshots').where({ id: first }).update({ name: 'before', metadata: '{"by":"me"}' });
    await stage.write(web, 'write -P 2 64k 64k');
    await stage.ended(await requests.createSnapshot(stage.db, web));
    const given = await make({ name: 'given' });
    await stage
      .db('volumes')
      .where({ id: given })
      .update({ project_id: 'c'.repeat(32), user_id: 'd'.repeat(32) });
    const grown = await make({ name: 'grown' });
    await stage.ended(await requests.extendVolume(stage.db, place(), grown, 2));
    const copy = await stage.ended(
      await requests.createVolumeFromSnapshot(stage.db, place(), { volumeId: web, snapshotId: first }),
    );
    const instant = await stage.ended(
      await requests.createVolumeFromSnapshot(
        stage.db,
        place(),
        { volumeId: web, snapshotId: first },
        { maxLayers: 100 },
      ),
    );
    await stage.write(instant, 'write -P 9 128k 64k');
    const moved = await make({ name: 'moved' });
    await stage.ended(await requests.migrateVolume(stage.db, moved, stage.pool('other')));
    const gone = await make({ name: 'gone' });
    await writeRecords();
    await stage.ended(await requests.deleteVolume(stage.db, gone));
    await stage.db('volume_types').where({ id: type?.id }).update({ description: 'faster' });
    await writeRecords();
    assert.ok(
      !existsSync(path.join(stage.directory('plain'), '.saggar', `${gone}.json`)),
      'record of a deleted volume',
    );
    assert.ok(!existsSync(path.join(stage.directory('plain'), '.saggar', `${moved}.json`)), 'record at the old place');

    const before = await everything();
    const picture = await stage.picture(web);
    const instantPicture = await stage.picture(instant);
    const files = [...stage.files('plain'), ...stage.files('other')];
    await loseDatabase();

    for (const backend of ['plain', 'other'] as const) {
      const { refused } = await recordAll(stage, await scan(stage, backend), asLost);
      assert.deepEqual(refused, []);
    }
    assert.deepEqual(await everything(), before);
    assert.deepEqual([...stage.files('plain'), ...stage.files('other')], files);
    assert.ok(await stage.looksLike(web, picture));
    assert.ok(await stage.looksLike(instant, instantPicture));
    const again = await recordAll(stage, await scan(stage), asLost);
    assert.deepEqual(again, { recorded: 0, refused: [] });

    // And it goes on living: every deed works on what came back.
    await stage.ended(await requests.flattenVolume(stage.db, instant));
    await stage.ended(await requests.deleteSnapshot(stage.db, web, first));
    assert.ok(await stage.looksLike(web, picture));
    for (const id of [copy, instant, given, grown, moved]) await stage.ended(await requests.deleteVolume(stage.db, id));
  });

  it('follows the files where a record lags behind them', async () => {
    const id = await make({ name: 'lagging' });
    await writeRecords();
    const snapshotId = await stage.ended(await requests.createSnapshot(stage.db, id));
    await loseDatabase();
    const scanId = await scan(stage);
    const plan = await planOf(stage, scanId);
    assert.deepEqual(
      plan.findings.map(({ code }) => code),
      ['record-lags'],
    );
    await recordAll(stage, scanId, asLost);
    const row: Row = await stage.db('snapshots').where({ id: snapshotId }).first();
    assert.equal(row['name'], `snapshot-${snapshotId}`);
    assert.equal(row['status'], 'available');
    assert.equal(((await stage.db('volumes').where({ id }).first()) as Row)['name'], 'lagging');
  });

  it('changes no layer that a copy stands on which could not be recorded: its record was not written yet', async () => {
    const source = await make({ name: 'source' });
    await stage.write(source, 'write -P 1 0 64k');
    const snapshotId = await stage.ended(await requests.createSnapshot(stage.db, source));
    await writeRecords();
    const from = { volumeId: source, snapshotId };
    const copy = await stage.ended(
      await requests.createVolumeFromSnapshot(stage.db, place(), from, { maxLayers: 100 }),
    );
    const { name, format } = await stage.activeFile(copy);
    const reads = (file: string, pattern: number) =>
      execFileSync('qemu-io', ['-r', '-f', format, '-c', `read -P ${pattern} 0 64k`, file], { encoding: 'utf8' });
    const holds = (file: string, pattern: number) => assert.doesNotMatch(reads(file, pattern), /failed/);
    holds(name, 1);
    await loseDatabase();
    const scanId = await scan(stage);
    assert.deepEqual(
      (await planOf(stage, scanId)).findings.map(({ code, volumeId }) => [code, volumeId]),
      [['unexplained-header', copy]],
    );
    await recordAll(stage, scanId, asLost);
    await stage.write(source, 'write -P 2 0 64k');
    await stage.ended(await requests.deleteSnapshot(stage.db, source, snapshotId), 'failed');
    holds(name, 1);
    holds((await stage.activeFile(source)).name, 2);
    // What a clone of a Cinder has left is named after the volume, and nobody's.
    rmSync(name);
    const left = path.join(stage.directory('plain'), `volume-${source}.tmp-snap-${randomUUID()}`);
    const base = { 'backing-file': `volume-${source}`, format: 'qcow2' };
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base['backing-file'], '-F', base.format, left]);
    await stage.db('snapshots').where({ id: snapshotId }).update({ status: 'available' });
    await stage.ended(await requests.deleteSnapshot(stage.db, source, snapshotId));
    holds((await stage.activeFile(source)).name, 2);
  });

  it('does not give away a volume that somebody had: it comes back in maintenance', async () => {
    const id = await make({ name: 'used' });
    await stage
      .db('attachments')
      .insert({ id: randomUUID(), volume_id: id, project_id: requests.projectId, status: 'attached' });
    await writeRecords();
    await loseDatabase();
    await recordAll(stage, await scan(stage), asLost);
    const row: Row = await stage.db('volumes').where({ id }).first();
    assert.equal(row['status'], 'maintenance');
    assert.equal(row['attach_status'], 'detached');
  });

  it('never changes a row that exists, and says where it differs from the share', async () => {
    const id = await make({ name: 'mine' });
    await writeRecords();
    await stage.db('volumes').where({ id }).update({ name: 'renamed since' });
    await stage
      .db('chain_layers')
      .where({ volume_id: id })
      .update({ file: `volume-${randomUUID()}` });
    const scanId = await scan(stage);
    const plan = await planOf(stage, scanId);
    assert.deepEqual(plan.refused, [id]);
    assert.deepEqual(
      plan.findings.map(({ code }) => code),
      ['differs-from-record'],
    );
    const kept: Row = await stage.db('volumes').where({ id }).first();
    await recordAll(stage, scanId, asLost);
    assert.deepEqual(await stage.db('volumes').where({ id }).first(), kept);
  });

  it('treats a volume whose record cannot be read like one without: a project must be named', async () => {
    const id = await make({ name: 'once known' });
    await writeRecords();
    const file = path.join(stage.directory('plain'), '.saggar', `${id}.json`);
    writeFileSync(file, '{"version": 1, "volumeId"');
    await loseDatabase();
    const scanId = await scan(stage);
    assert.deepEqual(
      (await planOf(stage, scanId)).findings.map(({ code }) => code),
      ['record-garbled'],
    );
    const { refused } = await recordAll(stage, scanId, asLost);
    assert.deepEqual(refused, [{ id, reason: 'no project or no user is known for it' }]);
    assert.equal((await recordAll(stage, scanId, { ...asLost, projectId: 'p', userId: 'u' })).recorded, 1);
    rmSync(file);
    assert.deepEqual(
      readdirSync(path.join(stage.directory('plain'), '.saggar')).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('says which key opens each layer of an encrypted volume, which nothing else on the share does', async () => {
    const keyId = randomUUID();
    const [hidden, open] = [await make({ name: 'hidden' }), await make({ name: 'open' })];
    await stage.db('chain_layers').where({ volume_id: hidden }).update({ key_id: keyId });
    await writeRecords();
    const recordOf = (id: string): unknown => {
      const read = parseCustodyRecord(
        readFileSync(path.join(stage.directory('plain'), '.saggar', `${id}.json`), 'utf8'),
        id,
      );
      return typeof read === 'string' ? read : read.chain.map((layer) => layer.keyId);
    };
    assert.deepEqual(recordOf(hidden), [keyId]);
    assert.deepEqual(recordOf(open), [undefined]);
  });

  it('writes no record to a share that is down, and all of them when it is back', async () => {
    await stage
      .db('pools')
      .where({ name: stage.pool('plain') })
      .update({ state: 'down' });
    const id = await make({ name: 'patient' });
    await writeRecords();
    const file = path.join(stage.directory('plain'), '.saggar', `${id}.json`);
    assert.ok(!existsSync(file));
    await stage.db('pools').update({ state: 'up' });
    await writeRecords();
    assert.ok(existsSync(file));
  });
});
