// Pools with all that their workers and the operator say of them, for administrators and for metrics. Reads only.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import type { PoolCapabilities } from './pool-match.js';
import { queryPrepared } from './prepared.js';

export interface Finding {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly cure: string;
}

export interface PoolHealth {
  readonly name: string;
  readonly backend_host: string;
  readonly share: string;
  readonly zone: string;
  readonly state: 'up' | 'down';
  readonly retired: boolean;
  /** Its worker was heard of within a minute. */
  readonly fresh: boolean;
  readonly findings: readonly Finding[];
  readonly access: { readonly servers: readonly { readonly host: string; readonly port: number }[] };
  readonly capabilities: PoolCapabilities;
  readonly total_bytes: number | null;
  readonly free_bytes: number | null;
  readonly provisioned_gib: number;
  readonly volumes: number;
  readonly maintenance_since: string | null;
  readonly maintenance_reason: string | null;
  readonly updated_at: string;
}

const sql = `
select p.name, p.backend_host, p.share, p.zone, p.state, p.retired, p.findings, p.access, p.capabilities, p.total_bytes, p.free_bytes,
  p.provisioned_gib, p.maintenance_since, p.maintenance_reason, p.updated_at,
  coalesce(s.updated_at > utc_now() - interval '60 seconds', false) as fresh,
  (select count(*)::int from volumes v where v.host = p.name) as volumes
from pools p left join services s on s.host = p.backend_host and s."binary" = 'saggar-volume'
where (?::text is null or p.name = ?::text)
order by p.name`;

/** All pools by name. */
export function listPoolHealth(db: Executor): Promise<PoolHealth[]> {
  return queryPrepared<PoolHealth>(db, 'pool-health', sql, [null, null]);
}

/** Throws `not_found`. */
export async function loadPoolHealth(db: Executor, name: string): Promise<PoolHealth> {
  const [pool] = await queryPrepared<PoolHealth>(db, 'pool-health', sql, [name, name]);
  if (pool === undefined) throw new ServiceError('not_found', `Pool ${name} could not be found.`);
  return pool;
}

/** A line of a metrics page: its name, labels and value. */
export interface PoolMetric {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Pure: what a monitoring system counts of a pool. Findings count by severity and, each once, by code. */
export function poolMetrics(pools: readonly PoolHealth[]): PoolMetric[] {
  return pools.flatMap((pool) => {
    const labels = { pool: pool.name };
    const figures: Readonly<Record<string, number | null>> = {
      saggar_pool_up: Number(pool.state === 'up' && pool.fresh),
      saggar_pool_maintenance: Number(pool.maintenance_since !== null),
      saggar_pool_retired: Number(pool.retired),
      saggar_pool_total_bytes: pool.total_bytes,
      saggar_pool_free_bytes: pool.free_bytes,
      saggar_pool_provisioned_gib: pool.provisioned_gib,
      saggar_pool_volumes: pool.volumes,
    };
    const plain = Object.entries(figures).flatMap(([metric, value]) =>
      value === null ? [] : [{ metric, labels, value }],
    );
    const counts = new Map<string, PoolMetric>();
    for (const { code, severity } of pool.findings) {
      const key = `${severity} ${code}`;
      const value = (counts.get(key)?.value ?? 0) + 1;
      counts.set(key, { metric: 'saggar_pool_findings', labels: { ...labels, severity, code }, value });
    }
    return [...plain, ...counts.values()];
  });
}
