// The stage of the pair test: fresh volumes by the hundred, copied from one that was really made, a gate that holds two requests at the
// volume's row, and a description of everything that they leave behind.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { restingVolumeStatuses } from '../../../services/core/domain/volume.js';
import { BlockRig, backendHost, insertPool } from '../../contract/block-storage/block-rig.js';
import { attachToOurs, ourServer } from '../../contract/policy/our-servers.js';
import { allowMany } from '../../contract/policy/targets.js';
import { waitFor } from '../../harness/wait-for.js';
import type { PairIds, Reply, StartName } from './pair-deeds.js';

const secondPool = `${backendHost.split('@')[0]}@second#10.0.0.9:/other`;
const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

interface Original {
  readonly volume: string;
  readonly snapshot: string;
  readonly files: BlockRig['engine']['world']['files'];
  readonly records: BlockRig['engine']['world']['records'];
}

/** Copies of rows, with ids replaced wherever they stand. */
const copies = [
  ['volumes', 'id'],
  ['chain_layers', 'volume_id'],
  ['snapshots', 'volume_id'],
] as const;

const emptied = [
  'outbox',
  'resource_locks',
  'operations',
  'attachments',
  'volume_transfers',
  'snapshots',
  'chain_layers',
  'volumes',
  'user_messages',
  'notifications',
];

export class PairStage {
  private constructor(
    readonly rig: BlockRig,
    private readonly type: string,
    private readonly originals: Readonly<Record<'bare' | 'snapshot', Original>>,
  ) {}

