// A volume becomes an image: the image's row, its hidden volume beside the volume, and the operation, in one transaction.
//
//   at rest:   volume-to-image
//   in use:    snapshot-create (internal)  ->  volume-to-image  ->  snapshot-delete (always)
//
// Source of the rules and texts: cinder/volume/api.py, copy_volume_to_image and _merge_volume_image_meta.
import { ServiceError } from '../../domain/errors.js';
import { newId, type VolumeId } from '../../domain/ids.js';
import { type ConvertibleFormat, convertibleFormats } from '../../domain/image-formats.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { demandImageRoom } from '../image/image-limits.js';
import { inTransaction } from '../in-transaction.js';
import { demandOursOnly } from './foreign-attachments.js';
import { insertInternalSnapshot } from './internal-snapshot.js';
import { listPools, tryPromise } from './placement.js';
import type { RemoteImages } from './remote-images.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { demandPlain } from './volume-encryption.js';
import { demandNotEnding } from './volume-under-way.js';

export interface UploadWish {
  readonly name: string;
  /** Also of a volume in use. */
  readonly force: boolean;
  readonly diskFormat: string;
  readonly containerFormat: string;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  readonly isProtected: boolean;
}

export interface UploadAccepted {
  readonly imageId: string;
}

/** Attributes of an image, which are its own and not copied. Source: Cinder's default of `glance_core_properties`. */
const coreProperties = new Set([
  'checksum',
  'container_format',
  'disk_format',
  'image_name',
  'image_id',
  'min_disk',
  'min_ram',
  'name',
  'size',
]);

function ownProperties(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    // What Glance keeps for itself. Source: cinder/image/image_utils.py, GLANCE_RESERVED_NAMESPACES.
    Object.entries(metadata).filter(([key]) => !coreProperties.has(key) && !key.startsWith('os_glance')),
  );
}

