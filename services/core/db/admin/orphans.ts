// Files that no row explains: read from a scan of their share, and removed when an administrator names them. What is on record is asked again
// in the transaction that accepts the removal, while nobody else can claim a file.
import { ServiceError } from '../../domain/errors.js';
import { findOrphans, type Orphan } from '../../domain/orphans.js';
import { latchFileClaims } from '../block-storage/file-owner.js';
import { ownersOf } from '../block-storage/manageable.js';
import type { Requester } from '../block-storage/requester.js';
import type { Database, Executor } from '../connection.js';
import { loadEntries, loadScan, type ScanRecord } from '../custody/scans.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';

/** A scan that is older says too little about now. */
const USABLE_SECONDS = 3600;

const takenSql = `
select f.file, coalesce(o.params->>'volumeId', o.params->>'orphanOf') as id from operations o
cross join lateral (
  select o.params->>'sourceFile' as file where o.type = 'volume-manage'
  union all
  select jsonb_array_elements_text(o.params->'files') where o.type = 'orphan-remove'
) f
where o.type in ('volume-manage', 'orphan-remove')
  and (o.state in ('pending', 'running', 'undoing', 'stuck') or o.finished_at >= ?)`;

/**
 * Files that are just being taken over as volumes, or removed as orphans, by the volume; and those of which that has ended since the scan, so
 * that it says nothing about them any more.
 */
async function beingTaken(db: Executor, scan: ScanRecord): Promise<[string, string][]> {
  const { rows } = (await db.raw(takenSql, [scan.created_at])) as { rows: { file: string; id: string }[] };
  return rows.map(({ file, id }) => [file, id]);
}

async function orphansOf(db: Executor, scan: ScanRecord): Promise<Orphan[]> {
  const entries = await loadEntries(db, scan);
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.name] : []));
  const owners = new Map([...(await ownersOf(db, files)), ...(await beingTaken(db, scan))]);
  return findOrphans(entries, owners, Date.now());
}

/** Errors: `not_found`, `conflict` when the scan has not ended well. */
export async function loadOrphans(db: Executor, scanId: string): Promise<Orphan[]> {
  return orphansOf(db, await loadScan(db, scanId));
}

export interface Removal {
  readonly operationId: string;
  readonly files: readonly string[];
}

function demandRemovable(orphans: readonly Orphan[], files: readonly string[]): Map<string, string[]> {
  const byVolume = new Map<string, string[]>();
  for (const file of files) {
    const orphan = orphans.find((one) => one.file === file);
    if (orphan === undefined)
      throw new ServiceError('conflict', `${file.slice(0, 255)} is on no list of orphans: scan again.`);
    if (orphan.kept !== null || orphan.volumeId === null)
      throw new ServiceError('conflict', `${file} is not removed: ${orphan.kept ?? 'its name is none of ours'}.`);
    byVolume.set(orphan.volumeId, [...(byVolume.get(orphan.volumeId) ?? []), file]);
  }
  return byVolume;
}

/** All of them or none. Errors: `not_found`, `conflict` for a file that may not be removed, or a scan that is too old. */
export async function removeOrphans(
  database: Database,
  scanId: string,
  files: readonly string[],
  who: Requester,
): Promise<Removal[]> {
  return inTransaction(database, async (tx) => {
    await latchFileClaims(tx);
    const scan = await loadScan(tx, scanId);
    if ((scan.age_seconds ?? 0) > USABLE_SECONDS)
      throw new ServiceError('conflict', 'The scan is too old: scan again.');
    const removals: Removal[] = [];
    for (const [orphanOf, named] of demandRemovable(await orphansOf(tx, scan), [...new Set(files)])) {
      const operationId = await acceptOperation(tx, {
        type: 'orphan-remove',
        params: { pool: scan.pool, orphanOf, files: named },
        projectId: who.projectId,
        userId: who.userId,
        requestId: who.requestId,
      });
      removals.push({ operationId, files: named });
    }
    return removals;
  });
}
