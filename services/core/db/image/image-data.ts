// The bytes of images: an upload or a download begins here, as an operation whose ticket the API carries to the worker.
//
// Timeline of an upload: status `saving`, hidden volume placed and promised, operation accepted (one transaction) -> the bytes go to the
// worker -> the operation's outcome says `active`, or `queued` again. Whoever comes second finds the image not `queued`.
import { ServiceError } from '../../domain/errors.js';
import { newId, type VolumeId } from '../../domain/ids.js';
import { imageAllowedFrom, isDetectable, layerFormatOf } from '../../domain/image.js';
import { readableFormat } from '../../domain/image-formats.js';
import { bytesToGib } from '../../domain/size.js';
import { newTransferTicket } from '../../domain/transfer-ticket.js';
import type { OperationParams } from '../../operations/params.js';
import { tryPlace } from '../block-storage/placement.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { lockOwnImage } from './image-change.js';
import { demandImageRoom } from './image-limits.js';
import { type ImageRecord, type ImageViewer, loadImage } from './image-rows.js';

export interface ImageRequester extends ImageViewer {
  readonly userId: string;
  readonly requestId: string;
}

/** What the API needs to move the bytes. */
export interface ImageTransfer {
  readonly transferId: string;
  readonly ticket: string;
  /** Pool name: where the worker is. */
  readonly pool: string;
  readonly volumeId: string;
  readonly maxBytes: number;
}

const IDLE_SECONDS = 120;
const DOWNLOAD_LIFE_SECONDS = 24 * 3600;

function receivedAs(image: ImageRecord): OperationParams['image-upload']['format'] {
  if (!isDetectable(image)) return 'opaque';
  const format = readableFormat(image.disk_format);
  return format === 'raw' || format === 'qcow2' ? format : 'opaque';
}

function demandUploadable(image: ImageRecord): void {
  const allowed: readonly string[] = imageAllowedFrom.upload;
  if (!allowed.includes(image.status)) {
    throw new ServiceError('conflict', `Image status transition from ${image.status} to saving is not allowed`);
  }
  const missing = (['container_format', 'disk_format'] as const).filter((field) => image[field] === null);
  if (missing.length > 0) {
    throw new ServiceError('bad_request', `Properties ${missing.join(', ')} must be set prior to saving data.`);
  }
}

/** `announced`: bytes as Content-Length says; null: chunked. */
async function placeData(tx: Transaction, image: ImageRecord, announced: number | null, userId: string) {
  const sizeGib = Math.max(1, bytesToGib(announced ?? 0));
  const { pool, reason } = await tryPlace(tx, { sizeGib, zones: null, specs: {}, backendHost: null });
  if (pool === null) {
    throw reason === 'no_valid_backend_capacity'
      ? new ServiceError('body_too_large', 'Image storage media is full: no pool has room for it.')
      : new ServiceError('backend_offline', 'No storage backend can take the data of the image now.');
  }
  const id = newId<VolumeId>();
  await tx('volumes').insert({
    id,
    purpose: 'image',
    project_id: image.project_id,
    user_id: userId,
    name: `image-${image.id}`,
    size_gib: sizeGib,
    status: 'creating',
    availability_zone: pool.zone,
    host: pool.name,
    provider_location: pool.share,
    base_format: layerFormatOf(image),
    preallocation: 'off',
    consumes_quota: false,
    scheduled_at: tx.raw('utc_now()'),
  });
  return { volumeId: id, pool: pool.name };
}

/**
 * Begins an upload. Throws `not_found`, `forbidden`, `conflict` (not queued), `bad_request` (formats), `body_too_large`, `over_quota`,
 * `backend_offline`.
 */
export async function beginUpload(
  database: Database,
  id: string,
  announced: number | null,
  who: ImageRequester,
): Promise<ImageTransfer> {
  const { ticket, ticketSha256 } = newTransferTicket();
  const transferId = newId();
  return inTransaction(database, async (tx) => {
    const image = await lockOwnImage(tx, id, who, 'upload_image');
    demandUploadable(image);
    const maxBytes = await demandImageRoom(tx, image.project_id, announced);
    const { volumeId, pool } = await placeData(tx, image, announced, who.userId);
    await tx('images')
      .where({ id: image.id })
      .update({ status: 'saving', volume_id: volumeId, updated_at: tx.raw('utc_now()') });
    const format = receivedAs(image);
    await acceptOperation(tx, {
      type: 'image-upload',
      params: {
        ...{ volumeId, imageId: image.id, transferId, ticketSha256, idleSeconds: IDLE_SECONDS, maxBytes, format },
        project: who.projectId,
        ...(announced === null ? {} : { expectedBytes: announced }),
        declared: isDetectable(image) ? image.disk_format : null,
      },
      projectId: image.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
    return { transferId, ticket, pool, volumeId, maxBytes };
  });
}

/**
 * Begins a download; null when there is no data. Throws `not_found`, `forbidden` (deactivated, and not for administrators).
 */
export async function beginDownload(
  database: Database,
  id: string,
  who: ImageRequester,
): Promise<{ readonly image: ImageRecord; readonly transfer: ImageTransfer | null }> {
  const { ticket, ticketSha256 } = newTransferTicket();
  const transferId = newId();
  return inTransaction(database, async (tx) => {
    const image = await loadImage(tx, id, who);
    // A deletion that is asked meanwhile waits for this transaction and then for the operation's lock.
    await tx('images').where({ id: image.id }).forShare().first('id');
    if (image.status === 'deactivated' && !who.isAdmin) {
      throw new ServiceError(
        'forbidden',
        'The requested image has been deactivated. Image data download is forbidden.',
      );
    }
    const allowed: readonly string[] = imageAllowedFrom.download;
    const place = allowed.includes(image.status) ? await findData(tx, image) : null;
    if (place === null || image.size === null) return { image, transfer: null };
    const { volumeId, pool } = place;
    await acceptOperation(tx, {
      type: 'image-download',
      params: {
        ...{ volumeId, imageId: image.id, transferId, ticketSha256, idleSeconds: IDLE_SECONDS },
        project: who.projectId,
        ...{ lifeSeconds: DOWNLOAD_LIFE_SECONDS, bytes: image.size },
      },
      projectId: image.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
    return { image, transfer: { transferId, ticket, pool, volumeId, maxBytes: image.size } };
  });
}

async function findData(db: Executor, image: ImageRecord): Promise<{ volumeId: string; pool: string } | null> {
  if (image.volume_id === null) return null;
  const row: { host: string | null } | undefined = await db('volumes').where({ id: image.volume_id }).first('host');
  return row?.host == null ? null : { volumeId: image.volume_id, pool: row.host };
}

/** What became of an upload: the outcome of its operation changes the row a moment after the worker has answered. */
export async function uploadState(db: Executor, id: string, volumeId: string): Promise<'saving' | 'done' | 'failed'> {
  const row: { status: string; volume_id: string | null } | undefined = await db('images')
    .where({ id: id.toLowerCase() })
    .first('status', 'volume_id');
  if (row?.volume_id !== volumeId) return 'failed';
  if (row.status === 'saving') return 'saving';
  return row.status === 'pending_delete' ? 'failed' : 'done';
}
