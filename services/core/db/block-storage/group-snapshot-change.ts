// Group snapshots: one snapshot for each volume of the group, all accepted in one transaction or none, each an operation of its own. Every
// snapshot is a moment of its volume; several volumes of one running server are frozen one after the other, not at the same instant.
// Texts: cinder/group/api.py.
import { ServiceError } from '../../domain/errors.js';
import { groupAllowedFrom, groupSnapshotAllowedFrom } from '../../domain/group.js';
import { newId } from '../../domain/ids.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { lockGroup, lockGroupSnapshot } from './group-lock.js';
import { loadGroupSnapshot } from './group-rows.js';
import { settleGroupSnapshot } from './group-settle.js';
import { writeGroupSnapshot } from './group-write.js';
import { demandQuota } from './quota-demand.js';
import type { TypeName } from './quota-limits.js';
import { explainSnapshotRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { acceptSnapshot, acceptSnapshotDeletion, demandSnapshottable } from './snapshot-change.js';
import type { LockedVolume } from './volume-change.js';

export interface GroupSnapshotWish {
  readonly groupId: string;
  readonly name: string | null;
  readonly description: string | null;
}

async function demandSnapshotQuota(tx: Transaction, volumes: readonly LockedVolume[], who: Requester): Promise<void> {
  const types: TypeName[] = await tx('volume_types')
    .whereIn(
      'id',
      volumes.flatMap((volume) => volume.volume_type_id ?? []),
    )
    .select('id', 'name');
  const wishes = volumes.map((volume) => ({
    type: types.find((type) => type.id === volume.volume_type_id) ?? null,
    volumes: 0,
    snapshots: 1,
    gigabytes: volume.size_gib,
    volumeSizeGib: null,
  }));
  if (wishes.length > 0) await demandQuota(tx, who.projectId, ...wishes);
}

/** Returns the id. Throws `not_found`, `bad_request` (status of the group), `volume_state`, `over_quota`. */
export async function createGroupSnapshot(
  database: Database,
  wish: GroupSnapshotWish,
  who: Requester,
): Promise<string> {
  const id = newId<string>();
  await inTransaction(database, async (tx) => {
    const { group, volumes } = await lockGroup(tx, wish.groupId, who.visibleProjectId);
    const allowed: readonly string[] = groupAllowedFrom.snapshot;
    if (!allowed.includes(group.status)) {
      throw new ServiceError(
        'bad_request',
        `Invalid Group: Group status must be available or error, but current status is: ${group.status}`,
      );
    }
    for (const volume of volumes) await demandSnapshottable(tx, volume, true);
    await demandSnapshotQuota(tx, volumes, who);
    const { name, description } = wish;
    await tx('group_snapshots').insert({
      id,
      project_id: who.projectId,
      user_id: who.userId,
      group_id: group.id,
      group_type_id: group.group_type_id,
      name,
      description,
      status: 'updating',
    });
    for (const volume of volumes) {
      await acceptSnapshot(tx, volume, { name, description, metadata: {}, groupSnapshotId: id }, who);
    }
    await writeGroupSnapshot(tx, id, { status: 'creating' });
    // One of an empty group is done.
    await settleGroupSnapshot(tx, id, who.requestId);
  });
  return id;
}

async function isSource(tx: Transaction, id: string): Promise<boolean> {
  const made: unknown = await tx('volume_groups')
    .where({ status: 'creating' })
    .whereRaw('coalesce(group_snapshot_id, source_group_id) = ?', [id])
    .first('id');
  return made !== undefined;
}

/** Throws `not_found`, `bad_request` (status, source of a group that is being made), `snapshot_state`. */
export async function deleteGroupSnapshot(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { groupSnapshot, snapshots } = await lockGroupSnapshot(tx, id, who.visibleProjectId);
    const allowed: readonly string[] = groupSnapshotAllowedFrom.delete;
    if (!allowed.includes(groupSnapshot.status) || (await isSource(tx, id))) {
      throw new ServiceError(
        'bad_request',
        'Invalid GroupSnapshot: GroupSnapshot status must be available or error, and no Group can be currently using it as source for its creation.',
      );
    }
    const deletable: readonly string[] = snapshotAllowedFrom.delete;
    const other = snapshots.find((one) => !deletable.includes(one.status));
    if (other !== undefined) throw explainSnapshotRefusal(other.id, other.status, 'delete', deletable);
    for (const snapshot of snapshots) await acceptSnapshotDeletion(tx, snapshot, snapshot.host, who);
    await writeGroupSnapshot(tx, id, { status: 'deleting' });
    await settleGroupSnapshot(tx, id, who.requestId);
  });
}

/** An administrator's word over the record; what is under way goes on. Throws `not_found`. */
export async function resetGroupSnapshotStatus(database: Database, id: string, status: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await loadGroupSnapshot(tx, id, null);
    await writeGroupSnapshot(tx, id, { status });
  });
}
