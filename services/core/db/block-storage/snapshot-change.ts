// Writes to snapshots: create, delete, update, metadata.
import { isUuid, newId, type SnapshotId } from '../../domain/ids.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { deletionUnderWay } from './deletion-under-way.js';
import { demandOursOnly } from './foreign-attachments.js';
import { demandQuota } from './quota-demand.js';
import { explainSnapshotRefusal, explainVolumeRefusal, snapshotIsGrouped } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { snapshotNotFound } from './snapshot-rows.js';
import { type LockedVolume, lockVolume } from './volume-change.js';
import { loadType } from './volume-types.js';
import { demandNotEnding } from './volume-under-way.js';

export interface SnapshotWish {
  readonly volumeId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** A volume in use may be frozen while its guest writes. */
  readonly inUseAllowed: boolean;
}

/** Of a locked volume. Throws `volume_state`, `bad_request`. */
export async function demandSnapshottable(tx: Transaction, volume: LockedVolume, inUseAllowed: boolean): Promise<void> {
  const allowed = volumeAllowedFrom.snapshot.filter((status) => status !== 'in-use' || inUseAllowed);
  if (!(allowed as readonly string[]).includes(volume.status) || volume.host === null) {
    throw await explainVolumeRefusal(tx, volume, 'create snapshot', allowed);
  }
  await demandThawed(tx, volume.host);
  await demandNotEnding(tx, volume.id, 'Take a snapshot');
  await demandOursOnly(tx, volume.id, 'take a snapshot of');
}

export interface SnapshotFields extends Pick<SnapshotWish, 'name' | 'description' | 'metadata'> {
  readonly groupSnapshotId: string | null;
}

/** The row alone, `creating`; the volume is locked and checked, and the quota demanded. Returns the new snapshot's id. */
export async function insertSnapshot(
  tx: Transaction,
  volume: LockedVolume,
  fields: SnapshotFields,
  who: Requester,
): Promise<SnapshotId> {
  const id = newId<SnapshotId>();
  await tx('snapshots').insert({
    id,
    volume_id: volume.id,
    project_id: who.projectId,
    user_id: who.userId,
    name: fields.name,
    description: fields.description,
    size_gib: volume.size_gib,
    status: 'creating',
    volume_type_id: volume.volume_type_id,
    group_snapshot_id: fields.groupSnapshotId,
    metadata: JSON.stringify(fields.metadata),
  });
  return id;
}

/** Row and operation. */
async function acceptSnapshot(
  tx: Transaction,
  volume: LockedVolume,
  fields: SnapshotFields,
  who: Requester,
): Promise<SnapshotId> {
  const id = await insertSnapshot(tx, volume, fields, who);
  await acceptOperation(tx, {
    type: 'snapshot-create',
    params: { volumeId: volume.id, snapshotId: id },
    projectId: who.projectId,
    userId: who.userId,
    requestId: who.requestId,
  });
  return id;
}

/** Returns the new snapshot's id. Throws `not_found`, `volume_state`, `bad_request`, `over_quota`. */
export async function createSnapshot(database: Database, wish: SnapshotWish, who: Requester): Promise<SnapshotId> {
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    await demandSnapshottable(tx, volume, wish.inUseAllowed);
    const typeId = volume.volume_type_id;
    const type = typeId === null ? null : await loadType(tx, typeId, { isAdmin: true, byName: false });
    const gigabytes = volume.size_gib;
    await demandQuota(tx, who.projectId, { type, volumes: 0, snapshots: 1, gigabytes, volumeSizeGib: null });
    return acceptSnapshot(tx, volume, { ...wish, groupSnapshotId: null }, who);
  });
}

export interface LockedSnapshot {
  readonly id: string;
  readonly volume_id: string;
  readonly project_id: string;
  readonly status: string;
  readonly volume_type_id: string | null;
  readonly group_snapshot_id: string | null;
  readonly metadata: Record<string, string>;
}

