// A new volume in one transaction: source checked and pinned, quota, pool, row, operations.
//
// A clone has no operation of its own. It is a chain of three, each waiting for the one before:
//
//   snapshot-create (internal, on the source)  ->  volume-create (from the frozen layers)  ->  snapshot-delete (always)
//
// Where it may, a volume with a source is made at once: it stands on the source's layers instead of copying them. That it will is recorded
// here, with the row, so that nobody gives these layers up meanwhile; whether it can is decided when its operation begins. The internal
// snapshot of such a clone stays until the clone is independent.
//
// No pool fits: the volume is stored in `error` with a message for the user, as Cinder's scheduler does; the request is accepted.
import { ServiceError } from '../../domain/errors.js';
import { newId, type SnapshotId, type VolumeId } from '../../domain/ids.js';
import type { PlacementReason } from '../../domain/user-messages.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { instantCopySettings } from '../instant-copy-settings.js';
import { leaveMessage } from '../leave-message.js';
import { tellNotPlaced } from '../notifications/not-placed.js';
import { demandedFormat, layoutOf } from './file-layout.js';
import { type GroupPlace, pinGroupFor } from './group-membership.js';
import { listZoneNames, tryPlace } from './placement.js';
import type { PoolRecord } from './pool-match.js';
import { demandQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { type HintWish, resolveHints } from './scheduler-hints.js';
import { chooseZones, copyModeOf, demandNotEncrypted, isMultiattach, zonesOfType } from './type-demands.js';
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
}

function chooseSize(wish: VolumeWish, source: Source | null): number {
  const size = wish.sizeGib ?? source?.sizeGib ?? null;
  if (size === null)
    throw new ServiceError(
      'bad_request',
      "Invalid input received: Volume size '0' must be an integer and greater than 0",
    );
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
  readonly source: Source | null;
  readonly pool: PoolRecord | null;
  /** The snapshot that the data is of: the client's, or the one that is made for the clone. */
  readonly snapshotId: SnapshotId | null;
  /** It stands on the source's layers when its chain has at most so many then; null: it is copied. */
  readonly maxLayers: number | null;
}

function fileColumns({ pool, type }: NewVolume): Record<string, unknown> {
  const specs = type.extra_specs;
  const multiattach = isMultiattach(specs);
  if (pool === null) return { multiattach, base_format: demandedFormat(specs, multiattach) };
  const { format, preallocation } = layoutOf(specs, multiattach, pool.capabilities);
  return { multiattach, base_format: format, preallocation };
}

/**
 * null: a full copy. An overlay is qcow2 and takes no room beforehand, so a type that insists on raw (as one for several servers does) and
 * whoever promises allocated files want their copies in full.
 */
function instantCopy(tx: Transaction, type: VolumeTypeRecord, source: Source, pool: PoolRecord): number | null {
  const { maxLayers } = instantCopySettings(tx);
  const specs = type.extra_specs;
  const multiattach = isMultiattach(specs);
  const { preallocation } = layoutOf(specs, multiattach, pool.capabilities);
  const mustBeRaw = demandedFormat(specs, multiattach) === 'raw';
  const possible = pool.name === source.pool && preallocation === 'off' && !mustBeRaw;
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
  if (wish.type !== null) return pinType(tx, wish.type, { isAdmin, byName: true, projectId });
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
    source_volid: source === null || source.snapshotId !== null ? null : source.volumeId,
    host: pool?.name ?? null,
    provider_location: pool?.share ?? null,
    ...(made.maxLayers === null || source === null
      ? {}
      : { backing_volume_id: source.volumeId, backing_snapshot_id: made.snapshotId }),
    ...fileColumns(made),
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

async function insertInternalSnapshot(tx: Transaction, source: Source, who: Requester): Promise<SnapshotId> {
  const id = newId<SnapshotId>();
  await tx('snapshots').insert({
    id,
    volume_id: source.volumeId,
    project_id: who.projectId,
    user_id: who.userId,
    size_gib: source.sizeGib,
    status: 'creating',
    volume_type_id: source.typeId,
    consumes_quota: false,
    internal: true,
  });
  return id;
}

async function acceptCreate(tx: Transaction, made: NewVolume, who: Requester): Promise<void> {
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  const { id: volumeId, source, snapshotId, maxLayers } = made;
  const frozen = source === null || snapshotId === null ? null : { volumeId: source.volumeId, snapshotId };
  const params = { volumeId, source: frozen, ...(maxLayers === null ? {} : { instant: { maxLayers } }) };
  if (frozen === null || source?.snapshotId !== null) {
    await acceptOperation(tx, { type: 'volume-create', params, ...by });
    return;
  }
  const froze = await acceptOperation(tx, { type: 'snapshot-create', params: frozen, ...by });
  const copied = await acceptOperation(tx, {
    type: 'volume-create',
    params,
    ...by,
    after: { operationId: froze, mode: 'success' },
  });
  await acceptOperation(tx, {
    type: 'snapshot-delete',
    params: frozen,
    ...by,
    after: { operationId: copied, mode: 'end' },
  });
}

/** Source of the text: cinder/volume/api.py. */
function demandFits(group: GroupPlace | null, type: VolumeTypeRecord): void {
  if (group === null || group.typeIds === null || group.typeIds.includes(type.id)) return;
  throw new ServiceError(
    'bad_request',
    `Invalid input received: Invalid volume_type provided: ${type.name} (requested type must be supported by this group).`,
  );
}

/** As `createVolume`, inside a transaction and in a group that the caller holds. */
export async function createVolumeIn(
  tx: Transaction,
  asked: VolumeWish,
  isAdmin: boolean,
  who: Requester,
  group: GroupPlace | null,
): Promise<VolumeId> {
  const id = newId<VolumeId>();
  const wish = { ...asked, zone: group?.zone ?? asked.zone };
  const source = await pinSource(tx, wish.source, who);
  const sizeGib = chooseSize(wish, source);
  const type = await chooseType(tx, wish, source, isAdmin, who);
  demandFits(group, type);
  demandNotEncrypted(type);
  const zones = await zonesFor(tx, type, wish, source);
  await demandQuota(tx, who.projectId, {
    type,
    volumes: 1,
    snapshots: 0,
    gigabytes: sizeGib,
    volumeSizeGib: sizeGib,
  });
  const backendHost = source?.backendHost ?? null;
  const hints = await resolveHints(tx, wish.hints ?? { sameHost: [], differentHost: [] }, who.visibleProjectId);
  const specs = type.extra_specs;
  const near = source === null ? {} : { preferredPool: source.pool };
  const { pool, reason } = await tryPlace(tx, { sizeGib, zones, specs, backendHost, hints, ...near });
  const needsSnapshot = source !== null && source.snapshotId === null && pool !== null;
  const made: NewVolume = {
    id,
    sizeGib,
    type,
    source,
    pool,
    snapshotId: needsSnapshot ? await insertInternalSnapshot(tx, source, who) : (source?.snapshotId ?? null),
    maxLayers: source === null || pool === null ? null : instantCopy(tx, type, source, pool),
  };
  await insertVolume(tx, made, wish, who, group?.id ?? null);
  if (pool === null) await tellNoBackend(tx, id, reason, who);
  else await acceptCreate(tx, made, who);
  return id;
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
  return inTransaction(database, async (tx) => {
    // The source's row before the group's, as everywhere.
    if (wish.groupId != null) await pinSource(tx, wish.source, who);
    const group = wish.groupId == null ? null : await pinGroupFor(tx, wish.groupId, wish.type, who);
    return createVolumeIn(tx, wish, isAdmin, who, group);
  });
}
