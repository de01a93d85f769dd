// Compute hosts: rows of `services` that the compute workers' reports keep fresh. Alive means heard of within a minute by the
// database's clock. Placement is by promised memory: the live host with the least of it.
import type { Executor, Transaction } from '../connection.js';

export const computeBinary = 'saggar-compute';
const aliveSql = `(updated_at is not null and updated_at > utc_now() - interval '60 seconds')`;

export interface ComputeHostRecord {
  readonly id: string;
  readonly host: string;
  readonly zone: string;
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly alive: boolean;
  /** Base URL of the worker's own listener; null when it has none. */
  readonly url: string | null;
  /** Naive UTC text. */
  readonly updatedAt: string | null;
}

export async function listComputeHosts(db: Executor): Promise<ComputeHostRecord[]> {
  return db('services')
    .where({ binary: computeBinary })
    .orderBy('host')
    .select(
      'id',
      'host',
      'zone',
      'disabled',
      'disabled_reason as disabledReason',
      'url',
      'updated_at as updatedAt',
      db.raw(`${aliveSql} as alive`),
    );
}

/** The address of a host's worker; null when the host is unknown or silent. */
export async function findComputeUrl(db: Executor, host: string): Promise<string | null> {
  const row: { url: string | null } | undefined = await db('services')
    .where({ binary: computeBinary, host })
    .whereRaw(aliveSql)
    .first('url');
  return row?.url ?? null;
}

/** The host for a new server, or null when none is alive (and enabled, and in the zone). */
export async function chooseComputeHost(
  tx: Transaction,
  zone: string | null,
): Promise<{ host: string; zone: string } | null> {
  const query = tx('services as s')
    .where({ binary: computeBinary, disabled: false })
    .whereRaw(aliveSql)
    .orderByRaw(
      `(select coalesce(sum((v.flavor->>'ram_mib')::bigint), 0) from servers v where v.compute_host = s.host), s.host`,
    );
  if (zone !== null) void query.andWhere({ zone });
  const row: { host: string; zone: string } | undefined = await query.first('s.host', 's.zone');
  return row ?? null;
}

/** True when any enabled compute host, alive or not, belongs to the zone. */
export async function zoneExists(db: Executor, zone: string): Promise<boolean> {
  const row: unknown = await db('services').where({ binary: computeBinary, disabled: false, zone }).first('host');
  return row !== undefined;
}
