// Service processes as operators see and switch them, and availability zones. Alive means heard of within a minute, by the database's
// clock. The API's own processes and compute hosts have rows too, but are no services of block storage.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { queryPrepared } from './prepared.js';

export interface ServiceRecord {
  readonly id: string;
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly disabled: boolean;
  readonly disabled_reason: string | null;
  readonly frozen: boolean;
  readonly updated_at: string | null;
  readonly alive: boolean;
  /** For a volume worker: one of its pools is up. */
  readonly backend_up: boolean;
}

export const volumeBinary = 'saggar-volume';
const aliveSql = `coalesce(s.updated_at > utc_now() - interval '60 seconds', false)`;

/** `host` also matches `host@backend`, `binary` is one of ours. */
export function listServices(
  db: Executor,
  filter: { readonly host: string | null; readonly binary: string | null },
): Promise<ServiceRecord[]> {
  return queryPrepared<ServiceRecord>(
    db,
    'services',
    `select s.id, s."binary", s.host, s.zone, s.disabled, s.disabled_reason, s.frozen, s.updated_at, ${aliveSql} as alive,
       exists (select 1 from pools p where p.backend_host = s.host and p.state = 'up') as backend_up
     from services s
     where s."binary" not in ('saggar-compute', 'saggar-api')
       and (?::text is null or s.host = ?::text or split_part(s.host, '@', 1) = ?::text)
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

/** Switches every service of the host. Throws `not_found`. */
export async function setHostDisabled(db: Executor, host: string, disabled: boolean): Promise<void> {
  const changed = await db('services')
    .where({ host })
    .whereNotIn('binary', ['saggar-compute', 'saggar-api'])
    .update({ disabled, disabled_reason: null });
  if (changed === 0) throw new ServiceError('not_found', `Host '${host}' could not be found.`);
}

/**
 * Freezes or thaws the backends of a host (`host` or `host@backend`). From then on changes of their volumes are refused; what was
 * accepted before goes on. A frozen service is shown as disabled for the reason `frozen`, a thawed one as enabled, whatever it was before
 * (freeze_host and thaw_host of cinder/volume/manager.py). Throws `bad_request` for an unknown host and when there is nothing to change:
 * texts of cinder/volume/api.py.
 */
export async function setHostFrozen(db: Executor, host: string, frozen: boolean): Promise<void> {
  const services = await listServices(db, { host, binary: volumeBinary });
  if (services.length === 0) throw new ServiceError('bad_request', `No service found with host=${host}`);
  const hosts = services.map((service) => service.host);
  const changed = await db('services')
    .where({ binary: volumeBinary, frozen: !frozen })
    .whereIn('host', hosts)
    .update({ frozen, disabled: frozen, disabled_reason: frozen ? 'frozen' : '' });
  if (changed > 0) return;
  throw new ServiceError(
    'bad_request',
    `Invalid input received: No service could be changed: frozen in [${hosts.map((one) => `'${one}'`).join(', ')}] must be ${frozen ? 'False' : 'True'} to failover.`,
  );
}

/**
 * Throws `bad_request` always: nothing here replicates, so no service is in a replication status that allows a failover. The
 * texts are those of cinder/volume/api.py.
 */
export async function refuseFailover(db: Executor, host: string): Promise<never> {
  const services = await listServices(db, { host, binary: volumeBinary });
  if (services.length === 0) throw new ServiceError('bad_request', `No service found with host=${host}`);
  const hosts = services.map((service) => `'${service.host}'`).join(', ');
  throw new ServiceError(
    'bad_request',
    `Invalid input received: No service could be changed: replication_status in [${hosts}] must be enabled or failed-over and must be up to failover.`,
  );
}

/** Throws `volume_state` when the backend of the pool is frozen. `pool` is null for a volume that was never placed. */
export async function demandThawed(db: Executor, pool: string | null): Promise<void> {
  if (pool === null) return;
  const rows = await queryPrepared<{ host: string }>(
    db,
    'frozen-backend',
    `select s.host from pools p join services s on s.host = p.backend_host and s."binary" = 'saggar-volume'
     where p.name = ? and s.frozen`,
    [pool],
  );
  const [frozen] = rows;
  if (frozen === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: The backend ${frozen.host} is frozen: its volumes can be used but not changed.`,
  );
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
