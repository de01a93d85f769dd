// Attachments of guests that other services run (3.27): reserve, connect, complete, end. Servers of ours are attached through the compute
// API, whose rows these functions never change behind its back.
//
//   create: volume available -> reserved      update: attachment -> attaching     complete: attached, volume in-use     delete: row gone
import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, isUuid, newId } from '../../domain/ids.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { deriveVolumeStatus } from '../outcomes/rows.js';
import { detachedByServer } from './attachment-guard.js';
import { type AttachmentRecord, attachmentNotFound, loadConnection, lockAttachments } from './attachment-rows.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { lockVolume } from './volume-change.js';

export interface AttachmentWish {
  readonly volumeId: string;
  readonly instanceId: string | null;
  readonly connector: Readonly<Record<string, unknown>> | null;
  readonly mode: 'rw' | 'ro';
}

interface ConnectorFacts {
  readonly host: string | null;
  readonly mountpoint: string | null;
  readonly mode: string | null;
}

/** What is kept of a connector beside itself; texts only, cut to what columns show. */
function readConnector(connector: Readonly<Record<string, unknown>>): ConnectorFacts {
  const text = (key: string): string | null => {
    const value = connector[key];
    return typeof value === 'string' ? value.slice(0, 255) : null;
  };
  return { host: text('host'), mountpoint: text('mountpoint'), mode: text('mode') };
}

async function connect(
  tx: Transaction,
  attachment: Pick<AttachmentRecord, 'id' | 'volume_id' | 'attach_mode'>,
  connector: Readonly<Record<string, unknown>>,
): Promise<void> {
  const facts = readConnector(connector);
  const mode = (facts.mode ?? attachment.attach_mode) === 'ro' ? 'ro' : 'rw';
  const connection = await loadConnection(tx, attachment.volume_id, mode);
  await tx('attachments')
    .where({ id: attachment.id })
    .update({
      status: 'attaching',
      connector: JSON.stringify(connector),
      connection_info: JSON.stringify(connection),
      attached_host: facts.host,
      mountpoint: facts.mountpoint,
      attach_mode: connection.access_mode,
      updated_at: tx.raw('utc_now()'),
    });
  await deriveVolumeStatus(tx, attachment.volume_id);
}

/** Returns the new attachment's id. Throws `not_found`, `volume_state`. */
export async function createAttachment(
  database: Database,
  wish: AttachmentWish,
  who: Requester,
): Promise<AttachmentId> {
  const id = newId<AttachmentId>();
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    const allowed: readonly string[] = volumeAllowedFrom.reserve;
    if (!allowed.includes(volume.status)) throw await explainVolumeRefusal(tx, volume, 'reserve', allowed);
    await tx('attachments').insert({
      id,
      volume_id: volume.id,
      project_id: volume.project_id,
      instance_uuid: wish.instanceId,
      attach_mode: wish.mode,
      status: 'reserved',
    });
    if (wish.connector === null) await deriveVolumeStatus(tx, volume.id);
    else await connect(tx, { id, volume_id: volume.id, attach_mode: wish.mode }, wish.connector);
  });
  return id;
}

/** The volume's row is locked before the attachment's, as everywhere. */
async function lockAttachment(
  tx: Transaction,
  id: string,
  projectId: string | null,
): Promise<{ attachment: AttachmentRecord; volumeStatus: string }> {
  const find = isUuid(id) ? tx('attachments').where({ id }) : null;
  if (find !== null && projectId !== null) void find.andWhere({ project_id: projectId });
  const seen: { volume_id: string } | undefined = await find?.first('volume_id');
  if (seen === undefined) throw attachmentNotFound(id);
  const volume = await lockVolume(tx, seen.volume_id, null);
  const attachment = (await lockAttachments(tx, seen.volume_id)).find((one) => one.id === id);
  if (attachment === undefined) throw attachmentNotFound(id);
  return { attachment, volumeStatus: volume.status };
}

/** Gives the connector. Throws `not_found`, `conflict` for an errored volume, `bad_request` for one that is not reserved. */
export async function updateAttachment(
  database: Database,
  id: string,
  connector: Readonly<Record<string, unknown>>,
  who: Requester,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { attachment, volumeStatus } = await lockAttachment(tx, id, who.visibleProjectId);
    if (attachment.managed_server_id !== null) {
      throw new ServiceError('conflict', `Attachment ${id} belongs to server ${attachment.managed_server_id}.`);
    }
    if (volumeStatus.startsWith('error')) {
      throw new ServiceError(
        'conflict',
        `Volume ${attachment.volume_id} is in status ${volumeStatus}; it cannot be attached.`,
      );
    }
    if (attachment.status !== 'reserved' && attachment.status !== 'attaching') {
      throw new ServiceError('bad_request', `Invalid volume: attachment ${id} is ${attachment.status}, not reserved.`);
    }
    await connect(tx, attachment, connector);
  });
}

/** Throws `not_found`, `bad_request` for one that has no connection yet. */
export async function completeAttachment(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { attachment } = await lockAttachment(tx, id, who.visibleProjectId);
    if (attachment.status === 'attached') return;
    if (attachment.status !== 'attaching' || attachment.managed_server_id !== null) {
      throw new ServiceError('bad_request', `Invalid volume: attachment ${id} is ${attachment.status}, not attaching.`);
    }
    await tx('attachments')
      .where({ id })
      .update({ status: 'attached', attached_at: tx.raw('utc_now()'), updated_at: tx.raw('utc_now()') });
    await deriveVolumeStatus(tx, attachment.volume_id);
  });
}

/** Returns what the volume still has. Throws `not_found`, `attachment_in_use`, `volume_state`. */
export async function deleteAttachment(database: Database, id: string, who: Requester): Promise<AttachmentRecord[]> {
  return inTransaction(database, async (tx) => {
    const { attachment } = await lockAttachment(tx, id, who.visibleProjectId);
    if (!(await detachedByServer(tx, attachment, who))) {
      await tx('attachments').where({ id }).delete();
      await deriveVolumeStatus(tx, attachment.volume_id);
    }
    return lockAttachments(tx, attachment.volume_id);
  });
}
