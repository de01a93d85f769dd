// Why a compare-and-swap changed no row, in words for the client: not there, busy with an operation, or in the wrong state. Clients know
// Cinder's texts ("must be available or error"), so these are kept; the operation in the way is named behind them.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { queryPrepared } from './prepared.js';

interface Busy {
  readonly id: string;
  readonly type: string;
}

/** The oldest operation that holds or waits for the volume. */
export async function findOperationOnVolume(db: Executor, volumeId: string): Promise<Busy | null> {
  const rows = await queryPrepared<Busy>(
    db,
    'operation-on-volume',
    `select o.id, o.type from resource_locks l join operations o on o.id = l.operation_id
     where l.resource = ? order by l.seq limit 1`,
    [`volume:${volumeId}`],
  );
  return rows[0] ?? null;
}

function listed(statuses: readonly string[]): string {
  if (statuses.length < 2) return statuses.join('');
  return `${statuses.slice(0, -1).join(', ')} or ${statuses.at(-1) ?? ''}`;
}

export interface RefusedVolume {
  readonly id: string;
  readonly status: string;
}

/** For a volume that is there: what keeps the deed from being done. */
export async function explainVolumeRefusal(
  db: Executor,
  volume: RefusedVolume,
  deed: string,
  allowed: readonly string[],
): Promise<ServiceError> {
  const busy = await findOperationOnVolume(db, volume.id);
  const why = busy === null ? '' : ` It is busy with ${busy.type} (operation ${busy.id}).`;
  return new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volume.id} status must be ${listed(allowed)} to ${deed}, but current status is: ${volume.status}.${why}`,
  );
}

export function explainSnapshotRefusal(
  id: string,
  status: string,
  deed: string,
  allowed: readonly string[],
): ServiceError {
  return new ServiceError(
    'snapshot_state',
    `Invalid snapshot: Snapshot ${id} status must be ${listed(allowed)} to ${deed}, but current status is: ${status}.`,
  );
}

/** Force does not help either: the snapshots of a group snapshot come and go together. Source: cinder/volume/api.py. */
export function snapshotIsGrouped(id: string): ServiceError {
  return new ServiceError('snapshot_state', `Invalid snapshot: Snapshot ${id} must not be part of a group.`);
}
