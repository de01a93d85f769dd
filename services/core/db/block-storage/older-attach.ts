// The older way to attach (os-reserve, os-attach, os-detach and their kin), over the same rows as the newer one. A reservation has no row
// here: it is the status `attaching` alone, as it always was; os-attach makes the row.

import { ServiceError } from '../../domain/errors.js';
import { type AttachmentId, newId } from '../../domain/ids.js';
import { type VolumeIntention, volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { clearTheWay } from '../engine/cancel.js';
import { deriveVolumeStatus } from '../outcomes/rows.js';
import { demandNotManaged, detachedByServer, forgetAttachment } from './attachment-guard.js';
import { type AttachmentRecord, type Connection, loadConnection, lockAttachments } from './attachment-rows.js';
import { demandSettledLayers } from './foreign-attachments.js';
import { pastFlatten } from './past-flatten.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { mayBeShared } from './shared-attachments.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';

type Work<T> = (tx: Transaction, volume: LockedVolume, attachments: readonly AttachmentRecord[]) => Promise<T>;

function withVolume<T>(database: Database, id: string, who: Requester, work: Work<T>): Promise<T> {
  return pastFlatten(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    return work(tx, volume, await lockAttachments(tx, id));
  });
}

async function demandStatus(
  tx: Transaction,
  volume: LockedVolume,
  intention: VolumeIntention,
  deed: string,
): Promise<void> {
  const allowed: readonly string[] = volumeAllowedFrom[intention];
  if (!allowed.includes(volume.status)) throw await explainVolumeRefusal(tx, volume, deed, allowed);
}

/** Throws `not_found`, `volume_state`. */
export function reserveVolume(database: Database, id: string, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    if (!(await mayBeShared(tx, volume, attachments))) await demandStatus(tx, volume, 'reserve', 'reserve');
    await writeVolume(tx, id, { status: 'attaching', attach_status: 'attaching' });
    await clearTheWay(tx, id);
  });
}

/** Takes a reservation back; a volume that is not reserved stays as it is. Throws `not_found`, `attachment_in_use`. */
export function unreserveVolume(database: Database, id: string, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    const undone: readonly string[] = volumeAllowedFrom.unreserve;
    if (!undone.includes(volume.status)) return;
    demandNotManaged(attachments);
    await deriveVolumeStatus(tx, id);
  });
}

/** Throws `not_found`, `volume_state`, `attachment_in_use`. */
export function beginDetaching(database: Database, id: string, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    await demandStatus(tx, volume, 'beginDetach', 'detach');
    demandNotManaged(attachments);
    await writeVolume(tx, id, { status: 'detaching' });
  });
}

/** Throws `not_found`, `attachment_in_use`. */
export function rollDetaching(database: Database, id: string, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    const undone: readonly string[] = volumeAllowedFrom.rollDetach;
    if (!undone.includes(volume.status)) return;
    demandNotManaged(attachments);
    await deriveVolumeStatus(tx, id);
  });
}

export interface OlderAttachWish {
  readonly instanceId: string | null;
  readonly hostName: string | null;
  readonly mountpoint: string;
  readonly mode: 'rw' | 'ro';
}

/** Throws `not_found`, `volume_state`, `attachment_in_use`, `bad_request` for a writer of a read-only volume. */
export function attachOlderWay(database: Database, id: string, wish: OlderAttachWish, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    demandNotManaged(attachments);
    // Reserved the older way, a shared volume is `attaching` while others have it.
    const beside = volume.status === 'attaching' && attachments.length > 0 ? { ...volume, status: 'in-use' } : volume;
    const shared = await mayBeShared(tx, beside, attachments);
    if (!shared) await demandStatus(tx, volume, 'attach', 'attach');
    if (!shared && attachments.length > 0)
      throw new ServiceError('volume_state', `Invalid volume: Volume ${id} has an attachment already.`);
    await demandSettledLayers(tx, id);
    const connection = await loadConnection(tx, id, wish.mode);
    if (wish.mode === 'rw' && connection.access_mode === 'ro') {
      // Cinder's words: cinder/exception.py, InvalidVolumeAttachMode, as the attach action reports it.
      throw new ServiceError(
        'bad_request',
        `Error attaching volume - InvalidVolumeAttachMode: Invalid attaching mode 'rw' for volume ${id}.`,
      );
    }
    await tx('attachments').insert({
      id: newId<AttachmentId>(),
      volume_id: id,
      project_id: volume.project_id,
      instance_uuid: wish.instanceId,
      attached_host: wish.hostName,
      mountpoint: wish.mountpoint,
      attach_mode: wish.mode,
      status: 'attached',
      connection_info: JSON.stringify(connection),
      attached_at: tx.raw('utc_now()'),
    });
    // Cinder's attach makes the read-only flag visible where nobody has set it.
    const flags = { readonly: 'False', ...volume.admin_metadata, attached_mode: wish.mode };
    await writeVolume(tx, id, { admin_metadata: JSON.stringify(flags) });
    await deriveVolumeStatus(tx, id);
  });
}

function chooseAttachment(
  id: string,
  attachments: readonly AttachmentRecord[],
  attachmentId: string | null,
): AttachmentRecord | null {
  if (attachmentId !== null) {
    const named = attachments.find((one) => one.id === attachmentId);
    if (named !== undefined) return named;
    throw new ServiceError(
      'bad_request',
      `Invalid volume: Volume attachment ${attachmentId} is not one of volume ${id}.`,
    );
  }
  if (attachments.length > 1) {
    throw new ServiceError(
      'bad_request',
      'Invalid volume: Detach volume failed: More than one attachment, but no attachment_id provided.',
    );
  }
  return attachments[0] ?? null;
}

/** Throws `not_found`, `bad_request`, `attachment_in_use`. A volume without attachments is made `available` again. */
export function detachOlderWay(
  database: Database,
  id: string,
  attachmentId: string | null,
  who: Requester,
): Promise<void> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    const attachment = chooseAttachment(id, attachments, attachmentId);
    if (attachment === null) {
      // Done already, as for Cinder: cinder/volume/manager.py, detach_volume, "volume not attached".
      if (attachmentId === null && volume.status === 'available') return;
      await demandStatus(tx, volume, 'detach', 'detach');
    } else {
      if (!(await detachedByServer(tx, attachment, who))) await forgetAttachment(tx, volume, attachment);
      return;
    }
    const { attached_mode: _gone, ...flags } = volume.admin_metadata;
    await writeVolume(tx, id, { admin_metadata: JSON.stringify(flags) });
    await deriveVolumeStatus(tx, id);
  });
}

/** The connection of the older way. Throws `not_found`, `volume_state`, `attachment_in_use` for one that a server of ours has. */
export function initializeConnection(database: Database, id: string, who: Requester): Promise<Connection> {
  return withVolume(database, id, who, async (tx, volume, attachments) => {
    demandNotManaged(attachments);
    await demandStatus(tx, volume, 'connect', 'initialize a connection');
    // os-attach may have said how before: cinder/volume/manager.py, _parse_connection_options.
    await demandSettledLayers(tx, id);
    return loadConnection(tx, id, volume.admin_metadata['attached_mode'] === 'ro' ? 'ro' : 'rw');
  });
}

/** Nothing is exported per connection, so nothing is taken back; but a server of ours that uses it is no silent success. */
export function terminateConnection(database: Database, id: string, who: Requester): Promise<void> {
  return withVolume(database, id, who, async (_tx, _volume, attachments) => {
    if (!who.isService) demandNotManaged(attachments);
  });
}
