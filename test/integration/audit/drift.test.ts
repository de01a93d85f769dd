// Rows, files, records and guests are changed behind the service's back, in every way of the table: one round finds each under its rule and nothing
// else, what is safe is repaired, the rest is told, and a finding is gone when it was cured. A healthy installation has none.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { auditRules } from '../../../services/core/domain/audit-rules.js';
import { createSnapshot, createVolume, deleteSnapshot, projectId } from '../engine/requests.js';
import { AuditStage } from './audit-stage.js';
import { type Scene, type Way, ways } from './drift-ways.js';

const tables = [
  'chain_layers',
  'attachments',
  'snapshots',
  'volumes',
  'servers',
  'backups',
  'operations',
  'resource_locks',
];

async function makeScene(stage: AuditStage): Promise<Scene> {
  const { files, db } = stage;
  const [rest, guest] = [await files.make('plain'), await files.make('plain')];
  const snapshot = await files.ended(await createSnapshot(db, rest));
  const server = randomUUID();
  await db('servers').insert({
    ...{ id: server, project_id: projectId, user_id: 'u', name: 'guest', flavor_id: '1' },
    ...{ flavor: JSON.stringify({ vcpus: 1, ram_mib: 64 }), vm_state: 'active', power_state: 1, compute_host: 'host' },
  });
  await db('attachments').insert({
    ...{ id: randomUUID(), volume_id: guest, project_id: projectId, instance_uuid: server },
    ...{ managed_server_id: server, attach_mode: 'rw', status: 'attached' },
  });
  await db('volumes').where({ id: guest }).update({ status: 'in-use', attach_status: 'attached' });
  const backup = randomUUID();
  await db('backups').insert({
    ...{ id: backup, project_id: projectId, user_id: 'u', status: 'available', size_gib: 1, volume_id: rest },
  });
  stage.guests = [{ serverId: server, powerState: 1, disks: [{ volumeId: guest, files: [`volume-${guest}`] }] }];
  await stage.settle();
  return { rest, snapshot, guest, server, backup, directory: files.directory('plain') };
}

