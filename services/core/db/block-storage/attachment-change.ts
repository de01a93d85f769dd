// Attachments of guests that other services run (3.27): reserve, connect, complete, end. Servers of ours are attached through the compute
// API, whose rows these functions never change behind its back.
//
//   create: volume available -> reserved      update: attachment -> attaching     complete: attached, volume in-use     delete: row gone
import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, isUuid, newId } from '../../domain/ids.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { clearTheWay } from '../engine/cancel.js';
import { inTransaction } from '../in-transaction.js';
import { deriveVolumeStatus } from '../outcomes/rows.js';
import { demandNotManaged, detachedByServer, forgetAttachment } from './attachment-guard.js';
import { type AttachmentRecord, attachmentNotFound, loadConnection, lockAttachments } from './attachment-rows.js';
import { demandNobodyConnected, demandSettledLayers } from './foreign-attachments.js';
import { pastFlatten } from './past-flatten.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { demandRawFile, mayBeShared } from './shared-attachments.js';
import { type LockedVolume, lockVolume } from './volume-change.js';

export interface AttachmentWish {
  readonly volumeId: string;
  readonly instanceId: string | null;
  readonly connector: Readonly<Record<string, unknown>> | null;
  /** null: as the connector says. */
  readonly mode: 'rw' | 'ro' | null;
}

interface ConnectorFacts {
  readonly host: string | null;
  readonly mountpoint: string;
  readonly mode: string | null;
}

/** What is kept of a connector beside itself; texts only, cut to what columns show. */
function readConnector(connector: Readonly<Record<string, unknown>>): ConnectorFacts {
  const text = (key: string): string | null => {
    const value = connector[key];
    return typeof value === 'string' ? value.slice(0, 255) : null;
  };
  // Shown as the device; `na` is what Cinder puts where the connector says none (cinder/volume/manager.py, attachment_update).
  return { host: text('host'), mountpoint: text('mountpoint') ?? 'na', mode: text('mode') };
}

async function connect(
  tx: Transaction,
  attachment: Pick<AttachmentRecord, 'id' | 'volume_id' | 'attach_mode'>,
  connector: Readonly<Record<string, unknown>>,
): Promise<void> {
  const facts = readConnector(connector);
  // What was said at the creation outweighs the connector, as in cinder/volume/manager.py, attachment_update.
  const mode = (attachment.attach_mode ?? facts.mode) === 'ro' ? 'ro' : 'rw';
  await demandSettledLayers(tx, attachment.volume_id);
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

/**
 * A volume at rest may be reserved; one for several servers beside those that have it; one that a server elsewhere has (or has reserved) once more for the same server, which is how that server
 * moves to another host. Source: cinder/volume/api.py, _attachment_reserve. Throws `volume_state`.
 */
async function demandReservable(tx: Transaction, volume: LockedVolume, instanceId: string | null): Promise<void> {
  if (volume.status.includes('error')) {
    throw new ServiceError(
      'volume_state',
      `Invalid volume: Volume attachments can not be created if the volume is in an error state. The Volume ${volume.id} currently has a status of: ${volume.status}`,
    );
  }
  const allowed: readonly string[] = volumeAllowedFrom.reserve;
  if (allowed.includes(volume.status)) return demandNobodyConnected(tx, volume.id);
  if (volume.multiattach && (await mayBeShared(tx, volume, await lockAttachments(tx, volume.id)))) return;
  const again: readonly string[] = volumeAllowedFrom.reserveAgain;
  if (instanceId !== null && again.includes(volume.status)) {
    const present = await lockAttachments(tx, volume.id);
    const isOurs = present.some((one) => one.managed_server_id !== null);
    if (!isOurs && present.some((one) => one.instance_uuid === instanceId)) return;
  }
  throw await explainVolumeRefusal(tx, volume, 'reserve', allowed);
}

/** Returns the new attachment's id. Throws `not_found`, `volume_state`. */
export async function createAttachment(
  database: Database,
  wish: AttachmentWish,
  who: Requester,
): Promise<AttachmentId> {
  const id = newId<AttachmentId>();
  await pastFlatten(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    await demandReservable(tx, volume, wish.instanceId);
    await tx('attachments').insert({
      id,
      volume_id: volume.id,
      project_id: volume.project_id,
      instance_uuid: wish.instanceId,
      attach_mode: wish.mode,
      status: 'reserved',
    });
    if (wish.connector === null) {
      await deriveVolumeStatus(tx, volume.id);
      await clearTheWay(tx, volume.id);
    } else await connect(tx, { id, volume_id: volume.id, attach_mode: wish.mode }, wish.connector);
  });
  return id;
}

interface LockedAttachment {
  readonly attachment: AttachmentRecord;
  readonly volume: LockedVolume;
  readonly others: readonly AttachmentRecord[];
}

/** The volume's row is locked before the attachment's, as everywhere. */
async function lockAttachment(tx: Transaction, id: string, projectId: string | null): Promise<LockedAttachment> {
  const find = isUuid(id) ? tx('attachments').where({ id }) : null;
  if (find !== null && projectId !== null) void find.andWhere({ project_id: projectId });
  const seen: { volume_id: string } | undefined = await find?.first('volume_id');
  if (seen === undefined) throw attachmentNotFound(id);
  const volume = await lockVolume(tx, seen.volume_id, null);
  const attachments = await lockAttachments(tx, seen.volume_id);
  const attachment = attachments.find((one) => one.id === id);
  if (attachment === undefined) throw attachmentNotFound(id);
  return { attachment, volume, others: attachments.filter((one) => one.id !== id) };
}

/** Two connections of one host are a race that was lost; on two hosts, a server is on the move. */
function demandNewHost({ volume, others }: LockedAttachment, host: string | null): void {
  if (volume.multiattach) return;
  const connected = others.filter((one) => 'export' in one.connection_info);
  if (connected.every((one) => host !== null && one.attached_host !== null && one.attached_host !== host)) return;
  throw new ServiceError('conflict', `Invalid volume: duplicate connectors detected on volume ${volume.id}`);
}

/**
 * Gives the connector. Throws `not_found`, `conflict` for an errored volume or a second connection of one host, `bad_request` for an
 * attachment that is not reserved, `attachment_in_use` for one of a server of ours.
 */
export async function updateAttachment(
  database: Database,
  id: string,
  connector: Readonly<Record<string, unknown>>,
  who: Requester,
): Promise<void> {
  await pastFlatten(database, async (tx) => {
    const locked = await lockAttachment(tx, id, who.visibleProjectId);
    const { attachment, volume } = locked;
    demandNotManaged([attachment]);
    if (volume.status.includes('error')) {
      throw new ServiceError(
        'conflict',
        `Invalid volume: Volume attachments can not be updated if the volume is in an error state. The Volume ${volume.id} currently has a status of: ${volume.status}`,
      );
    }
    demandNewHost(locked, readConnector(connector).host);
    // What was reserved while it was one raw file may have got an overlay since.
    const isBesides = locked.others.some((one) => 'export' in one.connection_info);
    if (volume.multiattach && isBesides) await demandRawFile(tx, volume.id);
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
    const { attachment, volume } = await lockAttachment(tx, id, who.visibleProjectId);
    if (!(await detachedByServer(tx, attachment, who))) await forgetAttachment(tx, volume, attachment);
    return lockAttachments(tx, attachment.volume_id);
  });
}
