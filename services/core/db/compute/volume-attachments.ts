// Volumes attached to servers of ours, seen from the compute API: list, show, attach, detach.
//
// Locks are taken in one order everywhere: the server's row, then the volume's, then the engine's latches.
import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, isUuid, newId } from '../../domain/ids.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { chooseDeviceName } from './device-name.js';
import { demandServerState, type Requester } from './server-actions.js';
import { isLocalDisk, loadServer, lockServer } from './servers.js';
import { takeVolume } from './take-volume.js';

export interface VolumeAttachmentRecord {
  readonly attachmentId: string;
  readonly volumeId: string;
  readonly serverId: string;
  readonly device: string | null;
  readonly status: string;
  readonly bootIndex: number | null;
}

const columns = [
  'id as attachmentId',
  'volume_id as volumeId',
  'managed_server_id as serverId',
  'mountpoint as device',
  'status',
  'boot_index as bootIndex',
] as const;

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** In the order in which the guest has them. Throws `not_found` for a server one cannot see. */
export async function listVolumeAttachments(
  db: Executor,
  serverId: string,
  projectId: string | null,
  page: Page,
): Promise<VolumeAttachmentRecord[]> {
  const server = await loadServer(db, serverId, projectId);
  const find = db('attachments').where({ managed_server_id: serverId });
  if (isLocalDisk(server, 0)) void find.whereRaw('boot_index is distinct from 0');
  return find
    .orderByRaw('boot_index nulls last, created_at, id')
    .offset(page.offset)
    .limit(page.limit)
    .select(...columns);
}

async function loadAttachment(db: Executor, serverId: string, volumeId: string): Promise<VolumeAttachmentRecord> {
  const row: VolumeAttachmentRecord | undefined = isUuid(volumeId)
    ? await db('attachments')
        .where({ managed_server_id: serverId, volume_id: volumeId })
        .first(...columns)
    : undefined;
  if (row === undefined) {
    throw new ServiceError('not_found', `Instance ${serverId} is not attached to volume ${volumeId}.`);
  }
  return row;
}

/** Throws `not_found`. */
export async function showVolumeAttachment(
  db: Executor,
  serverId: string,
  volumeId: string,
  projectId: string | null,
): Promise<VolumeAttachmentRecord> {
  await loadServer(db, serverId, projectId);
  return loadAttachment(db, serverId, volumeId);
}

async function takenDevices(tx: Transaction, serverId: string): Promise<Set<string>> {
  const rows: { mountpoint: string | null }[] = await tx('attachments')
    .where({ managed_server_id: serverId })
    .select('mountpoint');
  return new Set(rows.flatMap((row) => row.mountpoint ?? []));
}

export interface AttachWish {
  readonly serverId: string;
  readonly volumeId: string;
  readonly device: string | null;
  readonly tag: string | null;
}

/** Returns the attachment as it is now (`attaching`). Throws `not_found`, `server_state`, `volume_state`. */
export async function attachVolume(
  database: Database,
  wish: AttachWish,
  who: Requester,
): Promise<VolumeAttachmentRecord> {
  const { serverId, volumeId } = wish;
  return inTransaction(database, async (tx) => {
    const server = await lockServer(tx, serverId, who.visibleProjectId);
    demandServerState(server, 'attach', 'attach_volume');
    const attachmentId = newId<AttachmentId>();
    const device = chooseDeviceName(await takenDevices(tx, serverId), wish.device);
    await takeVolume(tx, {
      attachmentId,
      volumeId,
      projectId: who.visibleProjectId,
      serverId,
      host: server.compute_host,
      device,
      bootIndex: null,
      deleteOnTermination: false,
      tag: wish.tag,
      refusalPrefix: '',
    });
    await acceptOperation(tx, {
      type: 'attachment-create',
      params: { volumeId, attachmentId, serverId },
      projectId: server.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
    return { attachmentId, volumeId, serverId, device, status: 'attaching', bootIndex: null };
  });
}

async function beginDetaching(tx: Transaction, attachment: VolumeAttachmentRecord): Promise<void> {
  const { attachmentId, volumeId } = attachment;
  const moved = await tx('volumes')
    .where({ id: volumeId, status: 'in-use' })
    .update({ status: 'detaching', updated_at: tx.raw('utc_now()') });
  const marked =
    moved === 0
      ? 0
      : await tx('attachments')
          .where({ id: attachmentId })
          .whereIn('status', ['attached', 'error_detaching'])
          .update({ status: 'detaching', updated_at: tx.raw('utc_now()') });
  if (marked === 1) return;
  const volume: { status: string } | undefined = await tx('volumes').where({ id: volumeId }).first('status');
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. (status: ${volume?.status ?? 'deleted'}, attachment: ${attachment.status})`,
  );
}

/** Throws `not_found`, `server_state`, `volume_state`, and `forbidden` for the disk the guest boots from (as Nova does). */
export async function detachVolume(
  database: Database,
  serverId: string,
  volumeId: string,
  who: Requester,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const server = await lockServer(tx, serverId, who.visibleProjectId);
    const attachment = await loadAttachment(tx, serverId, volumeId);
    demandServerState(server, 'detach', 'detach_volume');
    if (attachment.bootIndex === 0) throw new ServiceError('forbidden', 'Cannot detach a root device volume');
    await beginDetaching(tx, attachment);
    const { attachmentId } = attachment;
    await acceptOperation(tx, {
      type: 'attachment-delete',
      params: { volumeId, attachmentId, serverId },
      projectId: server.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
