// An image as the source of a volume: found by id, by a URL that ends in the id, or by name; looked at as Cinder does; pinned in the
// transaction that makes the volume, so that its data is not given up meanwhile.
//
// Texts: cinder/api/v2/volumes.py (_image_uuid_from_ref), cinder/volume/volume_utils.py (check_image_metadata), cinder/image/image_utils.py
// (check_virtual_size).
import { asServiceError, ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { type ConvertibleFormat, isLayerFormat, readableFormat } from '../../domain/image-formats.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import { bytesToGib } from '../../domain/size.js';
import type { RemoteImageData } from '../../operations/params.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { copyIdOf, type RemoteImage, remoteDataOf } from './remote-images.js';
import type { Requester } from './requester.js';

/** Of our own records or of an image service: what both tell of an image. */
export interface SourceImage extends Omit<RemoteImage, 'owner' | 'os_hash_algo' | 'os_hash_value'> {
  readonly project_id: string;
  readonly volume_id: string | null;
  /** As an image service of its own shows it; then there is no row of ours, and no hidden volume. */
  readonly remote?: RemoteImage;
}

/** An image whose data can be read, and where it is. */
export interface PinnedImage {
  readonly id: string;
  /** The hidden volume; of an image elsewhere what its copies are remembered by. */
  readonly volumeId: string;
  /** null: the data is in an image service, and every worker can fetch it. */
  readonly backendHost: string | null;
  /** Of an image elsewhere the pool that has a copy of it already. */
  readonly pool: string | null;
  /** Where the data is fetched from; null: it is here. */
  readonly remote: RemoteImageData | null;
  /** How its bytes are read. */
  readonly format: ConvertibleFormat;
  /** A guest's disk may stand on its layer as it is. */
  readonly standable: boolean;
  /** It can be read with the key that its layer names, and becomes volumes that are encrypted too. */
  readonly encrypted: boolean;
  /** Bytes of the disk; null: known only when it is converted. */
  readonly virtualSizeBytes: number | null;
  /** What a volume made of it remembers. */
  readonly metadata: Readonly<Record<string, string>>;
}

const noImage = 'Invalid image identifier or unable to access requested image.';

function asNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Images that the project may use: its own, public and community ones, and those shared with it; administrators all. */
function visibleTo(db: Executor, who: Pick<Requester, 'visibleProjectId'>) {
  const query = db('images as i').whereNotIn('i.status', ['deleted', 'pending_delete']);
  const { visibleProjectId: project } = who;
  if (project !== null) {
    void query.andWhere((either) => {
      void either
        .where({ 'i.project_id': project })
        .orWhereIn('i.visibility', ['public', 'community'])
        .orWhere((shared) => {
          // Who was a member stays on record when an image is taken back, and is none any more.
          void shared.where({ 'i.visibility': 'shared' }).whereExists(membership(db, project));
        });
    });
  }
  return query;
}

function membership(db: Executor, project: string) {
  return db('image_members as m').whereRaw('m.image_id = i.id').andWhere({ 'm.member': project }).select(db.raw('1'));
}

/**
 * Images that a name may mean: those of the project's list. What others only offer (community images, shares that were not accepted) has to be
 * asked for by id, or anybody could put an image of theirs in the place of a known name.
 */
function listedFor(db: Executor, who: Pick<Requester, 'visibleProjectId' | 'projectId'>) {
  const { visibleProjectId: project, projectId } = who;
  const query = visibleTo(db, who).andWhere({ 'i.hidden': false });
  return query.andWhere((either) => {
    void either.where({ 'i.project_id': project ?? projectId });
    if (project === null) void either.orWhereNot({ 'i.visibility': 'community' });
    else {
      void either
        .orWhere({ 'i.visibility': 'public' })
        .orWhereExists(membership(db, project).andWhere({ 'm.status': 'accepted' }));
    }
  });
}

/** Whether the project may use the image, for whoever knows its id. */
export async function findImage(
  db: Executor,
  id: string,
  who: Pick<Requester, 'visibleProjectId' | 'images'>,
): Promise<SourceImage | null> {
  if (!isUuid(id)) return null;
  if (who.images !== undefined) {
    const image = await who.images.find(id);
    return image === null ? null : recordOf(image);
  }
  const row: SourceImage | undefined = await visibleTo(db, who).andWhere({ 'i.id': id }).first('i.*');
  return row === undefined ? null : { ...row, size: asNumber(row.size), virtual_size: asNumber(row.virtual_size) };
}

function recordOf(image: RemoteImage): SourceImage {
  return { ...image, project_id: image.owner, volume_id: null, remote: image };
}

async function idsNamed(db: Executor, name: string, who: Requester): Promise<readonly { readonly id: string }[]> {
  if (who.images !== undefined) return who.images.named(name);
  return listedFor(db, who).andWhere({ 'i.name': name }).limit(2).select<{ id: string }[]>('i.id');
}

/** The id that the client means. Throws `bad_request` for none, `conflict` for several of one name. */
export async function resolveImage(db: Executor, reference: string, who: Requester): Promise<string> {
  const last = reference.split('/').at(-1) ?? '';
  const byId = await findImage(db, last.toLowerCase(), who);
  if (byId !== null) return byId.id;
  const rows = await idsNamed(db, reference, who);
  if (rows.length > 1) {
    throw new ServiceError('conflict', `Multiple matches found for '${reference}', use an ID to be more specific.`);
  }
  const [found] = rows;
  if (found === undefined) throw new ServiceError('bad_request', noImage);
  return found.id;
}

/**
 * Asks the image service before a transaction begins, so that none keeps its connection and its locks while an answer is waited for: what is heard is
 * kept for the request. Refusals are told where the image is used. Throws `image_service_offline`.
 */
export async function foreseeImage(db: Database, reference: string, who: Requester): Promise<void> {
  if (who.images === undefined) return;
  try {
    await findImage(db, await resolveImage(db, reference, who), who);
  } catch (thrown) {
    if (asServiceError(thrown).code === 'image_service_offline') throw thrown;
  }
}

function invalid(text: string): ServiceError {
  return new ServiceError('bad_request', `Invalid input received: ${text}`);
}

/** Throws `bad_request` when the image cannot fill a volume of this size. */
export function demandImageFits(
  image: Pick<SourceImage, 'id' | 'size' | 'min_disk' | 'virtual_size'>,
  sizeGib: number,
): void {
  const imageGib = bytesToGib(image.size ?? 0);
  if (imageGib > sizeGib) {
    throw invalid(`Size of specified image ${imageGib}GB is larger than volume size ${sizeGib}GB.`);
  }
  if (sizeGib < image.min_disk) {
    throw invalid(`Volume size ${sizeGib}GB cannot be smaller than the image minDisk size ${image.min_disk}GB.`);
  }
  const virtualGib = bytesToGib(image.virtual_size ?? 0);
  if (virtualGib > sizeGib) {
    throw new ServiceError(
      'bad_request',
      `Image ${image.id} is unacceptable: Image virtual size is ${virtualGib}GB and doesn't fit in a volume of size ${sizeGib}GB.`,
    );
  }
}

/**
 * Throws `bad_request` for an image of an encrypted volume and a volume that is not to be encrypted: a plain copy would be made of what was uploaded as
 * ciphertext, by anybody who may use the image.
 */
export function demandSealed(image: Pick<PinnedImage, 'id' | 'encrypted'>, volumeIsEncrypted: boolean): void {
  if (!image.encrypted || volumeIsEncrypted) return;
  throw invalid(`Image ${image.id} is encrypted; a volume of it needs an encrypted volume type.`);
}

/** What Cinder keeps of an image with a volume: its core attributes and its own properties, all as texts. */
export function imageMetadataOf(image: SourceImage): Record<string, string> {
  const { checksum, container_format, disk_format, min_disk, min_ram, size } = image;
  const core = { checksum, container_format, disk_format, min_disk, min_ram, size };
  const said = Object.entries(core).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)] as const]));
  const { cinder_encryption_key_id: _key, cinder_encryption_key_deletion_policy: _policy, ...own } = image.properties;
  return {
    // The volume has a key of its own, which is on record with it.
    ...own,
    image_id: image.id,
    image_name: image.name ?? '',
    ...Object.fromEntries(said),
  };
}

