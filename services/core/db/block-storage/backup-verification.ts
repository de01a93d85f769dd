// Looking at a whole backup: every object is read, and every chunk compared with its hash. An operation that changes nothing; what it saw is in its
// output, and is told to whoever may see the backup for as long as operations are kept.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { CommandOutput, WireError } from '../../messages/envelope.js';
import type { Database } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { invalidBackup, lockBackup } from './backup-rows.js';
import { demandBackupService } from './backup-services.js';
import type { Requester } from './requester.js';

export interface BackupVerification {
  readonly id: string;
  readonly backupId: string;
  readonly status: 'waiting' | 'running' | 'whole' | 'damaged' | 'failed';
  /** 0 to 100. */
  readonly progress: number;
  /** null until it has ended. */
  readonly seen: CommandOutput<'backup.verify'> | null;
  readonly error: WireError | null;
  readonly createdAt: string;
}

interface Row {
  readonly id: string;
  readonly backup_id: string;
  readonly state: string;
  readonly progress: number;
  readonly outputs: { readonly 'read-backup'?: CommandOutput<'backup.verify'> };
  readonly error: WireError | null;
  readonly created_at: string;
}

/** Returns its id; that of the one under way where there is one. Throws `not_found`, `bad_request`, `service_unavailable`. */
export async function verifyBackup(database: Database, backupId: string, who: Requester): Promise<string> {
  return inTransaction(database, async (tx) => {
    const backup = await lockBackup(tx, backupId, who.visibleProjectId);
    if (backup.status !== 'available') throw invalidBackup('Backup status must be available');
    const running: { id: string } | undefined = await tx('operations')
      .where({ type: 'backup-verify', project_id: who.projectId })
      .whereIn('state', ['pending', 'running'])
      .whereRaw(`params->>'backupId' = ?`, [backup.id])
      .first('id');
    if (running !== undefined) return running.id;
    await demandBackupService(tx, { only: null, zone: backup.availability_zone });
    return acceptOperation(tx, {
      type: 'backup-verify',
      params: { backupId: backup.id, deep: true },
      projectId: who.projectId,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}

function statusOf({ state, outputs }: Row): BackupVerification['status'] {
  if (state === 'pending') return 'waiting';
  if (state === 'failed') return 'failed';
  if (state !== 'done') return 'running';
  return (outputs['read-backup']?.damage?.damagedChunks ?? 0) > 0 ? 'damaged' : 'whole';
}

/** `projectId` null: of any project. Throws `not_found`. */
export async function loadBackupVerification(
  database: Database,
  id: string,
  projectId: string | null,
): Promise<BackupVerification> {
  const query = database('operations').where({ id: isUuid(id) ? id : null, type: 'backup-verify' });
  if (projectId !== null) void query.andWhere({ project_id: projectId });
  const row: Row | undefined = await query.first(
    'id',
    database.raw(`params->>'backupId' as backup_id`),
    ...['state', 'progress', 'outputs', 'error', 'created_at'],
  );
  if (row === undefined) {
    throw new ServiceError('not_found', `Backup verification ${id.slice(0, 64)} could not be found.`);
  }
  const status = statusOf(row);
  return {
    id: row.id,
    backupId: row.backup_id,
    status,
    progress: row.progress,
    seen: row.outputs['read-backup'] ?? null,
    error: status === 'failed' ? row.error : null,
    createdAt: row.created_at,
  };
}
