// A new backup in one transaction: source checked and pinned, quota, rows, operations. Texts: cinder/backup/api.py.
//
// A backup of a volume is a chain of three operations, as a clone is:
//
//   snapshot-create (internal, on the volume)  ->  backup-create (of the frozen layers)  ->  snapshot-delete (always)
//
// so that it is of one moment whether the volume is in use or not. A backup of a snapshot is the second one alone.
import { randomUUID } from 'node:crypto';
import { backupAllowedFrom, DEFAULT_CONTAINER, isContainerName } from '../../domain/backup.js';
import { ServiceError } from '../../domain/errors.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { demandBackupQuota } from './backup-quota.js';
import { invalidBackup } from './backup-rows.js';
import { demandBackupService } from './backup-services.js';
import { demandOursOnly } from './foreign-attachments.js';
import { insertInternalSnapshot } from './internal-snapshot.js';
import type { Requester } from './requester.js';
import { type LockedSnapshot, lockSnapshot, writeSnapshot } from './snapshot-change.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { demandNotEnding } from './volume-under-way.js';

export interface BackupWish {
  readonly volumeId: string;
  readonly snapshotId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly container: string | null;
  readonly incremental: boolean;
  readonly force: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly zone: string | null;
}

function invalidVolume(reason: string): ServiceError {
  return new ServiceError('volume_state', `Invalid volume: ${reason}`);
}

function demandContainer(container: string | null): void {
  if (container === null || isContainerName(container)) return;
  throw new ServiceError(
    'bad_request',
    'Invalid input for field/attribute container. It must be one name of at most 64 letters, digits, dots, dashes and underscores that does not begin with a dot.',
  );
}

async function pinSnapshot(tx: Transaction, wish: BackupWish, id: string, who: Requester): Promise<LockedSnapshot> {
  const snapshot = await lockSnapshot(tx, id, who.visibleProjectId);
  if (snapshot.volume_id !== wish.volumeId) {
    throw invalidVolume(`Volume ${wish.volumeId} does not match with snapshot.volume_id ${snapshot.volume_id}.`);
  }
  if (snapshot.status === 'available') return snapshot;
  throw new ServiceError(
    'snapshot_state',
    `Invalid snapshot: Snapshot to be backed up must be available, but the current status is "${snapshot.status}".`,
  );
}

function demandStatus(volume: LockedVolume, force: boolean): void {
  const allowed: readonly string[] = volumeAllowedFrom.backup;
  if (!allowed.includes(volume.status)) {
    throw invalidVolume(
      `Volume to be backed up must be available or in-use, but the current status is "${volume.status}".`,
    );
  }
  if (volume.status === 'in-use' && !force) {
    throw invalidVolume('Backing up an in-use volume must use the force flag.');
  }
}

interface ParentRow {
  readonly id: string;
  readonly status: string;
  readonly container: string;
}

/** The latest one whose data is older than what is backed up now; kept from going by the reference to it. */
async function pinParent(tx: Transaction, volumeId: string, snapshot: LockedSnapshot | null, who: Requester) {
  const query = tx('backups')
    .where({ volume_id: volumeId, project_id: who.projectId })
    .orderByRaw('data_timestamp desc nulls last, created_at desc, id desc')
    .forShare();
  if (snapshot !== null) {
    void query.whereRaw('data_timestamp < (select created_at from snapshots where id = ?)', [snapshot.id]);
  }
  const parent: ParentRow | undefined = await query.first('id', 'status', 'container');
  if (parent === undefined) throw invalidBackup('No backups available to do an incremental backup.');
  const allowed: readonly string[] = backupAllowedFrom.parent;
  if (allowed.includes(parent.status)) return parent;
  throw invalidBackup('The parent backup must be available for incremental backup.');
}

async function acceptBackup(
  tx: Transaction,
  params: { readonly backupId: string; readonly volumeId: string; readonly snapshotId: string },
  frozen: boolean,
  who: Requester,
): Promise<void> {
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  if (frozen) {
    await acceptOperation(tx, { type: 'backup-create', params, ...by });
    return;
  }
  const { volumeId, snapshotId } = params;
  const internal = { volumeId, snapshotId };
  const froze = await acceptOperation(tx, { type: 'snapshot-create', params: internal, ...by });
  const after = { operationId: froze, mode: 'success' } as const;
  const kept = await acceptOperation(tx, { type: 'backup-create', params, ...by, after });
  const end = { operationId: kept, mode: 'end' } as const;
  await acceptOperation(tx, { type: 'snapshot-delete', params: internal, ...by, after: end });
}

async function backendOf(tx: Transaction, volume: LockedVolume): Promise<string> {
  const pool: { backend_host: string } | undefined =
    volume.host === null ? undefined : await tx('pools').where({ name: volume.host }).first('backend_host');
  if (pool === undefined) throw invalidVolume('The volume has no data to back up.');
  return pool.backend_host;
}

/**
 * Returns the id of the new backup. Throws `not_found`, `volume_state`, `snapshot_state`, `bad_request` (container, no parent), `over_quota`,
 * `service_unavailable`.
 */
export async function createBackup(database: Database, wish: BackupWish, who: Requester): Promise<string> {
  demandContainer(wish.container);
  demandBoundedMetadata('metadata', {}, wish.metadata);
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    const snapshot = wish.snapshotId === null ? null : await pinSnapshot(tx, wish, wish.snapshotId, who);
    if (snapshot === null) demandStatus(volume, wish.force);
    await demandNotEnding(tx, volume.id, 'Back it up');
    if (snapshot === null) await demandOursOnly(tx, volume.id, 'back up');
    await demandBackupQuota(tx, who.projectId, volume.size_gib);
    const parent = wish.incremental ? await pinParent(tx, volume.id, snapshot, who) : null;
    const backendHost = await demandBackupService(tx, { only: await backendOf(tx, volume), zone: wish.zone });
    const id = randomUUID();
    await tx('backups').insert({
      id,
      project_id: who.projectId,
      user_id: who.userId,
      name: wish.name,
      description: wish.description,
      status: 'creating',
      volume_id: volume.id,
      // From now on the key stays; the worker says at the end which one it was.
      encryption_key_id: tx('volumes').where({ id: volume.id }).select('encryption_key_id'),
      snapshot_id: snapshot?.id ?? null,
      parent_id: parent?.id ?? null,
      size_gib: volume.size_gib,
      container: wish.container ?? parent?.container ?? DEFAULT_CONTAINER,
      availability_zone: wish.zone,
      backend_host: backendHost,
      metadata: JSON.stringify(wish.metadata),
    });
    await tx('backups')
      .where({ id })
      .update({
        data_timestamp:
          snapshot === null
            ? tx.raw('created_at')
            : tx.raw('(select s.created_at from snapshots s where s.id = ?)', [snapshot.id]),
      });
    if (snapshot === null) await writeVolume(tx, volume.id, { status: 'backing-up', previous_status: volume.status });
    else await writeSnapshot(tx, snapshot.id, { status: 'backing-up' });
    const snapshotId =
      snapshot?.id ??
      (await insertInternalSnapshot(
        tx,
        { volumeId: volume.id, sizeGib: volume.size_gib, typeId: volume.volume_type_id },
        who,
      ));
    await acceptBackup(tx, { backupId: id, volumeId: volume.id, snapshotId }, snapshot !== null, who);
    return id;
  });
}