/** Inside another container the bytes are not the disk's; those of Amazon's images are. */
function formatOf({ container_format, disk_format }: SourceImage): ConvertibleFormat | null {
  const format = readableFormat(disk_format);
  return container_format === 'bare' || (format === 'raw' && /^a[mrk]i$/.test(container_format ?? '')) ? format : null;
}

/** `encrypted`: with a key that is on record with its data. Throws `bad_request`. */
function needFormat(image: SourceImage, encrypted: boolean): ConvertibleFormat {
  const format = formatOf(image);
  // Cinder's and Nova's mark of an image whose bytes are encrypted with a key of their key manager. Anybody may write it on an image of his.
  if (!encrypted && image.properties['cinder_encryption_key_id'] !== undefined) {
    throw new ServiceError(
      'bad_request',
      `Image ${image.id} is unacceptable: Its data is encrypted, and this service has no key for it.`,
    );
  }
  if (format !== null) return format;
  throw new ServiceError(
    'bad_request',
    `Image ${image.id} is unacceptable: A volume cannot be made of the disk format ${image.disk_format ?? 'none'}.`,
  );
}

/**
 * An image elsewhere is not pinned: its data may go at any moment, and then the copy fails and says so. A copy that a pool has keeps its data
 * for as long as somebody stands on it.
 */
