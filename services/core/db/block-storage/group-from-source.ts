// A group made of a group snapshot or of another group: one volume for each of the source's, by the operations that make a volume from a
// snapshot or a clone. Rows, quota, places and operations are one transaction; the group is `creating` until the last volume has ended.
import { ServiceError } from '../../domain/errors.js';
import { groupAllowedFrom, groupSnapshotAllowedFrom } from '../../domain/group.js';
import { newId } from '../../domain/ids.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { insertGroupTypes } from './group-change.js';
import { lockGroup, lockGroupSnapshot } from './group-lock.js';
import { loadGroup } from './group-rows.js';
import { settleGroup } from './group-settle.js';
import { writeGroup } from './group-write.js';
import { demandGroupQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { createVolumeIn } from './volume-create.js';
import type { SourceWish } from './volume-source.js';

export interface GroupCopyWish {
  readonly name: string | null;
  readonly description: string | null;
  readonly source: { readonly kind: 'group' | 'group-snapshot'; readonly id: string };
}

interface Source {
  readonly groupTypeId: string;
  readonly zone: string | null;
  readonly volumeTypes: readonly string[];
  readonly columns: { readonly group_snapshot_id: string } | { readonly source_group_id: string };
  readonly members: readonly { readonly source: SourceWish; readonly typeId: string | null }[];
}

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', `Invalid Group: ${text}`);
}

async function pinGroupSnapshot(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const { groupSnapshot, snapshots } = await lockGroupSnapshot(tx, id, who.visibleProjectId);
  const allowed: readonly string[] = groupSnapshotAllowedFrom.createGroup;
  if (!allowed.includes(groupSnapshot.status)) {
    throw refuse(`Group snapshot ${id} status must be available, but current status is: ${groupSnapshot.status}.`);
  }
  if (snapshots.length === 0) throw refuse('Group snapshot is empty. No group will be created.');
  const group = await loadGroup(tx, groupSnapshot.group_id, null);
  return {
    groupTypeId: groupSnapshot.group_type_id,
    zone: group.availability_zone,
    volumeTypes: group.volume_types,
    columns: { group_snapshot_id: id },
    members: snapshots.map((one) => ({ source: { kind: 'snapshot', id: one.id }, typeId: one.volume_type_id })),
  };
}

async function pinGroup(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const { group, volumes } = await lockGroup(tx, id, who.visibleProjectId);
  const allowed: readonly string[] = groupAllowedFrom.copy;
  if (!allowed.includes(group.status)) {
    throw refuse(`Source group ${id} status must be available or error, but current status is: ${group.status}.`);
  }
  if (volumes.length === 0) throw refuse('Source Group is empty. No group will be created.');
  return {
    groupTypeId: group.group_type_id,
    zone: group.availability_zone,
    volumeTypes: (await loadGroup(tx, id, null)).volume_types,
    columns: { source_group_id: id },
    members: volumes.map((one) => ({ source: { kind: 'volume', id: one.id }, typeId: one.volume_type_id })),
  };
}

/** A source's types are taken even when they are private: whoever may use the data may have it once more. */
async function fill(tx: Transaction, id: string, members: Source['members'], who: Requester): Promise<void> {
  const plain = { name: null, description: null, sizeGib: null, zone: null, metadata: {} };
  for (const { source, typeId } of members) {
    const wish = { ...plain, type: typeId, source };
    await createVolumeIn(tx, wish, true, who, { id, zone: null, typeIds: null });
  }
}

/**
 * Returns the id of the new group. Throws `not_found`, `bad_request` (status, empty source), `snapshot_state`, `volume_state`,
 * `over_quota` (groups, volumes, gigabytes).
 */
export async function copyGroup(database: Database, wish: GroupCopyWish, who: Requester): Promise<string> {
  const id = newId<string>();
  await inTransaction(database, async (tx) => {
    const pin = wish.source.kind === 'group' ? pinGroup : pinGroupSnapshot;
    const source = await pin(tx, wish.source.id, who);
    await demandGroupQuota(tx, who.projectId);
    await tx('volume_groups').insert({
      id,
      project_id: who.projectId,
      user_id: who.userId,
      name: wish.name,
      description: wish.description,
      group_type_id: source.groupTypeId,
      status: 'updating',
      availability_zone: source.zone,
      ...source.columns,
    });
    const used = source.members.flatMap((one) => one.typeId ?? []);
    await insertGroupTypes(tx, id, [...new Set([...source.volumeTypes, ...used])]);
    await fill(tx, id, source.members, who);
    await writeGroup(tx, id, { status: 'creating' });
    // Volumes that found no place are in error already.
    await settleGroup(tx, id, who.requestId);
  });
  return id;
}
