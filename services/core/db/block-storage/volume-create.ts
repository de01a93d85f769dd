// A new volume in one transaction: source checked and pinned, quota, pool, row, operations.
//
// A clone freezes its source by an internal snapshot (volume-clone.ts).
//
// An image is frozen already. Where its own bytes will not do (another format, or a share on which nothing can stand), a copy of it is made
// in the pool first (volume-from-image.ts), and the volume-create waits for that.
//
// Where it may, a volume with a source is made at once: it stands on the source's layers instead of copying them. That it will is recorded
// here, with the row, so that nobody gives these layers up meanwhile; whether it can is decided when its operation begins. The internal
// snapshot of such a clone stays until the clone is independent.
//
// No pool fits: the volume is stored in `error` with a message for the user, as Cinder's scheduler does; the request is accepted.
import type { LayerFormat } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { newId, type OperationId, type VolumeId } from '../../domain/ids.js';
import type { PlacementReason } from '../../domain/user-messages.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { instantCopySettings } from '../instant-copy-settings.js';
import { leaveMessage } from '../leave-message.js';
import { tellNotPlaced } from '../notifications/not-placed.js';
import { demandedFormat, type FileLayout, layoutOf } from './file-layout.js';
import { type GroupPlace, pinGroupFor } from './group-membership.js';
import { demandImageFits, demandSealed, foreseeImage } from './image-source.js';
import { insertInternalSnapshot } from './internal-snapshot.js';
import { listZoneNames, tryPlace } from './placement.js';
import type { PoolRecord } from './pool-match.js';
import { demandQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { type HintWish, resolveHints } from './scheduler-hints.js';
import { chooseZones, copyModeOf, isMultiattach, zonesOfType } from './type-demands.js';
import { acceptClone } from './volume-clone.js';
import { encryptionColumns, encryptionOfType, type TypeEncryption } from './volume-encryption.js';
import { cachedImage, type ImageData } from './volume-from-image.js';
import { pinSource, type Source, type SourceWish } from './volume-source.js';
import { defaultTypeId, pinType, type VolumeTypeRecord } from './volume-types.js';

export interface VolumeWish {
  readonly name: string | null;
  readonly description: string | null;
  /** GiB; null takes the source's size. */
  readonly sizeGib: number | null;
  /** Id or name; null takes the source's type, or the default one. */
  readonly type: string | null;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly source: SourceWish | null;
  readonly hints?: HintWish;
  /** The group that it is made in. */
  readonly groupId?: string | null;
  /** Its data comes from the client, by ticket. */
  readonly upload?: UploadWish;
}

export interface UploadWish {
  /** The operation gets the id of the transfer. */
  readonly transferId: OperationId;
  readonly ticketSha256: string;
  readonly idleSeconds: number;
  /** What the client says that it sends. */
  readonly format: LayerFormat;
  readonly expectedBytes: number | null;
  /** Who sends. */
  readonly project: string;
}

function chooseSize(wish: VolumeWish, source: Source | null): number {
  const image = source?.image ?? null;
  const size = wish.sizeGib ?? (image === null ? source?.sizeGib : null) ?? null;
  if (size === null)
    throw new ServiceError(
      'bad_request',
      "Invalid input received: Volume size '0' must be an integer and greater than 0",
    );
  // The file of an encrypted image is larger than the disk that is in it.
  if (image !== null) demandImageFits({ ...image.record, ...(image.pinned.encrypted ? { size: null } : {}) }, size);
  if (source !== null && size < source.sizeGib) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Volume size '${size}'GB cannot be smaller than ${source.snapshotId === null ? 'original volume size ' : 'the snapshot size'} ${source.sizeGib}GB. They must be >= original ${source.snapshotId === null ? 'volume' : 'snapshot'} size.`,
    );
  }
  return size;
}

interface NewVolume {
  readonly id: VolumeId;
  readonly sizeGib: number;
  readonly type: VolumeTypeRecord;
  /** null: not encrypted. */
  readonly encryption: TypeEncryption | null;
  readonly source: Source | null;
  readonly pool: PoolRecord | null;
  /** The frozen layers that the data is in: a snapshot's (the client's, or the one that is made for the clone), or an image's. */
  readonly data: ImageData | null;
  /** It stands on the source's layers when its chain has at most so many then; null: it is copied. */
  readonly maxLayers: number | null;
  readonly upload: UploadWish | null;
}

function fileColumns({ pool, type, upload }: NewVolume): Record<string, unknown> {
  const specs = type.extra_specs;
  const multiattach = isMultiattach(specs);
  if (pool === null) return { multiattach, base_format: demandedFormat(specs, multiattach) };
  const { format, preallocation } = fileLayout(type, pool, upload);
  return { multiattach, base_format: format, preallocation };
}

/** A type that says nothing of the format takes what the client sends, whatever the pool usually makes. */
function fileLayout(type: VolumeTypeRecord, pool: PoolRecord, upload: UploadWish | null): FileLayout {
  const specs = type.extra_specs;
  const capabilities = upload === null ? pool.capabilities : { ...pool.capabilities, volumeFormat: upload.format };
  return layoutOf(specs, isMultiattach(specs), capabilities);
}

async function acceptReceive(
  tx: Transaction,
  { id: volumeId, pool, type }: NewVolume,
  upload: UploadWish,
  who: Requester,
): Promise<OperationId> {
  if (pool === null) throw new ServiceError('internal', 'A volume without a pool has no files.');
  const layout = fileLayout(type, pool, upload);
  const convert = layout.format !== upload.format || layout.preallocation !== 'off';
  const { projectId, userId, requestId } = who;
  const request = { id: upload.transferId, projectId, userId, requestId };
  return acceptOperation(tx, { type: 'volume-receive', params: { volumeId, convert, ...upload }, ...request });
}

/**
 * null: a full copy. An overlay is qcow2 and takes no room beforehand, so a type that insists on raw (as one for several servers does) and
 * whoever promises allocated files want their copies in full.
 */
function instantCopy(tx: Transaction, type: VolumeTypeRecord, sourcePool: string, pool: PoolRecord): number | null {
  const { maxLayers } = instantCopySettings(tx);
  const specs = type.extra_specs;
  const multiattach = isMultiattach(specs);
  const { preallocation } = layoutOf(specs, multiattach, pool.capabilities);
  const mustBeRaw = demandedFormat(specs, multiattach) === 'raw';
  const possible = pool.name === sourcePool && preallocation === 'off' && !mustBeRaw;
  return possible && maxLayers > 1 && copyModeOf(type.extra_specs) === 'instant' ? maxLayers : null;
}

/** A source's type is taken even when it is private: whoever may use the data may have it once more. */
async function chooseType(
  tx: Transaction,
  wish: VolumeWish,
  source: Source | null,
  isAdmin: boolean,
  who: Requester,
): Promise<VolumeTypeRecord> {
  const { projectId } = who;
  // Source: cinder/volume/flows/api/create_volume.py, _get_volume_type: the request, then the image, then the source.
  const named = wish.type ?? source?.image?.record.properties['cinder_img_volume_type'] ?? null;
  if (named !== null) return pinType(tx, named, { isAdmin, byName: true, projectId });
  const id = source?.typeId ?? (await defaultTypeId(tx, projectId));
  return pinType(tx, id, { isAdmin: true, byName: false });
}

async function zonesFor(
  tx: Transaction,
  type: VolumeTypeRecord,
  wish: VolumeWish,
  source: Source | null,
): Promise<string[] | null> {
  if (zonesOfType(type.extra_specs) === null) return wish.zone === null ? null : [wish.zone];
  return chooseZones(type.extra_specs, wish.zone ?? source?.zone ?? null, await listZoneNames(tx));
}

async function insertVolume(
  tx: Transaction,
  made: NewVolume,
  wish: VolumeWish,
  who: Requester,
  groupId: string | null,
): Promise<void> {
  const { pool, source } = made;
  await tx('volumes').insert({
    id: made.id,
    project_id: who.projectId,
    user_id: who.userId,
    name: wish.name,
    description: wish.description,
    size_gib: made.sizeGib,
    status: pool === null ? 'error' : 'creating',
    availability_zone: pool?.zone ?? wish.zone ?? 'nova',
    volume_type_id: made.type.id,
    group_id: groupId,
    snapshot_id: source?.snapshotId ?? null,
    source_volid: source === null || source.snapshotId !== null || source.image !== null ? null : source.volumeId,
    host: pool?.name ?? null,
    provider_location: pool?.share ?? null,
    ...(made.maxLayers === null || made.data === null
      ? {}
      : { backing_volume_id: made.data.volumeId, backing_snapshot_id: made.data.snapshotId }),
    ...fileColumns(made),
    ...encryptionColumns(made.encryption),
    bootable: source?.bootable ?? false,
    image_metadata: JSON.stringify(source?.imageMetadata ?? {}),
    metadata: JSON.stringify(wish.metadata),
    scheduled_at: pool === null ? null : tx.raw('utc_now()'),
  });
}

/** Cinder's scheduler leaves such a message (VOLUME, "no valid backend"). */
async function tellNoBackend(
  tx: Transaction,
  volumeId: string,
  reason: PlacementReason,
  { projectId, userId, requestId }: Requester,
): Promise<void> {
  const about = { resourceType: 'VOLUME', resourceId: volumeId, action: 'volume-schedule', code: reason } as const;
  await leaveMessage(tx, { projectId, requestId, ...about });
  await tellNotPlaced(tx, { projectId, userId, requestId }, volumeId, 'No valid backend was found.');
}

/** Returns the operation at whose end there is a volume, or none. */
async function acceptCreate(
  tx: Transaction,
  made: NewVolume,
  who: Requester,
  behind: OperationId | null,
): Promise<OperationId> {
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  if (made.upload !== null) return acceptReceive(tx, made, made.upload, who);
  const { id: volumeId, source, data, maxLayers } = made;
  const after = data?.after ?? (behind === null ? null : { operationId: behind, mode: 'end' as const });
  const from = data === null ? null : { volumeId: data.volumeId, snapshotId: data.snapshotId };
  const params = { volumeId, source: from, ...(maxLayers === null ? {} : { instant: { maxLayers } }) };
  if (from === null || from.snapshotId === null || source?.snapshotId !== null) {
    return acceptOperation(tx, { type: 'volume-create', params, ...by, ...(after === null ? {} : { after }) });
  }
  const internal = { volumeId: from.volumeId, snapshotId: from.snapshotId };
  return acceptClone(tx, { volumeId, source: internal, maxLayers }, who);
}

/** Source of the text: cinder/volume/api.py. */
function demandFits(group: GroupPlace | null, type: VolumeTypeRecord): void {
  if (group === null || group.typeIds === null || group.typeIds.includes(type.id)) return;
  throw new ServiceError(
    'bad_request',
    `Invalid input received: Invalid volume_type provided: ${type.name} (requested type must be supported by this group).`,
  );
}

/** The frozen layers that the new volume gets its data from, made ready where they are not. */
async function dataOf(
  tx: Transaction,
  source: Source,
  type: VolumeTypeRecord,
  pool: PoolRecord,
  sizeGib: number,
  who: Requester,
): Promise<ImageData> {
  const { volumeId, snapshotId, image } = source;
  // Only an image that is kept elsewhere is in no pool.
  const sourcePool = source.pool ?? pool.name;
  if (image === null) {
    return { volumeId, snapshotId: snapshotId ?? (await insertInternalSnapshot(tx, source, who)), pool: sourcePool };
  }
  // One that is copied in full is read once, wherever it is: a copy of the image beside it would be for nothing.
  const isCopied = instantCopy(tx, type, pool.name, pool) === null;
  // Nor is there ever a second one of an encrypted image: it is copied with its key, from where it is.
  if (image.pinned.standable && (isCopied || image.pinned.encrypted || pool.name === source.pool)) {
    return { volumeId, snapshotId: null, pool: sourcePool };
  }
  return cachedImage(tx, image.pinned, pool, sizeGib, who);
}

/** As `createVolume`, inside a transaction and in a group that the caller holds. */
export async function createVolumeIn(
  tx: Transaction,
  asked: VolumeWish,
  isAdmin: boolean,
  who: Requester,
  group: GroupPlace | null,
): Promise<VolumeId> {
  return (await createVolumeWith(tx, asked, isAdmin, who, group)).id;
}

export interface AcceptedVolume {
  readonly id: VolumeId;
  /** At whose end it is made; null: no pool would have it, and it is stored in `error`. */
  readonly operationId: OperationId | null;
  readonly sizeGib: number;
}

/** As `createVolumeIn`, for whoever waits for the volume. */
export async function createVolumeWith(
  tx: Transaction,
  asked: VolumeWish,
  isAdmin: boolean,
  who: Requester,
  group: GroupPlace | null,
  /** It is made behind this, so that whoever waits for it has waited for both. */
  behind: OperationId | null = null,
): Promise<AcceptedVolume> {
  const id = newId<VolumeId>();
  const wish = { ...asked, zone: group?.zone ?? asked.zone };
  const source = await pinSource(tx, wish.source, who);
  const sizeGib = chooseSize(wish, source);
  const type = await chooseType(tx, wish, source, isAdmin, who);
  demandFits(group, type);
  const encryption = await encryptionOfType(tx, type);
  if (source?.image != null) demandSealed(source.image.pinned, encryption !== null);
  if (encryption !== null && asked.upload !== undefined) {
    throw new ServiceError(
      'bad_request',
      'Invalid volume type: what a client sends cannot be encrypted on its way in.',
    );
  }
  const zones = await zonesFor(tx, type, wish, source);
  await demandQuota(tx, who.projectId, {
    type,
    volumes: 1,
    snapshots: 0,
    gigabytes: sizeGib,
    volumeSizeGib: sizeGib,
  });
  const image = source?.image?.pinned ?? null;
  const backendHost = image === null ? (source?.backendHost ?? null) : null;
  const hints = await resolveHints(tx, wish.hints ?? { sameHost: [], differentHost: [] }, who.visibleProjectId);
  const specs = type.extra_specs;
  const near = source?.pool == null ? {} : { preferredPool: source.pool };
  const workerOf = image?.backendHost ?? null;
  const { pool, reason } = await tryPlace(tx, { sizeGib, zones, specs, backendHost, workerOf, hints, ...near });
  const data = source === null || pool === null ? null : await dataOf(tx, source, type, pool, sizeGib, who);
  const made: NewVolume = {
    id,
    sizeGib,
    type,
    encryption,
    source,
    pool,
    data,
    maxLayers: data === null || pool === null ? null : instantCopy(tx, type, data.pool, pool),
    upload: wish.upload ?? null,
  };
  await insertVolume(tx, made, wish, who, group?.id ?? null);
  if (pool !== null) return { id, sizeGib, operationId: await acceptCreate(tx, made, who, behind) };
  await tellNoBackend(tx, id, reason, who);
  return { id, sizeGib, operationId: null };
}

/**
 * Returns the id of the new volume. Throws `not_found` (type, snapshot, source, group), `snapshot_state`, `volume_state`, `bad_request`
 * (size, group), `over_quota`.
 */
export async function createVolume(
  database: Database,
  wish: VolumeWish,
  isAdmin: boolean,
  who: Requester,
): Promise<VolumeId> {
  if (wish.source?.kind === 'image') await foreseeImage(database, wish.source.id, who);
  return inTransaction(database, async (tx) => {
    // The source's row before the group's, as everywhere.
    if (wish.groupId != null) await pinSource(tx, wish.source, who);
    const group = wish.groupId == null ? null : await pinGroupFor(tx, wish.groupId, wish.type, who);
    return createVolumeIn(tx, wish, isAdmin, who, group);
  });
}
