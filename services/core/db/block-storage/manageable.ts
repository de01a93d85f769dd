// What of a backend could be taken over: files, from a scan of its shares, and snapshots that were let go, from the record alone.
//
// A scan is asked of the worker and kept as rows; one that is younger than a minute is taken as it is, so that walking through the pages of a
// list reads the share once.
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../domain/errors.js';
import { judgeManageable, type ManageableFile } from '../../domain/manageable.js';
import type { Database, Executor } from '../connection.js';
import { beginScan, loadEntries, loadScan, type ScanRecord } from '../custody/scans.js';
import { drawnName } from './file-owner.js';
import { listPools } from './placement.js';
import type { Requester } from './requester.js';

const FRESH_SECONDS = 60;
const LOOK_EVERY_MS = 100;

/** `host@backend`, or one pool of it. Throws `bad_request`. */
async function poolsOf(db: Executor, host: string): Promise<string[]> {
  const pools = (await listPools(db)).filter((pool) => pool.name === host || pool.backend_host === host);
  if (pools.length > 0) return pools.map(({ name }) => name);
  throw new ServiceError(
    'bad_request',
    `Host '${host.slice(0, 255)}' was not found: name a backend or a pool as get_pools shows it.`,
  );
}

async function usableScan(db: Executor, pool: string): Promise<ScanRecord | null> {
  const row: { id: string } | undefined = await db('share_scans')
    .where({ pool, purpose: 'asked' })
    .where((either) => {
      void either
        .where({ state: 'running' })
        .orWhereRaw(`state = 'done' and finished_at > utc_now() - ? * interval '1 second'`, [FRESH_SECONDS]);
    })
    .first('id');
  return row === undefined ? null : loadScan(db, row.id);
}

/** Throws `backend_offline` when the worker does not answer in time; the scan goes on, so asking again later helps. */
async function scanOf(db: Database, pool: string, waitMs: number, who: Requester): Promise<ScanRecord> {
  const until = performance.now() + waitMs;
  const { id } = (await usableScan(db, pool)) ?? { id: await beginScan(db, pool, who) };
  for (;;) {
    const scan = await loadScan(db, id);
    if (scan.state === 'done') return scan;
    if (scan.state === 'failed' || performance.now() > until) {
      throw new ServiceError('backend_offline', `The share of ${pool} was not read in time. Ask again in a while.`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const ownersSql = `
select l.file, l.volume_id from chain_layers l where l.file = any(?)
union all
select f.file, v.id from unnest(?::text[]) as f (file)
  join volumes v on (v.id::text = substring(f.file from 8 for 36) or v.name_id::text = substring(f.file from 8 for 36))
  where f.file like 'volume-%' and not (v.status = 'error_managing' and v.size_gib = 0)
union all
select f.file, (o.params->>'volumeId')::uuid from unnest(?::text[]) as f (file)
  join operations o on o.state in ('pending', 'running', 'undoing', 'stuck')
    and ${drawnName} = substring(f.file from '-([0-9a-f-]{36})')
  where f.file ~ '^(volume|upload|download)-'`;

/** Files by the volume that has them, that they are named after and that exists, or that they are being made for. */
export async function ownersOf(db: Executor, files: readonly string[]): Promise<Map<string, string>> {
  const { rows } = (await db.raw(ownersSql, [[...files], [...files], [...files]])) as {
    rows: { file: string; volume_id: string }[];
  };
  return new Map(rows.map(({ file, volume_id: id }) => [file, id]));
}

/** Those that hold the data of images: no list of volumes or files shows them. */
async function imageVolumes(db: Executor, ids: readonly string[]): Promise<Set<string>> {
  const rows: { id: string }[] = await db('volumes').whereIn('id', ids).whereNot({ purpose: 'volume' }).select('id');
  return new Set(rows.map(({ id }) => id));
}

export interface ManageableVolume extends ManageableFile {
  readonly pool: string;
}

/** Throws `bad_request` for an unknown host, `backend_offline`. */
export async function listManageableVolumes(
  db: Database,
  host: string,
  waitMs: number,
  who: Requester,
): Promise<ManageableVolume[]> {
  const found: ManageableVolume[] = [];
  for (const pool of await poolsOf(db, host)) {
    const entries = await loadEntries(db, await scanOf(db, pool, waitMs, who));
    const owners = await ownersOf(
      db,
      entries.flatMap((entry) => (entry.kind === 'file' ? [entry.name] : [])),
    );
    const hidden = await imageVolumes(db, [...owners.values()]);
    const files = judgeManageable(entries, owners).filter(({ volumeId }) => volumeId === null || !hidden.has(volumeId));
    found.push(...files.map((file) => ({ ...file, pool })));
  }
  return found;
}

export interface ManageableSnapshot {
  readonly file: string;
  /** The base name of the volume's first own file. */
  readonly sourceFile: string;
  readonly size_gib: number;
  /** Of the row; null for a snapshot that was let go. */
  readonly snapshotId: string | null;
}

const snapshotsSql = `
select l.file, b.file as "sourceFile", s.id as "snapshotId",
  ceil(below.virtual_size_bytes / 1073741824.0)::int as size_gib
from chain_layers l
join volumes v on v.id = l.volume_id
join chain_layers b on b.volume_id = l.volume_id and b.position = 0
join chain_layers below on below.volume_id = l.volume_id and below.position = l.position - 1
left join snapshots s on s.id = l.snapshot_id
where v.host = any(?) and v.purpose = 'volume' and l.snapshot_id is not null and (s.id is null or not s.internal)`;

/** Overlays, those of managed snapshots too. Throws `bad_request` for an unknown host. */
export async function listManageableSnapshots(db: Executor, host: string): Promise<ManageableSnapshot[]> {
  const { rows } = (await db.raw(snapshotsSql, [await poolsOf(db, host)])) as { rows: ManageableSnapshot[] };
  return rows;
}
