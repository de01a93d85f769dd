// Deletion of a group: the record alone, or its volumes too, each by an operation of its own; all are accepted in one transaction or none.
// The group goes with the last of them (group-settle.ts). Texts: cinder/group/api.py.
import { ServiceError } from '../../domain/errors.js';
import { groupAllowedFrom } from '../../domain/group.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { type GroupWithVolumes, lockGroup } from './group-lock.js';
import { settleGroup } from './group-settle.js';
import { writeGroup } from './group-write.js';
import type { Requester } from './requester.js';
import { deleteLockedVolume } from './volume-delete.js';

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', `Invalid Group: ${text}`);
}

function demandStatus({ group, volumes }: GroupWithVolumes, withVolumes: boolean): void {
  const allowed: readonly string[] = groupAllowedFrom.delete;
  if (!withVolumes && !allowed.includes(group.status)) {
    throw refuse(`Group status must be available or error, but current status is: ${group.status}`);
  }
  if (!withVolumes && volumes.length > 0) {
    throw refuse(`Group ${group.id} still contains volumes. The delete-volumes flag is required to delete it.`);
  }
}

async function demandNoSource(tx: Transaction, id: string): Promise<void> {
  const made: unknown = await tx('volume_groups')
    .where({ status: 'creating' })
    .whereRaw('coalesce(group_snapshot_id, source_group_id) = ?', [id])
    .first('id');
  if (made === undefined) return;
  throw refuse(
    `Cannot delete group ${id}. Group status must be available or error and must not have dependent group snapshots, and it cannot be the source for an ongoing group or group snapshot creation.`,
  );
}

async function demandFree(tx: Transaction, { group, volumes }: GroupWithVolumes): Promise<void> {
  const snapshot: unknown = await tx('group_snapshots').where({ group_id: group.id }).first('id');
  if (snapshot !== undefined) throw refuse('Group has existing snapshots.');
  await demandNoSource(tx, group.id);
  const ids = volumes.map((volume) => volume.id);
  const attached: unknown = await tx('attachments').whereIn('volume_id', ids).first('id');
  if (attached !== undefined) throw refuse(`Volume in group ${group.id} is attached. Need to detach first.`);
  const dependent: unknown = await tx('snapshots').whereIn('volume_id', ids).where({ internal: false }).first('id');
  if (dependent !== undefined) throw refuse('Volume in group still has dependent snapshots.');
}

/** Throws `not_found`, `bad_request` (status, volumes, snapshots, attachments), `volume_state` (a volume that something works on). */
export async function deleteGroup(database: Database, id: string, withVolumes: boolean, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const locked = await lockGroup(tx, id, who.visibleProjectId);
    demandStatus(locked, withVolumes);
    await demandFree(tx, locked);
    for (const volume of locked.volumes) {
      await deleteLockedVolume(tx, volume, { cascade: false, force: false }, who);
    }
    await writeGroup(tx, id, { status: 'deleting' });
    await settleGroup(tx, id, who.requestId);
  });
}
