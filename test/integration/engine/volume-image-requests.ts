// Requests between volumes and images, as the API makes them: a copy of an image for volumes to stand on, a volume that becomes an image, and
// new content for a volume.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../services/core/db/connection.js';
import { type Asked, acceptFor, insertVolume, type Place, projectId, promiseGib } from './requests.js';

/** `data`: a hidden volume that holds an image. */
export function fillImageCache(db: Database, place: Place, data: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertVolume(tx, place, { purpose: 'image-cache', size_gib: 1 });
    await promiseGib(tx, place.pool, 1);
    await tx('image_cache').insert({ volume_id: id, image_id: randomUUID(), pool: place.pool });
    const source = { volumeId: data, snapshotId: null };
    const operationId = await acceptFor(tx, 'image-cache-fill', { volumeId: id, source, sourceFormat: 'qcow2' });
    return { id, operationId };
  });
}

/** Of an image that an image service keeps. */
export function fetchImage(db: Database, place: Place, imageId: string, format: 'qcow2' | 'vmdk'): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertVolume(tx, place, { purpose: 'image-cache', size_gib: 1 });
    await promiseGib(tx, place.pool, 1);
    await tx('image_cache').insert({ volume_id: id, image_id: randomUUID(), pool: place.pool });
    const remote = { imageId, declared: format };
    const params = { volumeId: id, source: null, remote, sourceFormat: format, maxSizeGib: 1 } as const;
    return { id, operationId: await acceptFor(tx, 'image-cache-fill', params) };
  });
}

/** The image waits for its data in an image service; the id is the hidden volume's. */
export function sendVolumeTo(db: Database, place: Place, volumeId: string, imageId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const hidden = await insertVolume(tx, place, { purpose: 'image', size_gib: 1 });
    await promiseGib(tx, place.pool, 1);
    await tx('volumes').where({ id: volumeId }).update({ status: 'uploading', previous_status: 'available' });
    const source = { volumeId, snapshotId: null };
    const params = { volumeId: hidden, imageId, source, format: 'qcow2', remote: true } as const;
    return { id: hidden, operationId: await acceptFor(tx, 'volume-to-image', params) };
  });
}

/** The id is the image's, which is encrypted as the volume is. */
export function makeImageOf(db: Database, place: Place, volumeId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const key: object | undefined = await tx('volumes')
      .where({ id: volumeId, encrypted: true })
      .first('encrypted', 'encryption_key_id');
    const hidden = await insertVolume(tx, place, { purpose: 'image', size_gib: 1, ...key });
    await promiseGib(tx, place.pool, 1);
    const id = randomUUID();
    const formats = { container_format: 'bare', disk_format: 'qcow2' };
    await tx('images').insert({ id, project_id: projectId, status: 'saving', volume_id: hidden, ...formats });
    await tx('volumes').where({ id: volumeId }).update({ status: 'uploading', previous_status: 'available' });
    const source = { volumeId, snapshotId: null };
    const params = { volumeId: hidden, imageId: id, source, format: 'qcow2' } as const;
    return { id, operationId: await acceptFor(tx, 'volume-to-image', params) };
  });
}

export function reimageVolume(
  db: Database,
  volumeId: string,
  data: string,
  instant?: { readonly maxLayers: number },
): Promise<Asked> {
  return db.transaction(async (tx) => {
    await tx('volumes').where({ id: volumeId }).update({ status: 'downloading', previous_status: 'available' });
    const operationId = await acceptFor(tx, 'volume-reimage', {
      volumeId,
      source: { volumeId: data, snapshotId: null },
      newFile: `volume-${volumeId}.${randomUUID()}`,
      reserved: false,
      imageMetadata: { image_id: data },
      ...(instant === undefined ? {} : { instant }),
    });
    return { id: volumeId, operationId };
  });
}
