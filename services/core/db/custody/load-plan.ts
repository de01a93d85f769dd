// The plan of a scanned share against the rows of this moment.
import type { LayerFormat } from '../../domain/chain.js';
import type { ScanEntry } from '../../domain/custody/inventory.js';
import { type KnownVolume, planShare, type SharePlan } from '../../domain/custody/plan-share.js';
import type { Executor } from '../connection.js';
import { loadEntries, type ScanRecord } from './scans.js';

/** What a person says of bases whose format nothing on the share shows. */
export interface SaidFormats {
  readonly all: LayerFormat | null;
  readonly byVolume: ReadonlyMap<string, LayerFormat>;
}

export const nothingSaid: SaidFormats = { all: null, byVolume: new Map() };

interface KnownRow {
  readonly id: string;
  readonly host: string | null;
  readonly files: readonly string[];
}

const knownSql = `
select v.id, v.host, coalesce((select array_agg(l.file order by l.position) from chain_layers l where l.volume_id = v.id), '{}') as files
from volumes v where v.host = ? or v.id = any(?::uuid[])
  or exists (select from chain_layers l where l.volume_id = v.id and l.file = any(?))`;

// Of moves and takings-over, what they make or take has another name than the volume.
const changedSql = `
select distinct unnest(array[params->>'volumeId', params->>'nameId', params->>'sourceFile', params->>'orphanOf']) as name
from operations where state in ('pending', 'running', 'undoing', 'stuck') or finished_at >= ?`;

/** Ids and file names that operations work on, or have worked on since the scan began. What it saw of them says nothing. */
async function loadChanged(db: Executor, scan: ScanRecord): Promise<Set<string>> {
  const { rows } = (await db.raw(changedSql, [scan.created_at])) as { rows: { name: string | null }[] };
  return new Set(rows.flatMap(({ name }) => (name === null ? [] : [name])));
}

/** Volumes of the pool, and volumes of any pool that the share says it has, or whose files lie on it; snapshots that it names. */
async function loadKnown(
  db: Executor,
  pool: string,
  entries: readonly ScanEntry[],
): Promise<{ known: KnownVolume[]; knownSnapshots: Map<string, string> }> {
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.name] : []));
  const volumeIds = new Set<string>();
  const snapshotIds = new Set<string>();
  for (const { name } of entries) {
    const ids = name.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    if (ids[0] !== undefined) volumeIds.add(ids[0]);
    if (ids[1] !== undefined) snapshotIds.add(ids[1]);
  }
  for (const entry of entries) {
    if (entry.kind === 'info') for (const id of Object.keys(entry.info?.snapshots ?? {})) snapshotIds.add(id);
  }
  const { rows } = (await db.raw(knownSql, [pool, [...volumeIds], files])) as { rows: KnownRow[] };
  const snapshots: { id: string; volume_id: string }[] = await db('snapshots')
    .whereRaw('id = any(?::uuid[])', [[...snapshotIds]])
    .select('id', 'volume_id');
  return {
    known: rows.map(({ id, host, files }) => ({ volumeId: id, pool: host, files })),
    knownSnapshots: new Map(snapshots.map((row) => [row.id, row.volume_id])),
  };
}

/** Errors: `conflict` when the scan has not ended well. */
export async function loadPlan(db: Executor, scan: ScanRecord, said: SaidFormats = nothingSaid): Promise<SharePlan> {
  const entries = await loadEntries(db, scan);
  const { known, knownSnapshots } = await loadKnown(db, scan.pool, entries);
  const changed = await loadChanged(db, scan);
  return planShare({ pool: scan.pool, entries, known, knownSnapshots, said, changed });
}
