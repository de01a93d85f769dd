// The audit's looks at shares: scans of a window each, beside those that administrators ask for, made by the same operation. A look begins where
// the last one of that pool has stopped, and the table says how long a whole pass takes. What a look leaves behind is removed by the next one.
import { randomUUID } from 'node:crypto';
import type { ScanWindow } from '../../domain/audit.js';
import type { ScanEntry } from '../../domain/custody/inventory.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { loadEntries, loadScan } from '../custody/scans.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';

/** Of one look: each is a message of at most 192 KiB, some 700 files or 150 records. */
const PAGES = 16;

export interface ShareLook {
  readonly pool: string;
  readonly scanId: string;
  readonly after: string | null;
}

const asker = { project_id: 'saggar', user_id: 'saggar' } as const;

// A mount that is away, or a worker that is silent, would only let the operation wait: both are findings of their own.
const usableSql = `
select p.name, s.next_after from pools p left join audit_shares s on s.pool = p.name
where p.state = 'up' and not p.retired and p.updated_at > utc_now() - interval '60 seconds' order by p.name`;

/** Begins a look at every share that can be read, or again at these windows. */
export async function beginLooks(db: Database, again: readonly ShareLook[] | null = null): Promise<ShareLook[]> {
  const { rows } = (await db.raw(usableSql)) as { rows: { name: string; next_after: string | null }[] };
  const wanted =
    again === null
      ? rows.map(({ name, next_after: after }) => ({ pool: name, after }))
      : again.filter(({ pool }) => rows.some(({ name }) => name === pool));
  const looks: ShareLook[] = [];
  for (const { pool, after } of wanted) {
    const look = await beginLook(db, pool, after);
    if (look !== null) looks.push(look);
  }
  return looks;
}

/** null while the last one goes on: a share that is slow is not asked twice. */
function beginLook(db: Database, pool: string, after: string | null): Promise<ShareLook | null> {
  const scanId = randomUUID();
  const requestId = `req-${randomUUID()}`;
  return inTransaction(db, async (tx) => {
    if (!(await forgetLooks(tx, pool))) return null;
    await tx('share_scans').insert({
      ...asker,
      id: scanId,
      pool,
      state: 'running',
      request_id: requestId,
      purpose: 'audit',
      begins_after: after,
      page_limit: PAGES,
    });
    await acceptOperation(tx, {
      type: 'share-scan',
      params: { pool, scanId, page: 0, after },
      projectId: asker.project_id,
      userId: asker.user_id,
      requestId,
    });
    return { pool, scanId, after };
  });
}

const goesOn = `exists (select from operations o where o.type = 'share-scan' and o.params->>'scanId' = share_scans.id::text
  and o.state in ('pending', 'running', 'undoing', 'stuck'))`;

/** Removes ended looks with their pages and operations. False while one still goes on. */
async function forgetLooks(tx: Transaction, pool: string): Promise<boolean> {
  const looks: { id: string; goes_on: boolean }[] = await tx('share_scans')
    .where({ pool, purpose: 'audit' })
    .select('id', tx.raw(`${goesOn} as goes_on`));
  const ended = looks.filter((look) => !look.goes_on).map(({ id }) => id);
  await tx('share_scans').whereIn('id', ended).delete();
  await tx('operations').where({ type: 'share-scan' }).whereRaw(`params->>'scanId' = any(?)`, [ended]).delete();
  return looks.length === ended.length;
}

export interface LookedAt {
  readonly pool: string;
  readonly window: ScanWindow;
  readonly entries: readonly ScanEntry[];
  readonly ageSeconds: number;
}

/** null while it goes on; `failed` when it has failed, or is gone. */
export async function loadLook(db: Executor, { pool, scanId, after }: ShareLook): Promise<LookedAt | 'failed' | null> {
  const row: { state: string; stopped_at: string | null; age: number } | undefined = await db('share_scans')
    .where({ id: scanId })
    .first('state', 'stopped_at', db.raw('extract(epoch from utc_now() - created_at)::float8 as age'));
  if (row === undefined || row.state === 'failed') return 'failed';
  if (row.state === 'running') return null;
  const entries = await loadEntries(db, await loadScan(db, scanId));
  return { pool, window: { after, end: row.stopped_at }, entries, ageSeconds: row.age };
}

const passSql = `
insert into audit_shares as s (pool, next_after, pass_begun_at, entries, whole_at, whole_seconds, whole_entries)
values (:pool, :end, case when :end::text is null then null else utc_now() end, :entries,
  case when :whole then utc_now() end, case when :whole then :age::real end, case when :whole then :entries::int end)
on conflict (pool) do update set
  next_after = :end,
  entries = case when :begins then :entries else s.entries + :entries end,
  pass_begun_at = case when :begins then utc_now() - :age * interval '1 second' else s.pass_begun_at end,
  whole_at = case when :ends then utc_now() else s.whole_at end,
  whole_seconds = case when :whole then :age when :ends then extract(epoch from utc_now() - s.pass_begun_at)::real else s.whole_seconds end,
  whole_entries = case when :whole then :entries when :ends then s.entries + :entries else s.whole_entries end`;

/** Where the next look begins, and what a whole pass took. */
export async function storePass(db: Executor, { pool, window, entries, ageSeconds }: LookedAt): Promise<void> {
  const [begins, ends] = [window.after === null, window.end === null];
  await db.raw(passSql, {
    ...{ pool, end: window.end, entries: entries.length, age: ageSeconds },
    ...{ begins, ends, whole: begins && ends },
  } as never);
}

export interface ShareCoverage {
  readonly pool: string;
  readonly whole_at: string | null;
  readonly whole_seconds: number | null;
  readonly whole_entries: number | null;
}

export async function listCoverage(db: Executor): Promise<ShareCoverage[]> {
  return db('audit_shares')
    .join('pools', 'pools.name', 'audit_shares.pool')
    .orderBy('pool')
    .select('pool', 'whole_at', 'whole_seconds', 'whole_entries');
}
