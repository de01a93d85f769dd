// Scheduler hints name volumes beside which a new one wants to lie, or from which it wants to keep away; what counts is their pools.
// A name that the asker cannot see counts as on no pool, as in Cinder: "beside nothing" then finds none, "away from nothing" all.
// Source: cinder/scheduler/filters/affinity_filter.py.
import type { Executor } from '../connection.js';
import type { PoolHints } from './placement.js';
import { queryPrepared } from './prepared.js';

/** Ids of volumes, canonical. */
export interface HintWish {
  readonly sameHost: readonly string[];
  readonly differentHost: readonly string[];
}

/** `projectId` null sees every project's volumes. */
export async function resolveHints(db: Executor, wish: HintWish, projectId: string | null): Promise<PoolHints> {
  const { sameHost, differentHost } = wish;
  if (sameHost.length + differentHost.length === 0) return { sameAs: null, differentFrom: [] };
  const rows = await queryPrepared<{ id: string; host: string }>(
    db,
    'hinted-pools',
    `select id, host from volumes
     where id = any(?::uuid[]) and purpose = 'volume' and host is not null and (?::text is null or project_id = ?::text)`,
    [[...sameHost, ...differentHost], projectId, projectId],
  );
  const poolsOf = (ids: readonly string[]): string[] =>
    rows.filter((row) => ids.includes(row.id)).map((row) => row.host);
  return { sameAs: sameHost.length === 0 ? null : poolsOf(sameHost), differentFrom: poolsOf(differentHost) };
}
