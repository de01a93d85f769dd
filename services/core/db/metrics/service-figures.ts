// What a monitoring system counts besides the pools: processes that are alive, operations that have not ended, commands that wait to be sent, and
// what the audit has found.
import { loadAuditTimes } from '../audit/rounds.js';
import type { Executor } from '../connection.js';

export interface ServiceFigures {
  readonly services: readonly { readonly binary: string; readonly host: string; readonly up: boolean }[];
  /** Operations that have not ended, by state. */
  readonly operations: Readonly<Record<string, number>>;
  /** Age of the oldest command that was not handed to the broker; 0 without one. */
  readonly outboxSeconds: number;
  /** Open findings of the audit, by rule. */
  readonly auditFindings: Readonly<Record<string, number>>;
  /** Since the last round that went through; null: there was none. */
  readonly auditAgeSeconds: number | null;
}

/** Five statements; each reads an index or a small table. */
export async function loadServiceFigures(db: Executor): Promise<ServiceFigures> {
  const services: ServiceFigures['services'][number][] = await db('services')
    .select('binary', 'host', db.raw(`updated_at > utc_now() - interval '60 seconds' as up`))
    .orderBy(['binary', 'host']);
  const counted: { state: string; found: number }[] = await db('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .groupBy('state')
    .select('state', db.raw('count(*)::int as found'));
  const { rows } = (await db.raw(
    'select coalesce(extract(epoch from utc_now() - min(created_at)), 0)::float8 as seconds from outbox',
  )) as { rows: { seconds: number }[] };
  const found: { rule: string; found: number }[] = await db('audit_findings')
    .whereNull('repaired_at')
    .groupBy('rule')
    .select('rule', db.raw('count(*)::int as found'));
  return {
    auditFindings: Object.fromEntries(found.map(({ rule, found: count }) => [rule, count])),
    auditAgeSeconds: (await loadAuditTimes(db)).age_seconds,
    services,
    operations: Object.fromEntries(counted.map(({ state, found }) => [state, found])),
    outboxSeconds: Math.max(0, rows[0]?.seconds ?? 0),
  };
}
