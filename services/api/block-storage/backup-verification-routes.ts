// Whether a backup is whole, and which parts of which disk are lost when it is not. Our own calls; Cinder has none like them.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  type BackupVerification,
  loadBackupVerification,
  verifyBackup,
} from '../../core/db/block-storage/backup-verification.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { naiveTime } from './naive-time.js';

type Schemas = components['schemas'];

function viewVerification(one: BackupVerification): Schemas['BackupVerification'] {
  const damage = one.seen?.damage;
  return {
    id: one.id,
    backup_id: one.backupId,
    status: one.status,
    progress: Math.round(one.progress),
    checked_chunks: damage?.checkedChunks ?? null,
    damaged_chunks: damage?.damagedChunks ?? null,
    damage: (damage?.stretches ?? []).map(({ firstByte, bytes, backupId, object, reason }) => ({
      ...{ first_byte: firstByte, bytes, stored_as: backupId, object, reason },
    })),
    error: one.error === null ? null : { code: one.error.code, message: one.error.message },
    created_at: naiveTime(one.createdAt),
  };
}

export function backupVerificationRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['BackupVerificationCreate']>({
      method: 'POST',
      path: '/v3/saggar/backup-verifications',
      operationId: 'createBackupVerification',
      policy: 'backup:verify',
      success: 202,
      async handler(context, { body: { backup_verification: wish } }) {
        const id = await verifyBackup(database, wish.backup_id, requesterOf(context));
        return {
          body: { backup_verification: viewVerification(await loadBackupVerification(database, id, null)) },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/saggar/backup-verifications/{backup_verification_id}',
      operationId: 'showBackupVerification',
      policy: 'backup:show-verification',
      success: 200,
      async handler(context, { param }) {
        const one = await loadBackupVerification(database, param('backup_verification_id'), visibleProject(context));
        return { body: { backup_verification: viewVerification(one) } };
      },
    }),
  ];
}
