// A backup back into a volume: an existing one at rest, or a new one. Texts: cinder/backup/api.py, cinder/volume/flows/api/create_volume.py.
//
// A new volume is made empty first, and its one file filled then: nobody can use it between the two, because the end of its creation sees the
// restore that waits for it (`restoring-backup`).
import { randomUUID } from 'node:crypto';
import { backupAllowedFrom } from '../../domain/backup.js';
import { ServiceError } from '../../domain/errors.js';
import type { OperationId } from '../../domain/ids.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { type BackupRecord, invalidBackup, lockBackup, writeBackupRow } from './backup-rows.js';
import { demandBackupService } from './backup-services.js';
import { pinGroupFor } from './group-membership.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { lockVolume, writeVolume } from './volume-change.js';
import { createVolumeWith, type VolumeWish } from './volume-create.js';
import { demandNothingUnderWay } from './volume-under-way.js';

export interface RestoreWish {
  readonly backupId: string;
  /** null: a new volume. */
  readonly volumeId: string | null;
  /** Of a new volume; null: after the backup. */
  readonly name: string | null;
}

export interface Restoring {
  readonly volumeId: string;
  readonly volumeName: string | null;
}

function invalidVolume(reason: string): ServiceError {
  return new ServiceError('volume_state', `Invalid volume: ${reason}`);
}

/** The backup's row, locked, fit to be read. Throws `not_found`, `bad_request`. */
async function pinForRestore(tx: Transaction, id: string, who: Requester): Promise<BackupRecord> {
  const backup = await lockBackup(tx, id, who.visibleProjectId);
  const allowed: readonly string[] = backupAllowedFrom.restore;
  if (!allowed.includes(backup.status) || backup.manifest_sha256 === null) {
    throw invalidBackup('Backup status must be available');
  }
  return backup;
}

/** What was encrypted does not become plain by being put back; the other way round is no harm. Throws `volume_state`. */
async function demandKept(tx: Transaction, backupId: string, volumeId: string): Promise<void> {
  const open: unknown = await tx('backups as b')
    .join('volumes as v', 'v.id', tx.raw('?::uuid', [volumeId]))
    .where({ 'b.id': backupId, 'v.encrypted': false })
    .whereNotNull('b.encryption_key_id')
    .first('b.id');
  if (open === undefined) return;
  throw invalidVolume('a backup of an encrypted volume must be restored to a volume of an encrypted type.');
}

/** A new volume that nobody has named a type for gets that of the encrypted one, while that is there. */
async function typeFor(tx: Transaction, backup: BackupRecord, wish: VolumeWish): Promise<VolumeWish['type']> {
  if (wish.type !== null || backup.encryption_key_id === null) return wish.type;
  const source: { volume_type_id: string | null } | undefined = await tx('volumes')
    .where({ id: backup.volume_id, encrypted: true })
    .first('volume_type_id');
  return source?.volume_type_id ?? null;
}

/** `nameId` null: into the file that the volume has, which is new and empty. */
async function acceptRestore(
  tx: Transaction,
  params: { readonly backupId: string; readonly volumeId: string; readonly nameId: string | null },
  after: OperationId | null,
  who: Requester,
): Promise<void> {
  const { volumeId, backupId } = params;
  await demandKept(tx, backupId, volumeId);
  const volume: { host: string | null; name: string | null } | undefined = await tx('volumes')
    .where({ id: volumeId })
    .first('host');
  const pool: { backend_host: string } | undefined =
    volume === undefined ? undefined : await tx('pools').where({ name: volume.host }).first('backend_host');
  await demandBackupService(tx, { only: pool?.backend_host ?? '', zone: null });
  await writeBackupRow(tx, backupId, { status: 'restoring', restore_volume_id: volumeId });
  await acceptOperation(tx, {
    type: 'backup-restore',
    params,
    projectId: who.projectId,
    userId: who.userId,
    requestId: who.requestId,
    ...(after === null ? {} : { after: { operationId: after, mode: 'success' } }),
  });
}