describe('the audit: changes behind the service’s back', () => {
  let stage: AuditStage;
  let scene: Scene;
  let copy: string;
  let guests: AuditStage['guests'];

  before(async () => {
    stage = await AuditStage.open();
    scene = await makeScene(stage);
    copy = mkdtempSync(path.join(tmpdir(), 'saggar-audit-'));
    cpSync(scene.directory, copy, { recursive: true, preserveTimestamps: true });
    guests = stage.guests;
    for (const table of tables) await stage.db.raw(`create table healthy_${table} as select * from ${table}`);
  });
  after(async () => {
    rmSync(copy, { recursive: true });
    await stage.files.close();
  });

  /** As everything was before the change, but for what the audit has found. */
  async function restore(): Promise<void> {
    const { db } = stage;
    stage.guests = guests;
    stage.computeReports = true;
    await db('services').where({ host: 'far' }).delete();
    // The directory itself stays: the process that works on the share stands in it.
    for (const name of readdirSync(scene.directory)) rmSync(path.join(scene.directory, name), { recursive: true });
    cpSync(copy, scene.directory, { recursive: true, preserveTimestamps: true });
    await db.transaction(async (tx) => {
      await tx.raw('set constraints all deferred');
      for (const table of ['resource_locks', 'operation_cancels', 'custody_changes', 'share_scans', 'outbox'])
        await tx(table).delete();
      for (const table of tables) {
        if (table === 'resource_locks') continue;
        const { rows } = (await tx.raw(
          `select string_agg(quote_ident(column_name), ',') as names from information_schema.columns
           where table_name = ? and table_schema = 'public' and is_generated = 'NEVER'`,
          [table],
        )) as { rows: { names: string }[] };
        const names = rows[0]?.names ?? '';
        const key = table === 'chain_layers' ? '(volume_id, "position")' : '(id)';
        if (table === 'chain_layers') await tx(table).delete();
        else
          await tx(table)
            .whereNotIn('id', tx(`healthy_${table}`).select('id'))
            .delete();
        const sets = names
          .split(',')
          .map((name) => `${name} = excluded.${name}`)
          .join(', ');
        const conflict = table === 'chain_layers' ? '' : `on conflict ${key} do update set ${sets}`;
        await tx.raw(`insert into ${table} (${names}) select ${names} from healthy_${table} ${conflict}`);
      }
      await tx('pools').update({
        provisioned_gib: tx.raw('(select coalesce(sum(size_gib), 0) from volumes where host = pools.name)'),
      });
      await tx('custody_changes').delete();
      await tx('guest_sights').delete();
    });
  }

  afterEach(async () => {
    await restore();
    await stage.db('audit_findings').delete();
  });

  it('finds nothing where nothing is wrong', async () => {
    await stage.round();
    assert.deepEqual(await stage.findings(), []);
  });

  for (const way of ways) {
    it(`${way.repaired ? 'mends' : 'tells'}: ${way.name}`, async () => {
      await way.edit(stage, scene);
      await stage.round();
      await expectFound(way);
      await stage.settle();
      if (way.isMended !== undefined) assert.ok(await way.isMended(stage, scene), 'it is not mended');
      await restore();
      await stage.round();
      assert.deepEqual(await stage.open(), [], 'what was cured is gone');
    });
  }

  async function expectFound(way: Way): Promise<void> {
    const found = await stage.findings();
    const mine = found.filter(({ rule }) => rule === way.rule);
    assert.ok(mine.length > 0, `not found: ${JSON.stringify(found)}`);
    for (const one of mine) assert.equal(one.repaired, way.repaired, JSON.stringify(one));
    for (const { rule } of mine)
      assert.equal((auditRules.get(rule as Way['rule'])?.why ?? null) !== null, way.repaired);
  }

  it('mends a change for good: the next round finds nothing', async () => {
    await stage.db('volumes').where({ id: scene.rest }).update({ status: 'in-use' });
    await stage.round();
    await stage.round();
    assert.deepEqual(await stage.open(), []);
    assert.equal((await stage.findings()).length, 1, 'what was repaired is on show for a day');
  });

  const silences: Readonly<Record<string, () => Promise<unknown>>> = {
    'the block graph of a guest could not be read': () => {
      stage.guests = [{ serverId: scene.server, powerState: 1 }];
      return Promise.resolve();
    },
    'a compute host says nothing': () =>
      stage.db('services').insert({ binary: 'saggar-compute', host: 'far', zone: 'nova', boot_id: randomUUID() }),
    'the guests are on no host of ours': () => {
      stage.computeReports = false;
      return stage.db('services').where({ binary: 'saggar-compute' }).delete();
    },
  };
  for (const [why, hide] of Object.entries(silences))
    it(`frees no volume while ${why}`, async () => {
      await hide();
      await stage.db('volumes').where({ id: scene.rest }).update({ status: 'in-use' });
      await stage.round();
      assert.deepEqual(await stage.open(), [`in-use-by-nobody ${scene.rest}`]);
      assert.deepEqual(await stage.db('volumes').where({ id: scene.rest }).first('status'), { status: 'in-use' });
    });

  for (const [what, change] of [
    ['tells whose the files of a moved volume are', (text: string): string => text],
    ['cannot be understood', (text: string): string => text.replace('"version": 1', '"version": 2')],
  ] as const)
    it(`keeps a record without a row that ${what}`, async () => {
      const id = randomUUID();
      const [from, to] = [scene.rest, id].map((one) => path.join(scene.directory, '.saggar', `${one}.json`));
      const text = readFileSync(from ?? '', 'utf8');
      writeFileSync(to ?? '', change(text.replace(`"volumeId": "${scene.rest}"`, `"volumeId": "${id}"`)));
      assert.ok(!readFileSync(to ?? '', 'utf8').startsWith(text), 'it is another record');
      await stage.round();
      assert.deepEqual(await stage.open(), []);
      await stage.settle();
      assert.ok(existsSync(to ?? ''));
    });

  it('does not take work under way for drift', async () => {
    const asked = [
      await createVolume(stage.db, { pool: stage.files.pool('plain'), computeHost: 'host' }),
      await createSnapshot(stage.db, scene.rest),
    ];
    await stage.round(async () => {
      while ((await stage.files.step()) !== null);
      await deleteSnapshot(stage.db, scene.rest, asked[1]?.id ?? '');
    });
    assert.deepEqual(await stage.findings(), []);
    await stage.settle();
    await stage.round();
    assert.deepEqual(await stage.findings(), []);
  });

  it('judges files also where nobody writes records', async () => {
    await stage.db('custody_changes').insert({ volume_id: scene.rest });
    rmSync(path.join(scene.directory, `volume-${scene.rest}`));
    await stage.round();
    assert.deepEqual(await stage.open(), [`missing-file ${scene.rest}`]);
  });

  it('forgets what only one look saw', async () => {
    await stage.db('volumes').where({ id: scene.rest }).update({ status: 'in-use' });
    await stage.round(async () => {
      await stage.db('volumes').where({ id: scene.rest }).update({ status: 'available' });
    });
    assert.deepEqual(await stage.findings(), []);
  });

  it('leaves nothing behind but its last look', async () => {
    for (let round = 0; round < 3; round += 1) await stage.round();
    assert.equal((await stage.db('share_scans').where({ purpose: 'audit' }).select('id')).length, 2);
    assert.equal((await stage.db('operations').where({ type: 'share-scan' }).select('id')).length, 2);
  });
});
