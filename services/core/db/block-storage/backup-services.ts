// Who can make backups now: volume workers that have told of a backup store. Texts: cinder/exception.py (ServiceNotFound).
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { queryPrepared } from './prepared.js';

function noService(): ServiceError {
  return new ServiceError('service_unavailable', 'Service cinder-backup could not be found.');
}

/**
 * `host@backend` of a service that is up and enabled, in the zone where one is wished for. `only`: no other one will do, because it alone
 * reaches the volume. Throws `service_unavailable`.
 */
export async function demandBackupService(
  db: Executor,
  { only, zone }: { readonly only: string | null; readonly zone: string | null },
): Promise<string> {
  const rows = await queryPrepared<{ host: string }>(
    db,
    'backup-service',
    `select host from services where "binary" = 'saggar-backup' and not disabled and updated_at > utc_now() - interval '60 seconds'
       and (?::text is null or host = ?::text) and (?::text is null or zone = ?::text) order by host limit 1`,
    [only, only, zone, zone],
  );
  const [first] = rows;
  if (first === undefined) throw noService();
  return first.host;
}