async function restoreInto(
  tx: Transaction,
  backup: BackupRecord,
  volumeId: string,
  who: Requester,
): Promise<Restoring> {
  const volume = await lockVolume(tx, volumeId, who.visibleProjectId);
  const allowed: readonly string[] = volumeAllowedFrom.restore;
  const attachment: unknown = await tx('attachments').where({ volume_id: volume.id }).first('id');
  if (!allowed.includes(volume.status) || attachment !== undefined || volume.host === null) {
    throw invalidVolume('Volume to be restored to must be available');
  }
  if (backup.size_gib > volume.size_gib) {
    throw invalidVolume(`volume size ${volume.size_gib} is too small to restore backup of size ${backup.size_gib}.`);
  }
  await demandThawed(tx, volume.host);
  await demandNothingUnderWay(tx, volume.id, 'Restore to it');
  await writeVolume(tx, volume.id, { status: 'restoring-backup', previous_status: volume.status });
  await acceptRestore(tx, { backupId: backup.id, volumeId: volume.id, nameId: randomUUID() }, null, who);
  const named: { name: string | null } | undefined = await tx('volumes').where({ id: volume.id }).first('name');
  return { volumeId: volume.id, volumeName: named?.name ?? null };
}

/** Throws `not_found`, `bad_request`, `volume_state`, `over_quota`, `service_unavailable`. */
export async function restoreBackup(
  database: Database,
  wish: RestoreWish,
  isAdmin: boolean,
  who: Requester,
): Promise<Restoring> {
  return inTransaction(database, async (tx) => {
    // The volume's row before the backup's, as everywhere.
    if (wish.volumeId !== null) await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    const backup = await pinForRestore(tx, wish.backupId, who);
    if (wish.volumeId !== null) return restoreInto(tx, backup, wish.volumeId, who);
    const name = wish.name ?? `restore_backup_${backup.id}`;
    const description = 'auto-created_from_restore_from_backup';
    const blank = { name, description, type: null, zone: null, metadata: {}, source: null };
    return { volumeId: await createFrom(tx, backup, { ...blank, sizeGib: null }, isAdmin, who), volumeName: name };
  });
}

/**
 * What Cinder keeps beside a backup's data (cinder/backup/driver.py, BackupMetadataAPI): properties, image properties, whether it boots. They are
 * read from the volume while it is there; one that went to another project tells nothing.
 */
async function inheritFromSource(tx: Transaction, volumeId: string, backup: BackupRecord): Promise<void> {
  await tx.raw(
    `update volumes v set metadata = s.metadata || v.metadata, image_metadata = s.image_metadata, bootable = s.bootable
     from volumes s where v.id = ? and s.id = ? and s.project_id = ? and v.project_id = s.project_id and s.purpose = 'volume'`,
    [volumeId, backup.volume_id, backup.project_id],
  );
}

async function createFrom(
  tx: Transaction,
  backup: BackupRecord,
  wish: VolumeWish,
  isAdmin: boolean,
  who: Requester,
): Promise<string> {
  const sizeGib = wish.sizeGib ?? backup.size_gib;
  if (sizeGib < backup.size_gib) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Volume size ${sizeGib}GB cannot be smaller than the backup size ${backup.size_gib}GB. It must be >= backup size.`,
    );
  }
  const type = await typeFor(tx, backup, wish);
  const group = wish.groupId == null ? null : await pinGroupFor(tx, wish.groupId, type, who);
  const made = await createVolumeWith(tx, { ...wish, type, sizeGib }, isAdmin, who, group);
  await inheritFromSource(tx, made.id, backup);
  // No pool would have it: it is stored in `error`, with a message that says why.
  if (made.operationId !== null) {
    await acceptRestore(tx, { backupId: backup.id, volumeId: made.id, nameId: null }, made.operationId, who);
  }
  return made.id;
}

/** A new volume that holds what the backup does. Returns its id. Throws as `createVolume` and `restoreBackup` do. */
export async function createVolumeFromBackup(
  database: Database,
  wish: VolumeWish,
  backupId: string,
  isAdmin: boolean,
  who: Requester,
): Promise<string> {
  return inTransaction(database, async (tx) =>
    createFrom(tx, await pinForRestore(tx, backupId, who), wish, isAdmin, who),
  );
}
