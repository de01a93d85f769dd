// The pages of a scan as its operations end: kept, with the next one begun behind the last name, or the scan ended.
import type { WireError } from '../../messages/envelope.js';
import type { Transaction } from '../connection.js';
import { enqueueOperation } from '../engine/enqueue.js';

interface ScanRow {
  readonly entries: number;
  /** Of an audit's look: so many pages are read, and the next look goes on behind them. */
  readonly page_limit: number | null;
  readonly project_id: string;
  readonly user_id: string;
  readonly request_id: string;
}

export interface ScanPageParams {
  readonly pool: string;
  readonly scanId: string;
  readonly page: number;
}

/** Keeps a page, and begins the next one or ends the scan. A scan that is gone meanwhile stays so. */
export async function keepPage(
  tx: Transaction,
  operationId: string,
  page: ScanPageParams,
  found: { readonly entries: readonly unknown[]; readonly next: string | null },
): Promise<void> {
  const scan = (await tx('share_scans').where({ id: page.scanId, state: 'running' }).forUpdate().first()) as
    | ScanRow
    | undefined;
  if (scan === undefined) return;
  await tx('share_scan_pages').insert({
    scan_id: page.scanId,
    page: page.page,
    entries: JSON.stringify(found.entries),
  });
  const ends = found.next === null || (scan.page_limit !== null && page.page + 1 >= scan.page_limit);
  await tx('share_scans')
    .where({ id: page.scanId })
    .update({
      entries: scan.entries + found.entries.length,
      ...(ends ? { state: 'done', finished_at: tx.raw('utc_now()'), stopped_at: found.next } : {}),
    });
  if (ends) return;
  // The engine starts it as soon as this one has ended.
  await enqueueOperation(tx, {
    type: 'share-scan',
    params: { ...page, page: page.page + 1, after: found.next },
    projectId: scan.project_id,
    userId: scan.user_id,
    requestId: scan.request_id,
    after: { operationId, mode: 'end' },
  });
}

export async function failScan(tx: Transaction, scanId: string, error: WireError): Promise<void> {
  await tx('share_scans')
    .where({ id: scanId, state: 'running' })
    .update({ state: 'failed', error: JSON.stringify(error), finished_at: tx.raw('utc_now()') });
}
