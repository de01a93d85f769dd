// Pools with all that their workers and the operator say of them, for administrators and for metrics (services/api/metrics). Reads only.
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
  /** Counted by the looks of its worker; what is not known is absent. */
  readonly figures: {
    readonly bricks?: number;
    readonly bricksUp?: number;
    readonly healPending?: number;
    readonly splitBrain?: number;
  };
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
select p.name, p.backend_host, p.share, p.zone, p.state, p.retired, p.findings, p.figures, p.access, p.capabilities, p.total_bytes, p.free_bytes,
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
