// Keeps users from pulling a volume from under a running guest (CVE-2023-2088): while a server of ours has it, only the compute API, or a
// service that speaks for the user, may end the attachment. Whoever may, does it through the hypervisor, never by deleting the row.
//
// Servers of ours are the rows with managed_server_id: the compute API here is the only one that this service knows. Cinder asks its Nova
// in the same way and lets go what Nova does not know, so an attachment with somebody else's instance id is its owner's to end.
import { ServiceError } from '../../domain/errors.js';
import type { Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { deriveVolumeStatus } from '../outcomes/rows.js';
import type { AttachmentRecord } from './attachment-rows.js';
import type { Requester } from './requester.js';
import { type LockedVolume, writeVolume } from './volume-change.js';

/** Ends an attachment that no server of ours holds: the row goes, and with the last one the word how the volume was attached. */
export async function forgetAttachment(
  tx: Transaction,
  volume: LockedVolume,
  attachment: Pick<AttachmentRecord, 'id'>,
): Promise<void> {
  await tx('attachments').where({ id: attachment.id }).delete();
  const left: unknown = await tx('attachments').where({ volume_id: volume.id }).first('id');
  if (left === undefined && 'attached_mode' in volume.admin_metadata) {
    const { attached_mode: _gone, ...flags } = volume.admin_metadata;
    await writeVolume(tx, volume.id, { admin_metadata: JSON.stringify(flags) });
  }
  await deriveVolumeStatus(tx, volume.id);
}

type Held = Pick<AttachmentRecord, 'id' | 'volume_id' | 'project_id' | 'managed_server_id' | 'status'>;

function inUse(serverId: string): ServiceError {
  // Cinder's words, which clients and users know.
  return new ServiceError('attachment_in_use', `Detach volume from instance ${serverId} using the Compute API`);
}

/** Throws `attachment_in_use` for a server of ours, whoever asks: for deeds that no hypervisor can be asked for. */
export function demandNotManaged(attachments: readonly Held[]): void {
  const held = attachments.find((one) => one.managed_server_id !== null);
  if (held?.managed_server_id) throw inUse(held.managed_server_id);
}

/**
 * True when the attachment belonged to a server of ours and its end is under way now; false when it is the caller's to end.
 * Throws `attachment_in_use` when the requester is no service, `volume_state` when the attachment is already changing.
 */
export async function detachedByServer(tx: Transaction, attachment: Held, who: Requester): Promise<boolean> {
  const serverId = attachment.managed_server_id;
  if (serverId === null) return false;
  if (!who.isService) throw inUse(serverId);
  if (attachment.status !== 'attached' && attachment.status !== 'error_detaching') {
    throw new ServiceError('volume_state', `Invalid volume: the attachment ${attachment.id} is ${attachment.status}.`);
  }
  const { id: attachmentId, volume_id: volumeId } = attachment;
  await tx('attachments')
    .where({ id: attachmentId })
    .update({ status: 'detaching', updated_at: tx.raw('utc_now()') });
  await writeVolume(tx, volumeId, { status: 'detaching' });
  await acceptOperation(tx, {
    type: 'attachment-delete',
    params: { volumeId, attachmentId, serverId },
    projectId: attachment.project_id,
    userId: who.userId,
    requestId: who.requestId,
  });
  return true;
}
