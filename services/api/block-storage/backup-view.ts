// What clients see of a backup. Pure. Source: cinder/api/views/backups.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { BackupRecord } from '../../core/db/block-storage/backup-rows.js';
import type { RequestContext } from '../request-context.js';
import { resourceLinks } from './block-storage-api.js';
import { passes } from './microversions.js';
import { naiveTime, naiveTimeOrNull } from './naive-time.js';

type Schemas = components['schemas'];

export function viewBackupSummary(
  { id, name }: Pick<BackupRecord, 'id' | 'name'>,
  context: RequestContext,
): Schemas['BackupSummary'] {
  return { id, name, links: resourceLinks(context, `backups/${id}`) };
}

export function viewBackup(backup: BackupRecord, context: RequestContext): Schemas['Backup'] {
  const { encryption_key_id: keyId } = backup;
  return {
    ...viewBackupSummary(backup, context),
    status: backup.status,
    size: backup.size_gib,
    object_count: backup.object_count,
    availability_zone: backup.availability_zone,
    container: backup.container,
    created_at: naiveTime(backup.created_at),
    updated_at: naiveTimeOrNull(backup.updated_at),
    description: backup.description,
    fail_reason: backup.fail_reason,
    volume_id: backup.volume_id,
    is_incremental: backup.parent_id !== null,
    has_dependent_backups: backup.has_dependents,
    snapshot_id: backup.snapshot_id,
    data_timestamp: naiveTimeOrNull(backup.data_timestamp),
    ...(passes(context, 'backup-metadata') ? { metadata: { ...backup.metadata } } : {}),
    ...(context.isAdmin && passes(context, 'backup-project')
      ? { 'os-backup-project-attr:project_id': backup.project_id }
      : {}),
    ...(context.isAdmin && passes(context, 'backup-user') ? { user_id: backup.user_id } : {}),
    ...(keyId !== null && passes(context, 'encryption-key-id') ? { encryption_key_id: keyId } : {}),
  };
}
