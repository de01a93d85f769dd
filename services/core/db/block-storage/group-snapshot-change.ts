// Group snapshots: one operation takes the snapshots of all volumes together, and is accepted whole or not at all; each is deleted by an
// operation of its own. What one instant is promised for is refused when it cannot be kept. Texts: cinder/group/api.py.
import { ServiceError } from '../../domain/errors.js';
import { type GroupSpecs, groupAllowedFrom, groupSnapshotAllowedFrom, isConsistent } from '../../domain/group.js';
import { newId } from '../../domain/ids.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { findAttachedServerIds } from '../engine/facts.js';
import { inTransaction } from '../in-transaction.js';
import { lockGroup, lockGroupSnapshot } from './group-lock.js';
import { loadGroupSnapshot } from './group-rows.js';
import { settleGroupSnapshot } from './group-settle.js';
import { writeGroupSnapshot } from './group-write.js';
import { demandQuota } from './quota-demand.js';
import type { TypeName } from './quota-limits.js';
import { explainSnapshotRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { acceptSnapshotDeletion, demandSnapshottable, insertSnapshot, type SnapshotFields } from './snapshot-change.js';
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

/** Whether the group's type promises one instant for all its volumes. */
async function promisesOneInstant(tx: Transaction, groupTypeId: string): Promise<boolean> {
  const type: { group_specs: GroupSpecs } | undefined = await tx('group_types')
    .where({ id: groupTypeId })
    .first('group_specs');
  return type !== undefined && isConsistent(type.group_specs);
}

/** One hypervisor switches all disks of its guest in one transaction; two guests have no instant in common. Throws `bad_request`. */
async function demandOneServer(tx: Transaction, groupId: string, volumes: readonly LockedVolume[]): Promise<void> {
  const servers = await findAttachedServerIds(
    tx,
    volumes.map((volume) => volume.id),
  );
  const count = new Set(servers.values()).size;
  if (count <= 1) return;
  throw new ServiceError(
    'bad_request',
    `Invalid Group: The type of group ${groupId} asks for consistent snapshots, and its volumes are attached to ${count} servers, which have no instant in common. Attach them to one server, or detach them.`,
  );
}

/** The rows of the snapshots, and the operation that takes them together. One of an empty group has nothing to do. */
async function acceptSnapshots(
  tx: Transaction,
  volumes: readonly LockedVolume[],
  fields: SnapshotFields & { readonly groupSnapshotId: string },
  consistent: boolean,
  who: Requester,
): Promise<void> {
  const members: { volumeId: string; snapshotId: string }[] = [];
  for (const volume of volumes) {
    members.push({ volumeId: volume.id, snapshotId: await insertSnapshot(tx, volume, fields, who) });
  }
  if (members.length === 0) return;
  const { projectId, userId, requestId } = who;
  const params = { groupSnapshotId: fields.groupSnapshotId, consistent, members };
  await acceptOperation(tx, { type: 'group-snapshot-create', params, projectId, userId, requestId });
}

/**
 * Returns the id. Throws `not_found`, `bad_request` (status of the group, one instant for volumes at several servers), `volume_state`,
 * `over_quota`.
 */
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
    const consistent = await promisesOneInstant(tx, group.group_type_id);
    if (consistent) await demandOneServer(tx, group.id, volumes);
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
    await acceptSnapshots(tx, volumes, { name, description, metadata: {}, groupSnapshotId: id }, consistent, who);
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
