// Outcomes of backups. The volume (or snapshot) gets its status of before back whatever happens: nothing of it was changed. A restore names the
// new file in one transaction with what follows from it; before that a failure leaves the old content as it was.
import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import { userMessage } from '../../domain/user-messages.js';
import type { WireError } from '../../messages/envelope.js';
import { outputOf, ownLayersAfter } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, storeChain, tellUser, updateVolume } from './rows.js';

async function updateBackup(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('backups')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

/** In words of the closed list: host names and paths never get into the row. */
async function failBackup(
  tx: Transaction,
  row: OperationRow<'backup-create' | 'backup-delete' | 'backup-verify'>,
  status: 'error' | 'error_deleting',
  error: WireError,
): Promise<void> {
  const { text } = userMessage('VOLUME_BACKUP', row.type, error.code);
  await updateBackup(tx, row.params.backupId, { status, fail_reason: text });
  await tellUser(tx, row, 'VOLUME_BACKUP', row.params.backupId, error);
}

/** A backup of a client's snapshot leaves the volume's status alone; one of a volume is made of an internal snapshot. */
async function endBackup(
  tx: Transaction,
  { params: { volumeId, snapshotId } }: OperationRow<'backup-create'>,
): Promise<void> {
  const snapshot: { internal: boolean } | undefined = await tx('snapshots').where({ id: snapshotId }).first('internal');
  if (snapshot?.internal === false) {
    await tx('snapshots')
      .where({ id: snapshotId, status: 'backing-up' })
      .update({ status: 'available', updated_at: tx.raw('utc_now()') });
    return;
  }
  // What an administrator has said meanwhile stays.
  const held: unknown = await tx('volumes').where({ id: volumeId, status: 'backing-up' }).first('id');
  if (held !== undefined) await deriveVolumeStatus(tx, volumeId, 'backing-up');
}

export const backupCreateOutcomes: Outcomes<'backup-create'> = {
  async done(tx, row, context) {
    const written = outputOf(context, 'write-backup', 'backup.write');
    if (written === undefined) throw new ServiceError('internal', 'The backup was made without a manifest.');
    await updateBackup(tx, row.params.backupId, {
      status: 'available',
      service: written.service,
      manifest_sha256: written.manifestSha256,
      object_count: written.objectCount,
      stored_bytes: written.storedBytes,
      fail_reason: null,
      ...(written.keyId === undefined ? {} : { encryption_key_id: written.keyId }),
      // Of one that was made upon another: what that one has, and what that one needs.
      needs: tx.raw(
        `coalesce((select array_append(p.needs, p.objects_of) from backups b join backups p on p.id = b.parent_id where b.id = ?), '{}')`,
        [row.params.backupId],
      ),
    });
    await endBackup(tx, row);
  },
  async failed(tx, row, error) {
    await failBackup(tx, row, 'error', error);
    await endBackup(tx, row);
  },
};

async function endRestore(tx: Transaction, backupId: string): Promise<void> {
  await tx('backups')
    .where({ id: backupId, status: 'restoring' })
    .update({ status: 'available', updated_at: tx.raw('utc_now()') });
}

export const backupRestoreOutcomes: Outcomes<'backup-restore'> = {
  stepDone: {
    async 'verify-chain'(tx, row, { plan }) {
      const { volumeId, nameId } = row.params;
      if (plan === null || nameId === null) return;
      await storeChain(tx, volumeId, ownLayersAfter(plan));
      if ((plan.foreignAfter ?? 0) > 0 || plan.after.length > 1) return;
      // A file of its own stands on nobody's layers.
      await forgetBacking(tx, volumeId);
      await updateVolume(tx, volumeId, { name_id: nameId });
    },
  },
  async done(tx, row) {
    const { volumeId, backupId } = row.params;
    await deriveVolumeStatus(tx, volumeId, 'restoring-backup');
    await updateVolume(tx, volumeId, { launched_at: tx.raw('coalesce(launched_at, utc_now())') });
    await endRestore(tx, backupId);
  },
  async failed(tx, row, error) {
    const { volumeId, backupId } = row.params;
    await updateVolume(tx, volumeId, { status: 'error_restoring' });
    await endRestore(tx, backupId);
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};

export const backupDeleteOutcomes: Outcomes<'backup-delete'> = {
  async done(tx, row) {
    await tx('backups').where({ id: row.params.backupId }).delete();
  },
  async failed(tx, row, error) {
    await failBackup(tx, row, 'error_deleting', error);
  },
};

/** An imported record becomes a backup when its manifest says what it says; a look at one that is there changes nothing. */
export const backupVerifyOutcomes: Outcomes<'backup-verify'> = {
  async done(tx, row, context) {
    const seen = outputOf(context, 'read-backup', 'backup.verify');
    if (seen === undefined) throw new ServiceError('internal', 'The backup was looked at without an answer.');
    const { backupId } = row.params;
    if ((seen.damage?.damagedChunks ?? 0) > 0) {
      const text = 'Parts of the backup are damaged.';
      await tellUser(tx, row, 'VOLUME_BACKUP', backupId, { code: 'hostile_image', message: text });
    }
    const importing: { size_gib: number } | undefined = await tx('backups')
      .where({ id: backupId, status: 'creating' })
      .first('size_gib');
    if (importing === undefined) return;
    const sizeGib = bytesToGib(seen.sizeBytes);
    if (importing.size_gib < sizeGib) {
      await failBackup(tx, row, 'error', { code: 'hostile_image', message: 'The record says another size.' });
      return;
    }
    await updateBackup(tx, backupId, {
      status: 'available',
      service: seen.service,
      manifest_sha256: seen.manifestSha256,
      object_count: seen.objectCount,
      stored_bytes: seen.storedBytes,
      needs: seen.needs,
      encryption_key_id: seen.keyId ?? null,
      objects_seen: true,
    });
  },
  async failed(tx, row, error) {
    const importing: unknown = await tx('backups').where({ id: row.params.backupId, status: 'creating' }).first('id');
    if (importing === undefined) await tellUser(tx, row, 'VOLUME_BACKUP', row.params.backupId, error);
    else await failBackup(tx, row, 'error', error);
  },
};
