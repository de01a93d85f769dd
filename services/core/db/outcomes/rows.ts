// Row changes that several outcomes share: the chain with its dependants, volume status from attachments, user messages.
import { type AttachmentStatus, statusFromAttachments } from '../../domain/attachment.js';
import type { Chain } from '../../domain/chain.js';
import type { VolumeStatus } from '../../domain/volume.js';
import type { WireError } from '../../messages/envelope.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import { leaveMessage, type MessageResource } from '../leave-message.js';

export async function updateVolume(tx: Transaction, volumeId: string, fields: Record<string, unknown>): Promise<void> {
  await tx('volumes')
    .where({ id: volumeId })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

/**
 * Makes the volume's own layers on record equal to `chain` (layers of other volumes are not part of it), and in the same transaction what is derived from it: every attachment's
 * connection info names the new active file and its format, so that no guest is ever started from an old file.
 */
export async function storeChain(tx: Transaction, volumeId: string, chain: Chain): Promise<void> {
  await tx('chain_layers').where({ volume_id: volumeId }).delete();
  await tx('chain_layers').insert(
    chain.map((layer, position) => ({
      volume_id: volumeId,
      position,
      file: layer.file,
      format: layer.format,
      virtual_size_bytes: layer.virtualSizeBytes,
      snapshot_id: layer.snapshotId,
      key_id: layer.keyId ?? null,
    })),
  );
  const active = chain.at(-1);
  if (active === undefined) return;
  await tx('attachments')
    .where({ volume_id: volumeId })
    .whereRaw("jsonb_exists(connection_info, 'name')")
    .update({
      connection_info: tx.raw('connection_info || ?::jsonb', [
        JSON.stringify({ name: active.file, format: active.format }),
      ]),
    });
}

/** Statuses that another operation or request owns; the end of an attachment must not take them away from it. */
const ownedStatuses = [
  'creating',
  'deleting',
  'maintenance',
  'awaiting-transfer',
  'backing-up',
  'restoring-backup',
  'downloading',
  'uploading',
  'retyping',
  'extending',
  'managing',
  'unmanaging',
  'reverting',
] as const satisfies readonly VolumeStatus[];

/**
 * After an attachment (or what `owned` names) has ended: the volume's status is what the remaining attachments make it.
 * Example of the race that `ownedStatuses` excludes: an extend waits for its lock while the server is deleted; a volume shown
 * as `available` by the server's end could be deleted under it.
 */
export async function deriveVolumeStatus(
  tx: Transaction,
  volumeId: string,
  owned: (typeof ownedStatuses)[number] | null = null,
): Promise<void> {
  const remaining: { status: AttachmentStatus }[] = await tx('attachments')
    .where({ volume_id: volumeId })
    .select('status');
  const derived = statusFromAttachments(
    remaining.map((row) => row.status).filter((status) => !status.startsWith('error')),
  );
  await updateVolume(tx, volumeId, {
    attach_status: derived.attachStatus,
    status: tx.raw('case when status = any(?) then status else ? end', [
      ownedStatuses.filter((status) => status !== owned),
      derived.status,
    ]),
  });
}

/** Forgets a volume: its row, and what its pool has promised to it. One that is gone already stays so. */
export async function forgetVolume(tx: Transaction, volumeId: string): Promise<void> {
  const volume: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
  if (volume === undefined) return;
  await forgetBacking(tx, volumeId);
  await promise(tx, volumeId, -volume.size_gib);
  await tx('attachments').where({ volume_id: volumeId }).delete();
  await tx('volumes').where({ id: volumeId }).delete();
}

/** Changes what a pool has promised, in GiB (negative gives back). */
export async function promise(tx: Transaction, volumeId: string, deltaGib: number): Promise<void> {
  await tx.raw(
    'update pools set provisioned_gib = greatest(0, provisioned_gib + ?) where name = (select host from volumes where id = ?)',
    [deltaGib, volumeId],
  );
}

/** Says why the operation failed, to the users of the project that asked for it. */
export async function tellUser(
  tx: Transaction,
  row: OperationRow,
  resourceType: MessageResource,
  resourceId: string,
  error: WireError,
): Promise<void> {
  const { project_id: projectId, request_id: requestId, type: action } = row;
  await leaveMessage(tx, { projectId, requestId, resourceType, resourceId, action, code: error.code });
}
