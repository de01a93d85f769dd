// Deletion of a volume: refused while it has snapshots or attachments, else `deleting` and an operation, which waits until no other volume
// stands on its layers. With `cascade` its snapshots are
// merged away first, one operation after the other, and the volume last; if one of them fails, the volume ends in `error_deleting`.
import { ServiceError } from '../../domain/errors.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { deletionUnderWay } from './deletion-under-way.js';
import { explainSnapshotRefusal, explainVolumeRefusal, snapshotIsGrouped } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { countUnmanaged } from './snapshot-custody.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';

export interface DeleteOptions {
  readonly cascade: boolean;
  /** Administrators: whatever the status. Attachments and snapshots still stand in the way. */
  readonly force: boolean;
}

interface SnapshotRow {
  readonly id: string;
  readonly project_id: string;
  readonly status: string;
  readonly internal: boolean;
  readonly group_snapshot_id: string | null;
}

async function demandUnattached(tx: Transaction, volume: LockedVolume): Promise<void> {
  const row: unknown = await tx('attachments').where({ volume_id: volume.id }).first('id');
  if (row === undefined) return;
  throw new ServiceError('volume_state', `Invalid volume: Volume ${volume.id} is still attached, detach volume first.`);
}

/** Lock order everywhere: the volume's row, then its snapshots' in order of id. */
async function lockSnapshots(tx: Transaction, volumeId: string): Promise<SnapshotRow[]> {
  const fields = ['id', 'project_id', 'status', 'internal', 'group_snapshot_id'];
  return tx('snapshots').where({ volume_id: volumeId }).orderBy('id').forUpdate().select(fields);
}

function demandDeletable(
  volume: LockedVolume,
  snapshots: readonly SnapshotRow[],
  cascade: boolean,
  visibleProjectId: string | null,
): void {
  if (snapshots.length === 0) return;
  if (!cascade) {
    throw new ServiceError(
      'volume_state',
      `Invalid volume: Volume ${volume.id} still has ${snapshots.length} dependent snapshots.`,
    );
  }
  // A volume that was transferred without its snapshots: they are the giver's, and not the new owner's to destroy.
  const foreign = snapshots.find((one) => visibleProjectId !== null && one.project_id !== visibleProjectId);
  if (foreign !== undefined) {
    throw new ServiceError(
      'volume_state',
      `Invalid volume: Volume ${volume.id} must be disassociated from snapshots after volume transfer.`,
    );
  }
  const grouped = snapshots.find((one) => one.group_snapshot_id !== null);
  if (grouped !== undefined) throw snapshotIsGrouped(grouped.id);
  const allowed: readonly string[] = snapshotAllowedFrom.delete;
  const other = snapshots.find((one) => !allowed.includes(one.status));
  if (other !== undefined) throw explainSnapshotRefusal(other.id, other.status, 'delete', allowed);
}

/** Made for a clone, and nobody removes them any more: their deletion has failed. The others go by themselves, and the volume after them. */
async function abandonedSnapshots(tx: Transaction, internal: readonly SnapshotRow[]): Promise<SnapshotRow[]> {
  const abandoned: SnapshotRow[] = [];
  for (const one of internal) if (!(await deletionUnderWay(tx, 'snapshot-delete', one.id))) abandoned.push(one);
  return abandoned;
}

/** Their data would go with the volume's files, though no list shows them. */
async function demandNoneUnmanaged(tx: Transaction, volumeId: string): Promise<void> {
  const unmanaged = await countUnmanaged(tx, volumeId);
  if (unmanaged === 0) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volumeId} still has ${unmanaged} unmanaged snapshots: take them back, or delete with cascade.`,
  );
}

async function acceptDeletion(
  tx: Transaction,
  volume: LockedVolume,
  snapshots: readonly SnapshotRow[],
  who: Requester,
): Promise<void> {
  const by = { projectId: volume.project_id, userId: who.userId, requestId: who.requestId };
  let last: string | null = null;
  const behind = (): { after?: { operationId: string; mode: 'success' } } =>
    last === null ? {} : { after: { operationId: last, mode: 'success' } };
  for (const { id: snapshotId } of snapshots) {
    await tx('snapshots')
      .where({ id: snapshotId })
      .update({ status: 'deleting', progress: '0%', updated_at: tx.raw('utc_now()') });
    const params = { volumeId: volume.id, snapshotId };
    last = await acceptOperation(tx, { type: 'snapshot-delete', params, ...by, ...behind() });
  }
  await acceptOperation(tx, { type: 'volume-delete', params: { volumeId: volume.id }, ...by, ...behind() });
}

/** As `deleteVolume`, of a row that the caller has locked; a volume in a group goes too. */
export async function deleteLockedVolume(
  tx: Transaction,
  volume: LockedVolume,
  options: DeleteOptions,
  who: Requester,
): Promise<void> {
  const { id } = volume;
  if (options.force && volume.status === 'deleting' && (await deletionUnderWay(tx, 'volume-delete', id))) return;
  const allowed: readonly string[] = volumeAllowedFrom.delete;
  await demandUnattached(tx, volume);
  if (!options.force && !allowed.includes(volume.status)) {
    throw await explainVolumeRefusal(tx, volume, 'delete', allowed);
  }
  await demandThawed(tx, volume.host);
  const snapshots = await lockSnapshots(tx, id);
  const shown = snapshots.filter((one) => !one.internal);
  demandDeletable(volume, shown, options.cascade, who.visibleProjectId);
  if (!options.cascade) await demandNoneUnmanaged(tx, id);
  if (volume.host === null) {
    await tx('volumes').where({ id }).delete();
    return;
  }
  await writeVolume(tx, id, { status: 'deleting', previous_status: volume.status });
  const abandoned = await abandonedSnapshots(
    tx,
    snapshots.filter((one) => one.internal),
  );
  await acceptDeletion(tx, volume, [...shown, ...abandoned], who);
}

/** Force does not help either: a group's volumes go with the group or leave it first. Source: cinder/volume/api.py. */
function demandUngrouped(volume: LockedVolume): void {
  if (volume.group_id === null) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volume.id} must not belong to a group: remove it from group ${volume.group_id}, or delete the group.`,
  );
}

/**
 * Throws `not_found`, `volume_state` (a group's volume too), `snapshot_state`. A forced deletion of what is being deleted already is
 * accepted silently.
 */
export async function deleteVolume(
  database: Database,
  id: string,
  options: DeleteOptions,
  who: Requester,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    demandUngrouped(volume);
    await deleteLockedVolume(tx, volume, options, who);
  });
}
