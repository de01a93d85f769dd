// The rounds of the audit, one at a time among all conductors: a lease in one row, on the database's clock. One that was lost (its conductor died,
// or stood still) is taken over when the lease is out, and what the late one brings is not stored.
import type { Database, Executor } from '../connection.js';

/** Longer than any round takes. */
const LEASE_SECONDS = 120;

const takeSql = `
update audit_rounds set round = round + 1, taken_by = ?, begun_at = utc_now(), leased_until = utc_now() + interval '${LEASE_SECONDS} seconds'
where (leased_until is null or leased_until < utc_now()) and (begun_at is null or begun_at <= utc_now() - ? * interval '1 second')
returning round`;

/** The number of the round that is the caller's now; null while another goes on, or the last one began less than `everySeconds` ago. */
export async function tryTakeRound(db: Database, who: string, everySeconds: number): Promise<number | null> {
  await db.raw(
    'insert into audit_rounds (only_row) select true where not exists (select from audit_rounds) on conflict do nothing',
  );
  const { rows } = (await db.raw(takeSql, [who, everySeconds])) as { rows: { round: number }[] };
  return rows[0]?.round ?? null;
}

/** Ends the round. `complete`: it went through. A round that is not the caller's any more stays as it is. */
export async function endRound(db: Executor, round: number, complete: boolean): Promise<void> {
  await db('audit_rounds')
    .where({ round })
    .update({
      leased_until: null,
      ...(complete
        ? { complete_at: db.raw('utc_now()'), took_seconds: db.raw('extract(epoch from utc_now() - begun_at)::real') }
        : {}),
    });
}

export interface AuditTimes {
  /** Naive UTC; null: no round has gone through yet. */
  readonly complete_at: string | null;
  readonly age_seconds: number | null;
  readonly took_seconds: number | null;
}

export async function loadAuditTimes(db: Executor): Promise<AuditTimes> {
  const row: AuditTimes | undefined = await db('audit_rounds').first(
    'complete_at',
    'took_seconds',
    db.raw('extract(epoch from utc_now() - complete_at)::float8 as age_seconds'),
  );
  return row ?? { complete_at: null, age_seconds: null, took_seconds: null };
}