/** The row, locked until the transaction ends. Throws `not_found` (also for another project's; null: any project). */
export async function lockSnapshot(tx: Transaction, id: string, projectId: string | null): Promise<LockedSnapshot> {
  if (!isUuid(id)) throw snapshotNotFound(id);
  const query = tx('snapshots').where({ id, internal: false }).forUpdate();
  if (projectId !== null) void query.andWhere({ project_id: projectId });
  const row: LockedSnapshot | undefined = await query.first('*');
  if (row === undefined) throw snapshotNotFound(id);
  return row;
}

/**
 * The snapshot and its volume's host, both rows locked: the volume's first, as everywhere, so that an attachment of outside cannot slip in
 * between. Throws `not_found`.
 */
export async function lockSnapshotAndVolume(
  tx: Transaction,
  id: string,
  projectId: string | null,
): Promise<{ snapshot: LockedSnapshot; host: string | null }> {
  const seen: { volume_id: string } | undefined = isUuid(id)
    ? await tx('snapshots').where({ id }).first('volume_id')
    : undefined;
  const volume: { host: string | null } | undefined =
    seen === undefined ? undefined : await tx('volumes').where({ id: seen.volume_id }).forUpdate().first('host');
  return { snapshot: await lockSnapshot(tx, id, projectId), host: volume?.host ?? null };
}

export async function writeSnapshot(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('snapshots')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

/** Status and operation; the rows are locked and the status checked. `host` is the volume's. Throws `bad_request`, `volume_state`. */
export async function acceptSnapshotDeletion(
  tx: Transaction,
  snapshot: LockedSnapshot,
  host: string | null,
  who: Requester,
): Promise<void> {
  const { id } = snapshot;
  await demandThawed(tx, host);
  await demandOursOnly(tx, snapshot.volume_id, 'delete a snapshot of');
  await writeSnapshot(tx, id, { status: 'deleting', progress: '0%' });
  await acceptOperation(tx, {
    type: 'snapshot-delete',
    params: { volumeId: snapshot.volume_id, snapshotId: id },
    projectId: snapshot.project_id,
    userId: who.userId,
    requestId: who.requestId,
  });
}

/** `force` (administrators) skips the check of the status. Throws `not_found`, `snapshot_state`, `bad_request`. */
export async function deleteSnapshot(database: Database, id: string, force: boolean, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { snapshot, host } = await lockSnapshotAndVolume(tx, id, who.visibleProjectId);
    // A forced deletion that is repeated is accepted; without force, a deletion under way is a wrong status as in Cinder.
    if (force && snapshot.status === 'deleting' && (await deletionUnderWay(tx, 'snapshot-delete', id))) return;
    if (snapshot.group_snapshot_id !== null) throw snapshotIsGrouped(id);
    const allowed: readonly string[] = snapshotAllowedFrom.delete;
    if (!force && !allowed.includes(snapshot.status)) {
      throw explainSnapshotRefusal(id, snapshot.status, 'delete', allowed);
    }
    await acceptSnapshotDeletion(tx, snapshot, host, who);
  });
}

/** Throws `not_found`. */
export async function updateSnapshotFields(
  database: Database,
  id: string,
  projectId: string | null,
  fields: { readonly name?: string | null; readonly description?: string | null },
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockSnapshot(tx, id, projectId);
    await writeSnapshot(tx, id, { ...fields });
  });
}

/** Replaces the metadata by what `change` makes of it, and returns that. Throws `not_found`, `bad_request` (too much), and what `change` throws. */
export async function changeSnapshotMetadata(
  database: Database,
  id: string,
  projectId: string | null,
  change: (present: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  return inTransaction(database, async (tx) => {
    const snapshot = await lockSnapshot(tx, id, projectId);
    const next = change(snapshot.metadata);
    demandBoundedMetadata('metadata', snapshot.metadata, next);
    await writeSnapshot(tx, id, { metadata: JSON.stringify(next) });
    return next;
  });
}