  static async open(): Promise<PairStage> {
    const rig = await BlockRig.open();
    await insertPool(rig.database, secondPool);
    await allowMany(rig);
    const made = await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: { name: 'other' } } });
    assert.equal(made.status, 200);
    for (const [table] of copies) await rig.database.raw(`create table kept_${table} as select * from ${table}`);
    const originals = { bare: await PairStage.keep(rig, false), snapshot: await PairStage.keep(rig, true) };
    const stage = new PairStage(rig, made.body.volume_type.id as string, originals);
    await stage.clear();
    return stage;
  }

  private static async keep(rig: BlockRig, withSnapshot: boolean): Promise<Original> {
    const volume = await rig.volume();
    const snapshot = withSnapshot ? await rig.snapshot(volume) : randomUUID();
    for (const [table, key] of copies)
      await rig.database.raw(`insert into kept_${table} select * from ${table} where ${key} = ?`, [volume]);
    const { files, records } = rig.engine.world;
    const own = <T>(all: Map<string, T>): Map<string, T> =>
      new Map(structuredClone([...all].filter(([name]) => name.includes(volume))));
    return { volume, snapshot, files: own(files), records: own(records) };
  }

  /** A volume in the start state, alone in the world. */
  async set(start: StartName): Promise<PairIds> {
    const { rig } = this;
    const original = this.originals[start === 'with a snapshot' || start === 'with a copy' ? 'snapshot' : 'bare'];
    const volume = randomUUID();
    const snapshot = randomUUID();
    const renamed = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value).replaceAll(original.volume, volume).replaceAll(original.snapshot, snapshot),
      ) as T;
    for (const [table, key] of copies) {
      await rig.database.raw(
        `insert into ${table} select (jsonb_populate_record(null::${table},
           replace(replace(to_jsonb(k)::text, ?, ?), ?, ?)::jsonb)).* from kept_${table} k where k.${key} = ?`,
        [original.volume, volume, original.snapshot, snapshot, original.volume],
      );
    }
    await rig.database.raw(
      'update pools set provisioned_gib = 1 where name = (select host from volumes where id = ?)',
      [volume],
    );
    const { world } = rig.engine;
    for (const [name, file] of renamed([...original.files])) world.files.set(name, file);
    for (const [name, record] of renamed([...original.records])) world.records.set(name, record);
    const server = await ourServer(rig, 'ann');
    if (start === 'attached elsewhere') {
      const attach = { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere' } };
      assert.equal((await rig.act(volume, attach)).status, 202);
    }
    if (start === 'attached to ours') await attachToOurs(rig, volume, server);
    const copy = start === 'with a copy' ? await rig.volume({ snapshot_id: snapshot }) : randomUUID();
    return { volume, snapshot, copy, server, type: this.type, pool: secondPool };
  }

  async clear(): Promise<void> {
    const { rig } = this;
    await rig.database('volumes').update({ backing_volume_id: null, backing_snapshot_id: null, backing_file: null });
    await rig.database.raw(emptied.map((table) => `delete from ${table}`).join('; '));
    await rig.database.raw('delete from servers; update pools set provisioned_gib = 0');
    for (const map of [rig.engine.world.files, rig.engine.world.records, rig.engine.world.guests]) map.clear();
  }

  private async blocked(): Promise<number> {
    const { rows } = (await this.rig.database.raw(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )) as { rows: { count: number }[] };
    return rows[0]?.count ?? 0;
  }

  /** Both requests stand at the volume's row before either goes on; the first came first. */
  async race(ids: PairIds, deeds: readonly (() => Promise<Reply>)[]): Promise<Reply[]> {
    const gate = await this.rig.database.transaction();
    let answered = 0;
    const asked: Promise<Reply>[] = [];
    try {
      await gate('volumes').where({ id: ids.volume }).forUpdate().first('id');
      for (const deed of deeds) {
        asked.push(deed().finally(() => (answered += 1)));
        const here = asked.length;
        await waitFor('the request to stand at the row', async () => answered + (await this.blocked()) >= here, {
          intervalMs: 1,
        });
      }
    } finally {
      await gate.rollback();
    }
    return Promise.all(asked);
  }

  /** All rows that deeds change, without ids and times. */
  async describe(): Promise<string> {
    const { rows } = (await this.rig.database.raw(`select jsonb_build_object(
      'volumes', (select jsonb_agg(x order by x::text) from (select v.status, v.attach_status, v.size_gib, v.migration_status,
          v.bootable, v.name, v.metadata, v.admin_metadata, t.name as type from volumes v
          left join volume_types t on t.id = v.volume_type_id) x),
      'snapshots', (select jsonb_agg(x order by x::text) from (select status, internal from snapshots) x),
      'attachments', (select jsonb_agg(x order by x::text) from (select status, attached_host, attach_mode,
          managed_server_id is not null as ours from attachments) x),
      'transfers', (select count(*) from volume_transfers),
      'operations', (select jsonb_agg(x order by x::text) from (select type from operations where state not in ('done', 'failed')) x),
      'promised', (select jsonb_agg(provisioned_gib order by name) from pools)) as said`)) as {
      rows: { said: unknown }[];
    };
    return JSON.stringify(rows[0]?.said).replaceAll(uuids, '<id>');
  }

  /** Of the volume and of its snapshot; null when there is none. */
  async statuses({ volume, snapshot }: PairIds): Promise<{ volume: string | null; snapshot: string | null }> {
    const { engine } = this.rig;
    return { volume: await engine.statusOf('volumes', volume), snapshot: await engine.statusOf('snapshots', snapshot) };
  }

  /** Lets the engine work off what was accepted, and checks that everything has come to rest. */
  async demandRest(leavesFiles: boolean): Promise<void> {
    const { database, engine } = this.rig;
    await engine.settle();
    await engine.flattenAll();
    const restless: unknown[] = await database('volumes')
      .whereNotIn('status', [...restingVolumeStatuses])
      .select('status');
    assert.deepEqual(restless, [], 'volumes that do not rest');
    const snapshots: unknown[] = await database('snapshots')
      .whereNotIn('status', ['available', 'error', 'error_deleting'])
      .select('status', 'internal');
    assert.deepEqual(snapshots, [], 'snapshots that do not rest');
    if (leavesFiles) engine.world.files.clear();
    if (leavesFiles) await database('chain_layers').delete();
    await engine.assertNothingLeft();
  }

  async close(): Promise<void> {
    await this.rig.close();
  }
}

export function said({ status, body }: Reply): string {
  if (status < 400) return String(status);
  return `${status} ${JSON.stringify(body).replaceAll(uuids, '<id>')}`;
}
