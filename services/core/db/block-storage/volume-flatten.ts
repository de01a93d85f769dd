// An administrator's wish that a volume becomes independent of the one that it was copied from. The scheduler follows it, before others and
// without a speed limit; that somebody stands on the volume's own layers only delays it.
import { ServiceError } from '../../domain/errors.js';
import { tryCanonicalUuid } from '../../domain/ids.js';
import type { Transaction } from '../connection.js';
import { volumeNotFound } from './volume-rows.js';

/** Forgets earlier failures, so that it is tried soon. Throws `not_found`, and `conflict` for a volume that stands on nobody's layers. */
export async function requestFlatten(tx: Transaction, volumeId: string): Promise<void> {
  const id = tryCanonicalUuid(volumeId);
  if (id === null) throw volumeNotFound(volumeId);
  const row: { backing_volume_id: string | null } | undefined = await tx('volumes')
    .where({ id })
    .forUpdate()
    .first('backing_volume_id');
  if (row === undefined) throw volumeNotFound(volumeId);
  if (row.backing_volume_id === null) {
    throw new ServiceError('conflict', `Volume ${id} is independent already.`);
  }
  await tx('volumes')
    .where({ id })
    .update({
      flatten_requested_at: tx.raw('coalesce(flatten_requested_at, utc_now())'),
      flatten_not_before: null,
      flatten_failures: 0,
    });
}
