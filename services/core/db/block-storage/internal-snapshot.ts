// The row of a snapshot that nobody sees: the frozen point that a clone, a backup or an image of a volume is made from.
import { newId, type SnapshotId } from '../../domain/ids.js';
import type { Transaction } from '../connection.js';
import type { Requester } from './requester.js';

export interface SnapshotSource {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly typeId: string | null;
}

/** `creating`, and counted in no quota; whoever makes the row accepts the operation that makes the snapshot. */
export async function insertInternalSnapshot(
  tx: Transaction,
  source: SnapshotSource,
  who: Requester,
): Promise<SnapshotId> {
  const id = newId<SnapshotId>();
  await tx('snapshots').insert({
    id,
    volume_id: source.volumeId,
    project_id: who.projectId,
    user_id: who.userId,
    size_gib: source.sizeGib,
    status: 'creating',
    volume_type_id: source.typeId,
    consumes_quota: false,
    internal: true,
  });
  return id;
}
