// A volume becomes an image: the image's row, its hidden volume beside the volume, and the operation, in one transaction.
//
//   at rest:   volume-to-image
//   in use:    snapshot-create (internal)  ->  volume-to-image  ->  snapshot-delete (always)
//
// The image of an encrypted volume is a qcow2 file with the volume's key, whether raw or qcow2 was asked for (raw is what clients ask for by default,
// and Cinder's image is ciphertext too). The hidden volume's row names the key and the type, so that the key stays as long as the image.
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
import { keyProperties, keyPropertiesOf } from './volume-encryption.js';
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
  /** As it is made. */
  readonly diskFormat: string;
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

function isOfKey(key: string): boolean {
  return (keyProperties as readonly string[]).includes(key);
}

function ownProperties(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    // What Glance keeps for itself. Source: cinder/image/image_utils.py, GLANCE_RESERVED_NAMESPACES.
    // Of the image that the volume was once made of, not of this one: the key.
    Object.entries(metadata).filter(([key]) => !coreProperties.has(key) && !/^os_glance/.test(key) && !isOfKey(key)),
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

/** Of an encrypted volume; null for another one. */
interface VolumeKey {
  readonly encryption_key_id: string;
}

async function loadKey(tx: Transaction, volumeId: string): Promise<VolumeKey | null> {
  const row: { encrypted: boolean; encryption_key_id: string | null } | undefined = await tx('volumes')
    .where({ id: volumeId })
    .first('encrypted', 'encryption_key_id');
  if (row === undefined || (!row.encrypted && row.encryption_key_id === null)) return null;
  const { encryption_key_id } = row;
  if (encryption_key_id !== null) return { encryption_key_id };
  throw new ServiceError('volume_state', `Invalid volume: Volume ${volumeId} is encrypted, and has no key yet.`);
}

/** What the image will be. Throws `bad_request`. */
function formatFor(wish: UploadWish, key: VolumeKey | null): ConvertibleFormat {
  const format = demandFormats(wish);
  if (key === null) return format;
  if (format === 'raw' || format === 'qcow2') return 'qcow2';
  throw new ServiceError(
    'bad_request',
    `Invalid input received: The image of an encrypted volume is made as qcow2, not as ${format}.`,
  );
}

/** Beside the volume, so that a volume made of the image there needs no copy. */
async function insertHidden(
  tx: Transaction,
  volume: LockedVolume,
  made: Pick<Made, 'imageId' | 'format'> & { readonly key: VolumeKey | null },
  who: Requester,
): Promise<VolumeId> {
  const { imageId, format, key } = made;
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
    base_format: format === 'qcow2' ? 'qcow2' : 'raw',
    // The type says how long the key is; it cannot go while this row is there.
    ...(key === null ? {} : { encrypted: true, volume_type_id: volume.volume_type_id, ...key }),
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
  await demandThawed(tx, volume.host);
  await demandNotEnding(tx, volume.id, 'Upload it');
  await demandOursOnly(tx, volume.id, 'upload');
  return volume;
}

/** Nobody here would know how long an image that lies elsewhere needs its key. Throws what `lockForUpload` does. */
async function lockPlain(tx: Transaction, id: string, wish: UploadWish, who: Requester): Promise<LockedVolume> {
  const volume = await lockForUpload(tx, id, wish, who);
  if ((await loadKey(tx, id)) === null) return volume;
  throw new ServiceError(
    'volume_state',
    'Invalid volume: Uploading encrypted volumes to an image service that is kept elsewhere is not supported.',
  );
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
  const { image_metadata: metadata } = await inTransaction(database, (tx) => lockPlain(tx, id, wish, who));
  const imageId = await images.create({ ...wish, properties: ownProperties(metadata) });
  try {
    await inTransaction(database, async (tx) => {
      const volume = await lockPlain(tx, id, wish, who);
      const hidden = await insertHidden(tx, volume, { imageId, format, key: null }, who);
      await writeVolume(tx, id, { status: 'uploading', previous_status: volume.status });
      await accept(tx, volume, { hidden, imageId, format, remote: true }, who);
    });
  } catch (thrown) {
    await images.withdraw(imageId);
    throw thrown;
  }
  return { imageId, diskFormat: format };
}

/** Throws `not_found`, `volume_state`, `bad_request`, `over_quota`. */
export async function uploadVolume(
  database: Database,
  id: string,
  wish: UploadWish,
  who: Requester,
): Promise<UploadAccepted> {
  const wanted = demandFormats(wish);
  if (who.images !== undefined) return uploadElsewhere(database, id, { wish, format: wanted }, who.images, who);
  return inTransaction(database, async (tx) => {
    const volume = await lockForUpload(tx, id, wish, who);
    await demandImageRoom(tx, who.projectId, null);
    const imageId = newId();
    const key = await loadKey(tx, id);
    const format = formatFor(wish, key);
    const diskFormat = key === null ? wish.diskFormat : format;
    const hidden = await insertHidden(tx, volume, { imageId, format, key }, who);
    await tx('images').insert({
      id: imageId,
      project_id: who.projectId,
      name: wish.name,
      status: 'saving',
      visibility: wish.visibility,
      protected: wish.isProtected,
      container_format: wish.containerFormat,
      disk_format: diskFormat,
      properties: JSON.stringify({
        ...ownProperties(volume.image_metadata),
        ...(key === null ? {} : keyPropertiesOf(key.encryption_key_id)),
      }),
      volume_id: hidden,
    });
    await writeVolume(tx, id, { status: 'uploading', previous_status: volume.status });
    await accept(tx, volume, { hidden, imageId, format, remote: false }, who);
    return { imageId, diskFormat };
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