async function pinRemote(tx: Transaction, image: SourceImage, remote: RemoteImage): Promise<PinnedImage> {
  if (image.status !== 'active') throw invalid(`Image ${image.id} is not active.`);
  const format = needFormat(image, false);
  const metadata = imageMetadataOf(image);
  // Every list of volumes shows all of it.
  demandBoundedMetadata('image metadata', {}, metadata);
  const volumeId = copyIdOf(remote);
  const copy: { pool: string } | undefined = await tx('image_cache')
    .where({ image_id: volumeId })
    .orderBy('last_used_at', 'desc')
    .first('pool');
  return {
    id: image.id,
    volumeId,
    backendHost: null,
    pool: copy?.pool ?? null,
    remote: remoteDataOf(remote),
    format,
    standable: false,
    encrypted: false,
    virtualSizeBytes: format === 'raw' ? image.size : image.virtual_size,
    metadata,
  };
}

interface DataRow {
  readonly encrypted: boolean;
  readonly backend_host: string | null;
  readonly pool: string | null;
  readonly layers: number;
  readonly format: string | null;
  readonly virtual_size_bytes: number | null;
}

/**
 * The image with its data, latched for the transaction: a deletion waits for it and then finds the volume that stands on it. Throws
 * `bad_request` for an image that is not there, not active, or of a format that nothing can be made of.
 */
export async function pinImage(
  tx: Transaction,
  id: string,
  who: Pick<Requester, 'visibleProjectId' | 'images'>,
): Promise<{ readonly image: SourceImage; readonly pinned: PinnedImage }> {
  const image = await findImage(tx, id, who);
  if (image === null) throw new ServiceError('bad_request', noImage);
  if (image.remote !== undefined) return { image, pinned: await pinRemote(tx, image, image.remote) };
  await tx('images').where({ id }).forShare().select('id');
  const again: { status: string; volume_id: string | null } | undefined = await tx('images')
    .where({ id })
    .first('status', 'volume_id');
  if (again === undefined) throw new ServiceError('bad_request', noImage);
  if (again.status !== 'active' || again.volume_id === null) throw invalid(`Image ${id} is not active.`);
  const volumeId = again.volume_id;
  await tx('volumes').where({ id: volumeId }).forShare().select('id');
  const row: DataRow | undefined = await tx('volumes as v')
    .leftJoin('pools as p', 'p.name', 'v.host')
    .leftJoin('chain_layers as l', (on) => {
      on.on('l.volume_id', 'v.id').andOnVal('l.position', 0);
    })
    .where({ 'v.id': volumeId })
    .first('p.backend_host', 'p.name as pool', 'l.format', 'l.virtual_size_bytes', 'v.encrypted');
  const format = needFormat(image, row?.encrypted === true);
  if (row?.backend_host == null || row.pool === null || row.format === null) {
    throw invalid(`Image ${id} is not active.`);
  }
  const layerBytes = Number(row.virtual_size_bytes);
  const standable = isLayerFormat(format) && row.format === format && layerBytes % 512 === 0;
  const pinned: PinnedImage = {
    id,
    volumeId,
    backendHost: row.backend_host,
    pool: row.pool,
    remote: null,
    format,
    standable,
    encrypted: row.encrypted,
    virtualSizeBytes: standable ? layerBytes : image.virtual_size,
    metadata: imageMetadataOf(image),
  };
  return { image, pinned };
}
