// Locks of groups with all that is in them. The order is everybody's, requests and outcomes alike: volumes by id, snapshots by id, and
// the group or the group snapshot last. Whoever puts a volume into a group holds the group's row, so a second look behind that lock sees
// what came in between the two.
import { isUuid } from '../../domain/ids.js';
import type { Transaction } from '../connection.js';
import { groupNotFound, groupSnapshotNotFound, loadGroup, loadGroupSnapshot } from './group-rows.js';
import type { LockedSnapshot } from './snapshot-change.js';
import type { LockedVolume } from './volume-change.js';

export interface LockedGroup {
  readonly id: string;
  readonly project_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly availability_zone: string | null;
  readonly group_type_id: string;
}

async function lockVolumesOf(
  tx: Transaction,
  id: string,
  projectId: string | null,
  others: readonly string[],
): Promise<LockedVolume[]> {
  const wanted = tx('volumes').where({ group_id: id });
  if (others.length > 0) {
    void wanted.orWhere((other) => {
      void other.whereIn('id', [...others]);
      if (projectId !== null) void other.andWhere({ project_id: projectId });
    });
  }
  return wanted.orderBy('id').forUpdate().select('*');
}

export interface GroupWithVolumes {
  readonly group: LockedGroup;
  readonly volumes: readonly LockedVolume[];
  /** Of the other volumes that were named, those that the project has. */
  readonly others: readonly LockedVolume[];
}

/** All rows stay locked until the transaction ends. Throws `not_found` (also for another project's group; null: any project). */
export async function lockGroup(
  tx: Transaction,
  id: string,
  projectId: string | null,
  others: readonly string[] = [],
): Promise<GroupWithVolumes> {
  // Before anything is locked: nobody keeps another project waiting.
  await loadGroup(tx, id, projectId);
  const named = others.filter((one) => isUuid(one));
  await lockVolumesOf(tx, id, projectId, named);
  const wanted = tx('volume_groups').where({ id }).forUpdate();
  if (projectId !== null) void wanted.andWhere({ project_id: projectId });
  const group: LockedGroup | undefined = await wanted.first('*');
  if (group === undefined) throw groupNotFound(id);
  const locked = await lockVolumesOf(tx, id, projectId, named);
  return {
    group,
    volumes: locked.filter((one) => one.group_id === id),
    others: locked.filter((one) => one.group_id !== id),
  };
}

export interface LockedGroupSnapshot {
  readonly id: string;
  readonly project_id: string;
  readonly group_id: string;
  readonly group_type_id: string;
  readonly status: string;
}

export interface GroupSnapshotWithSnapshots {
  readonly groupSnapshot: LockedGroupSnapshot;
  /** By id. */
  readonly snapshots: readonly (LockedSnapshot & { readonly host: string | null })[];
}

/** The volumes of the snapshots are locked too. Nobody adds a snapshot later. Throws `not_found`. */
export async function lockGroupSnapshot(
  tx: Transaction,
  id: string,
  projectId: string | null,
): Promise<GroupSnapshotWithSnapshots> {
  await loadGroupSnapshot(tx, id, projectId);
  const volumes: { id: string; host: string | null }[] = await tx('volumes')
    .whereIn('id', tx('snapshots').where({ group_snapshot_id: id }).select('volume_id'))
    .orderBy('id')
    .forUpdate()
    .select('id', 'host');
  const snapshots: LockedSnapshot[] = await tx('snapshots')
    .where({ group_snapshot_id: id })
    .orderBy('id')
    .forUpdate()
    .select('*');
  const wanted = tx('group_snapshots').where({ id }).forUpdate();
  if (projectId !== null) void wanted.andWhere({ project_id: projectId });
  const groupSnapshot: LockedGroupSnapshot | undefined = await wanted.first('*');
  if (groupSnapshot === undefined) throw groupSnapshotNotFound(id);
  const hosts = new Map(volumes.map((volume) => [volume.id, volume.host]));
  return {
    groupSnapshot,
    snapshots: snapshots.map((one) => ({ ...one, host: hosts.get(one.volume_id) ?? null })),
  };
}
