// An administrator's wish that a volume which stands on another one's layers becomes independent soon. The scheduler of flattens begins the
// copying; snapshots of the volume itself stay what they are.
import { ServiceError } from '../../domain/errors.js';
import { tryCanonicalUuid } from '../../domain/ids.js';
import { requestFlatten } from '../block-storage/volume-flatten.js';
import type { Database, Executor } from '../connection.js';
import { inTransaction } from '../in-transaction.js';

/** How far the independence of a volume is. Times in naive UTC. */
export interface FlattenRecord {
  readonly backing_volume_id: string;
  readonly flatten_requested_at: string | null;
  readonly flatten_not_before: string | null;
  readonly flatten_failures: number;
  readonly flatten_error: { readonly code: string; readonly message: string } | null;
}

/** null for a volume whose layers are all its own. */
export async function loadFlatten(db: Executor, volumeId: string): Promise<FlattenRecord | null> {
  const row: FlattenRecord | undefined = await db('volumes')
    .where({ id: volumeId })
    .whereNotNull('backing_volume_id')
    .first('backing_volume_id', 'flatten_requested_at', 'flatten_not_before', 'flatten_failures', 'flatten_error');
  return row ?? null;
}

/** Throws `not_found`, and `conflict` for a volume whose layers are all its own. */
export async function wishFlatten(database: Database, volumeId: string): Promise<FlattenRecord> {
  return inTransaction(database, async (tx) => {
    await requestFlatten(tx, volumeId);
    const wished = await loadFlatten(tx, tryCanonicalUuid(volumeId) ?? volumeId);
    if (wished === null) throw new ServiceError('conflict', `Volume ${volumeId} is independent already.`);
    return wished;
  });
}
