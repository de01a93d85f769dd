// What the API does around the operations on images (services/core/db/CONTRACT.md), for lanes that drive the engine alone.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../services/core/db/connection.js';
import { newTransferTicket } from '../../../services/core/domain/transfer-ticket.js';
import { type Asked, acceptFor, insertVolume, type Place, projectId, promiseGib } from './requests.js';
import type { Ticketed } from './transfer-requests.js';

/** Somebody who does not come for so long has gone. */
const IDLE_SECONDS = 20;

/** A record that is ready for its data; its id. */
export async function insertImage(db: Database): Promise<string> {
  const id = randomUUID();
  const formats = { container_format: 'bare', disk_format: 'qcow2' };
  await db('images').insert({ id, project_id: projectId, status: 'queued', ...formats });
  return id;
}

/** `id` of what is asked is the image's. */
export function uploadImage(db: Database, place: Place, imageId: string): Promise<Ticketed> {
  const { ticket, ticketSha256 } = newTransferTicket();
  const transferId = randomUUID();
  return db.transaction(async (tx) => {
    const hidden = { purpose: 'image', consumes_quota: false, base_format: 'qcow2' };
    const volumeId = await insertVolume(tx, place, { size_gib: 1, ...hidden });
    await promiseGib(tx, place.pool, 1);
    await tx('images').where({ id: imageId }).update({ status: 'saving', volume_id: volumeId });
    const wish = { volumeId, imageId, transferId, ticketSha256, idleSeconds: IDLE_SECONDS, maxBytes: 1024 ** 3 };
    const operationId = await acceptFor(tx, 'image-upload', { ...wish, format: 'qcow2', declared: 'qcow2' });
    return { id: imageId, operationId, ticket, transferId };
  });
}

async function dataOf(db: Database, imageId: string): Promise<{ volumeId: string; bytes: number }> {
  const row: { volume_id: string; size: number } | undefined = await db('images')
    .where({ id: imageId })
    .first('volume_id', 'size');
  if (row === undefined) throw new Error(`no image ${imageId}`);
  return { volumeId: row.volume_id, bytes: row.size };
}

export async function downloadImage(db: Database, imageId: string): Promise<Ticketed> {
  const { ticket, ticketSha256 } = newTransferTicket();
  const transferId = randomUUID();
  const { volumeId, bytes } = await dataOf(db, imageId);
  const wish = { volumeId, imageId, transferId, ticketSha256, idleSeconds: IDLE_SECONDS, lifeSeconds: 600, bytes };
  const operationId = await db.transaction((tx) => acceptFor(tx, 'image-download', wish));
  return { id: imageId, operationId, ticket, transferId };
}

export async function deleteImage(db: Database, imageId: string): Promise<Asked> {
  const { volumeId } = await dataOf(db, imageId);
  return db.transaction(async (tx) => {
    await tx('images').where({ id: imageId }).update({ status: 'pending_delete' });
    await tx('volumes').where({ id: volumeId }).update({ status: 'deleting' });
    return { id: imageId, operationId: await acceptFor(tx, 'image-delete', { volumeId, imageId }) };
  });
}
