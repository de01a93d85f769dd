// Changes of a backup: its words, its end, and an administrator's say over its status. Texts: cinder/backup/api.py.
import { type BackupStatus, backupAllowedFrom, backupStatuses } from '../../domain/backup.js';
import { ServiceError } from '../../domain/errors.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { invalidBackup, lockBackup, lockBackupObjects, writeBackupRow } from './backup-rows.js';
import { demandBackupService } from './backup-services.js';
import type { Requester } from './requester.js';

export interface BackupFields {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Throws `not_found`, `bad_request` (too much metadata). */
export async function updateBackup(
  database: Database,
  id: string,
  projectId: string | null,
  fields: BackupFields,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const backup = await lockBackup(tx, id, projectId);
    const { metadata, ...plain } = fields;
    if (metadata !== undefined) demandBoundedMetadata('metadata', backup.metadata, metadata);
    await writeBackupRow(tx, id, {
      ...plain,
      ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
    });
  });
}

/** Operations that read or write the backup and have not ended. */
async function demandIdle(tx: Transaction, id: string): Promise<void> {
  const busy: { id: string; type: string } | undefined = await tx('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw(`params->>'backupId' = ?`, [id])
    .orderBy('seq')
    .first('id', 'type');
  if (busy === undefined) return;
  throw invalidBackup(`The backup is busy with ${busy.type} (operation ${busy.id}).`);
}

/**
 * `force` (administrators) takes it in any status but `deleting`; what works on it must have ended all the same. Throws `not_found`,
 * `bad_request`, `service_unavailable`.
 */
export async function deleteBackup(database: Database, id: string, force: boolean, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const backup = await lockBackupObjects(tx, id, who.visibleProjectId);
    const allowed: readonly string[] = force ? backupAllowedFrom.forceDelete : backupAllowedFrom.delete;
    if (!allowed.includes(backup.status)) throw invalidBackup('Backup status must be available or error');
    if (backup.has_dependents) throw invalidBackup('Incremental backups exist for this backup.');
    await demandIdle(tx, id);
    const backendHost = await demandBackupService(tx, { only: null, zone: backup.availability_zone });
    await writeBackupRow(tx, id, { status: 'deleting', backend_host: backendHost });
    await acceptOperation(tx, {
      type: 'backup-delete',
      params: { backupId: id },
      projectId: backup.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}

/**
 * An administrator's word over the record. A backup that was never finished does not become one by it. Throws `not_found`, `bad_request`.
 * Source: cinder/backup/manager.py, reset_status, takes `available` and `error`.
 */
export async function resetBackupStatus(database: Database, id: string, status: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const backup = await lockBackup(tx, id, null);
    const known: readonly string[] = backupStatuses;
    if (!known.includes(status)) throw new ServiceError('bad_request', `Invalid status: ${status.slice(0, 64)}`);
    await demandBackupService(tx, { only: null, zone: backup.availability_zone });
    const usable = (status as BackupStatus) === 'available';
    if (usable && backup.manifest_sha256 === null) {
      throw invalidBackup('The backup was never finished, so it cannot be restored.');
    }
    await writeBackupRow(tx, id, { status });
  });
}
