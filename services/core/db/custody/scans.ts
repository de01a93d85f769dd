// Scans of shares as rows: begun by an administrator, filled page by page (scan-pages.ts), read by the planner. Only the
// newest scan of a pool is kept. The audit's own are beside them (audit/share-looks.ts).
import { randomUUID } from 'node:crypto';
import type { ScanEntry } from '../../domain/custody/inventory.js';
import { ServiceError } from '../../domain/errors.js';
import { tryCanonicalUuid } from '../../domain/ids.js';
import type { WireError } from '../../messages/envelope.js';
import type { Database, Executor } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';

export interface ScanRecord {
  readonly id: string;
  readonly pool: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly entries: number;
  readonly error: WireError | null;
  readonly project_id: string;
  readonly user_id: string;
  readonly request_id: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  /** Since its end; null while it runs. */
  readonly age_seconds: number | null;
}

/** Who asked. */
export interface ScanAsker {
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
}

/** Errors: `bad_request` for a pool that does not exist, `conflict` while another scan of it runs. */
export function beginScan(db: Database, pool: string, who: ScanAsker): Promise<string> {
  const id = randomUUID();
  return inTransaction(db, async (tx) => {
    const known: unknown = await tx('pools').where({ name: pool }).forUpdate().first('name');
    if (known === undefined)
      throw new ServiceError(
        'bad_request',
        `Pool ${pool.slice(0, 255)} does not exist: name one as get_pools shows it.`,
      );
    const running: { id: string } | undefined = await tx('share_scans')
      .where({ pool, state: 'running', purpose: 'asked' })
      .first('id');
    if (running !== undefined)
      throw new ServiceError('conflict', `The share is being scanned already (${running.id}).`);
    await tx('share_scans').where({ pool, purpose: 'asked' }).delete();
    await tx('share_scans').insert({
      id,
      pool,
      state: 'running',
      project_id: who.projectId,
      user_id: who.userId,
      request_id: who.requestId,
    });
    const { projectId, userId, requestId } = who;
    const params = { pool, scanId: id, page: 0, after: null };
    await acceptOperation(tx, { type: 'share-scan', params, projectId, userId, requestId });
    return id;
  });
}

const ageSql = 'floor(extract(epoch from utc_now() - finished_at))::int as age_seconds';

/** Errors: `not_found`. */
export async function loadScan(db: Executor, scanId: string): Promise<ScanRecord> {
  const id = tryCanonicalUuid(scanId);
  const row = (id === null ? undefined : await db('share_scans').where({ id }).first('*', db.raw(ageSql))) as
    | ScanRecord
    | undefined;
  if (row === undefined) throw new ServiceError('not_found', `Share scan ${scanId.slice(0, 64)} could not be found.`);
  return row;
}

/** Everything that the scan has found, in the order of names. Errors: `conflict` when it has not ended well. */
export async function loadEntries(db: Executor, scan: ScanRecord): Promise<ScanEntry[]> {
  if (scan.state === 'running') throw new ServiceError('conflict', 'The scan has not ended yet.');
  if (scan.state === 'failed') {
    throw new ServiceError('conflict', `The scan has failed: ${scan.error?.message ?? 'unknown'} Scan again.`);
  }
  const pages: { entries: ScanEntry[] }[] = await db('share_scan_pages')
    .where({ scan_id: scan.id })
    .orderBy('page')
    .select('entries');
  return pages.flatMap(({ entries }) => entries);
}
