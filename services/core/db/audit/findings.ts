// Findings as rows: first seen, last seen, repaired, and gone when a later round has looked there and saw nothing. What was repaired stays on
// show for a day.
import { type Coverage, isCovered, keyOf, type StoredFinding, type Suspicion } from '../../domain/audit.js';
import type { AuditRule } from '../../domain/audit-rules.js';
import type { Executor, Transaction } from '../connection.js';

export interface FindingRow {
  readonly rule: AuditRule;
  readonly kind: Suspicion['kind'];
  readonly id: string;
  /** Empty: no file. */
  readonly file: string;
  readonly text: string;
  readonly pool: string | null;
  readonly at_cursor: string | null;
  readonly compute_host: string | null;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly repaired_at: string | null;
  readonly repairs: number;
}

const asStored = ({ rule, kind, id, file, repairs }: FindingRow): StoredFinding => ({
  ...{ rule, kind, id, repairs },
  file: file === '' ? null : file,
});

export async function loadStored(db: Executor): Promise<StoredFinding[]> {
  const rows: FindingRow[] = await db('audit_findings').select('rule', 'kind', 'id', 'file', 'repairs');
  return rows.map(asStored);
}

export interface RoundAnswer {
  /** Of the first look alone: what is not confirmed is not cured either. */
  readonly suspected: readonly Suspicion[];
  readonly confirmed: readonly Suspicion[];
  /** Keys of those that were repaired in this round. */
  readonly repaired: ReadonlySet<string>;
  readonly coverage: Coverage;
}

const upsertSql = `
insert into audit_findings (rule, kind, id, file, text, pool, at_cursor, compute_host, repaired_at, repairs)
values (?, ?, ?, ?, ?, ?, ?, ?, case when ? then utc_now() end, ?)
on conflict (rule, kind, id, file) do update set text = excluded.text, pool = excluded.pool, at_cursor = excluded.at_cursor,
  compute_host = excluded.compute_host, last_seen = utc_now(), repaired_at = excluded.repaired_at,
  repairs = audit_findings.repairs + excluded.repairs`;

async function keep(tx: Transaction, one: Suspicion, wasRepaired: boolean): Promise<void> {
  const { rule, kind, id, file, text, pool = null, cursor = null, computeHost = null } = one;
  const names = [rule, kind, id, file ?? '', text, pool, cursor, computeHost];
  await tx.raw(upsertSql, [...names, wasRepaired, wasRepaired ? 1 : 0] as never);
}

/** False, and nothing stored, when the round is another conductor's by now. */
export async function storeRound(tx: Transaction, round: number, answer: RoundAnswer): Promise<boolean> {
  const mine: unknown = await tx('audit_rounds').where({ round }).forUpdate().first('round');
  if (mine === undefined) return false;
  for (const one of answer.confirmed) await keep(tx, one, answer.repaired.has(keyOf(one)));
  const seen = new Set([...answer.suspected, ...answer.confirmed].map(keyOf));
  const rows: FindingRow[] = await tx('audit_findings').select();
  for (const row of rows) {
    const { rule, kind, id, file } = row;
    if (row.repaired_at !== null || seen.has(keyOf(asStored(row)))) continue;
    const place = {
      ...(row.pool === null ? {} : { pool: row.pool }),
      ...(row.at_cursor === null ? {} : { cursor: row.at_cursor }),
      ...(row.compute_host === null ? {} : { computeHost: row.compute_host }),
    };
    if (isCovered(place, answer.coverage)) await tx('audit_findings').where({ rule, kind, id, file }).delete();
  }
  await tx('audit_findings').whereRaw(`repaired_at < utc_now() - interval '1 day'`).delete();
  return true;
}

/** Open ones first, the oldest first; with `repaired`, those of the last day too. */
export async function listFindings(db: Executor, repaired: boolean): Promise<FindingRow[]> {
  const find = db('audit_findings').select().orderByRaw('repaired_at is not null, first_seen, rule, kind, id, file');
  if (!repaired) void find.whereNull('repaired_at');
  return find;
}
