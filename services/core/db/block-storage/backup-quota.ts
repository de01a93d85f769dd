// What backups count: their number, and the sizes of the volumes that they are of. Texts: cinder/exception.py.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import { queryPrepared } from './prepared.js';
import { lockQuota } from './quota-demand.js';
import { loadLimits } from './quota-limits.js';

export interface BackupUsage {
  readonly backups: number;
  readonly gigabytes: number;
}

export async function loadBackupUsage(db: Executor, projectId: string): Promise<BackupUsage> {
  const rows = await queryPrepared<{ backups: string; gigabytes: string }>(
    db,
    'backup-usage',
    'select count(*) as backups, coalesce(sum(size_gib), 0) as gigabytes from backups where project_id = ?',
    [projectId],
  );
  return { backups: Number(rows[0]?.backups ?? 0), gigabytes: Number(rows[0]?.gigabytes ?? 0) };
}

/** One more backup of so many GiB. Throws `over_quota`. The project's quota stays locked until the transaction ends. */
export async function demandBackupQuota(tx: Transaction, projectId: string, sizeGib: number): Promise<void> {
  await lockQuota(tx, projectId);
  const limits = await loadLimits(tx, projectId, ['backups', 'backup_gigabytes']);
  const used = await loadBackupUsage(tx, projectId);
  const gigabytes = limits.get('backup_gigabytes') ?? -1;
  if (gigabytes >= 0 && used.gigabytes + sizeGib > gigabytes) {
    throw new ServiceError(
      'over_quota',
      `VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. Requested ${sizeGib}G, quota is ${gigabytes}G and ${used.gigabytes}G has been consumed.`,
    );
  }
  const backups = limits.get('backups') ?? -1;
  if (backups >= 0 && used.backups + 1 > backups) {
    throw new ServiceError(
      'over_quota',
      `BackupLimitExceeded: Maximum number of backups allowed (${backups}) exceeded`,
    );
  }
}