function demandFormats({ diskFormat, containerFormat }: UploadWish): ConvertibleFormat {
  const format = convertibleFormats.find((one) => one === diskFormat);
  if (format === undefined) {
    throw new ServiceError('bad_request', `Invalid input received: Disk format ${diskFormat} cannot be made here.`);
  }
  if (containerFormat !== 'bare') {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Container format ${containerFormat} cannot be made here; use bare.`,
    );
  }
  return format;
}

/** Beside the volume, so that a volume made of the image there needs no copy. */
async function insertHidden(tx: Transaction, volume: LockedVolume, imageId: string, wish: UploadWish, who: Requester) {
  const pool = (await listPools(tx)).find(({ name }) => name === volume.host);
  if (pool === undefined || !(await tryPromise(tx, pool, volume.size_gib, 'grow'))) {
    throw new ServiceError('bad_request', 'Invalid volume: The pool of the volume has no room for the image.');
  }
  const id = newId<VolumeId>();
  await tx('volumes').insert({
    id,
    purpose: 'image',
    project_id: who.projectId,
    user_id: who.userId,
    name: `image-${imageId}`,
    size_gib: volume.size_gib,
    status: 'creating',
    availability_zone: pool.zone,
    host: pool.name,
    provider_location: pool.share,
    base_format: wish.diskFormat === 'qcow2' ? 'qcow2' : 'raw',
    preallocation: 'off',
    consumes_quota: false,
    scheduled_at: tx.raw('utc_now()'),
  });
  return id;
}

/** Throws `volume_state` as Cinder words it. */
function demandStatus(volume: LockedVolume, force: boolean): void {
  const allowed = force ? ['available', 'in-use'] : ['available'];
  if (allowed.includes(volume.status) && volume.host !== null) return;
  throw new ServiceError('volume_state', `Invalid volume: Volume ${volume.id} status must be ${allowed.join(' or ')}`);
}

/** The volume, locked, that may be uploaded. Throws `not_found`, `volume_state`, `bad_request`. */
async function lockForUpload(tx: Transaction, id: string, wish: UploadWish, who: Requester): Promise<LockedVolume> {
  const volume = await lockVolume(tx, id, who.visibleProjectId);
  demandStatus(volume, wish.force);
  await demandPlain(tx, volume.id, 'Uploading');
  await demandThawed(tx, volume.host);
  await demandNotEnding(tx, volume.id, 'Upload it');
  await demandOursOnly(tx, volume.id, 'upload');
  return volume;
}

/**
 * The image is made there between two looks at the volume: a transaction that waited for the image service would keep its connection and its lock as
 * long, and one that is repeated would make a second image. What was made for a volume that may not be uploaded any more is taken back.
 */
async function uploadElsewhere(
  database: Database,
  id: string,
  { wish, format }: { readonly wish: UploadWish; readonly format: ConvertibleFormat },
  images: RemoteImages,
  who: Requester,
): Promise<UploadAccepted> {
  const { image_metadata: metadata } = await inTransaction(database, (tx) => lockForUpload(tx, id, wish, who));
  const imageId = await images.create({ ...wish, properties: ownProperties(metadata) });
  try {
    await inTransaction(database, async (tx) => {
      const volume = await lockForUpload(tx, id, wish, who);
      const hidden = await insertHidden(tx, volume, imageId, wish, who);
      await writeVolume(tx, id, { status: 'uploading', previous_status: volume.status });
      await accept(tx, volume, { hidden, imageId, format, remote: true }, who);
    });
  } catch (thrown) {
    await images.withdraw(imageId);
    throw thrown;
  }
  return { imageId };
}

/** Throws `not_found`, `volume_state`, `bad_request`, `over_quota`. */
export async function uploadVolume(
  database: Database,
  id: string,
  wish: UploadWish,
  who: Requester,
): Promise<UploadAccepted> {
  const format = demandFormats(wish);
  if (who.images !== undefined) return uploadElsewhere(database, id, { wish, format }, who.images, who);
  return inTransaction(database, async (tx) => {
    const volume = await lockForUpload(tx, id, wish, who);
    await demandImageRoom(tx, who.projectId, null);
    const imageId = newId();
    const hidden = await insertHidden(tx, volume, imageId, wish, who);
    await tx('images').insert({
      id: imageId,
      project_id: who.projectId,
      name: wish.name,
      status: 'saving',
      visibility: wish.visibility,
      protected: wish.isProtected,
      container_format: wish.containerFormat,
      disk_format: wish.diskFormat,
      properties: JSON.stringify(ownProperties(volume.image_metadata)),
      volume_id: hidden,
    });
    await writeVolume(tx, id, { status: 'uploading', previous_status: volume.status });
    await accept(tx, volume, { hidden, imageId, format, remote: false }, who);
    return { imageId };
  });
}

interface Made {
  readonly hidden: string;
  readonly imageId: string;
  readonly format: ConvertibleFormat;
  /** The image is an image service's. */
  readonly remote: boolean;
}

async function accept(tx: Transaction, volume: LockedVolume, made: Made, who: Requester): Promise<void> {
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  const { hidden: volumeId, imageId, format, remote } = made;
  const upload = (snapshotId: string | null) =>
    ({
      type: 'volume-to-image',
      params: { volumeId, imageId, source: { volumeId: volume.id, snapshotId }, format, ...(remote ? { remote } : {}) },
      ...by,
    }) as const;
  if (volume.status === 'available') {
    await acceptOperation(tx, upload(null));
    return;
  }
  const internal = {
    volumeId: volume.id,
    snapshotId: await insertInternalSnapshot(
      tx,
      { volumeId: volume.id, sizeGib: volume.size_gib, typeId: volume.volume_type_id },
      who,
    ),
  };
  const froze = await acceptOperation(tx, { type: 'snapshot-create', params: internal, ...by });
  const after = { operationId: froze, mode: 'success' } as const;
  const copied = await acceptOperation(tx, { ...upload(internal.snapshotId), after });
  const end = { operationId: copied, mode: 'end' } as const;
  await acceptOperation(tx, { type: 'snapshot-delete', params: internal, ...by, after: end });
}
