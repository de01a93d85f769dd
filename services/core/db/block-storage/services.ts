// Service processes and availability zones. Alive means heard of within a minute, by the database's clock.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { queryPrepared } from './prepared.js';

export interface ServiceRecord {
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly updated_at: string | null;
  readonly alive: boolean;
  /** For a volume worker: one of its pools is up. */
  readonly backend_up: boolean;
}

const aliveSql = `coalesce(s.updated_at > utc_now() - interval '60 seconds', false)`;

/** `host` also matches `host@backend`. Only the services of block storage; compute hosts are the compute API's. */
export function listServices(
  db: Executor,
  filter: { readonly host: string | null; readonly binary: string | null },
): Promise<ServiceRecord[]> {
  return queryPrepared<ServiceRecord>(
    db,
    'services',
    `select s."binary", s.host, s.zone, s.disabled, s.disabled_reason, s.updated_at, ${aliveSql} as alive,
       exists (select 1 from pools p where p.backend_host = s.host and p.state = 'up') as backend_up
     from services s
     where s."binary" <> 'saggar-compute' and (?::text is null or s.host = ?::text or split_part(s.host, '@', 1) = ?::text)
       and (?::text is null or s."binary" = ?::text)
     order by s."binary", s.host`,
    [filter.host, filter.host, filter.host, filter.binary, filter.binary],
  );
}

/** Throws `not_found` for a service that never reported. */
export async function setServiceDisabled(
  db: Executor,
  service: { readonly host: string; readonly binary: string },
  disabled: boolean,
  reason: string | null,
): Promise<void> {
  const changed = await db('services').where(service).update({ disabled, disabled_reason: reason });
  if (changed === 0) {
    throw new ServiceError('not_found', `Service ${service.binary} could not be found on host ${service.host}.`);
  }
}

export interface ZoneRecord {
  readonly zone: string;
  readonly available: boolean;
}

/** Zones of the volume workers; one is available when an enabled worker is in it. Without any worker, the default zone. */
export async function listZones(db: Executor): Promise<ZoneRecord[]> {
  const rows = await queryPrepared<ZoneRecord>(
    db,
    'zones',
    `select zone, bool_or(not disabled) as available from services where "binary" = 'saggar-volume' group by zone order by zone`,
    [],
  );
  return rows.length > 0 ? rows : [{ zone: 'nova', available: true }];
}
