// A new volume in one transaction: source checked and pinned, quota, pool, row, operations.
//
// A clone has no operation of its own. It is a chain of three, each waiting for the one before:
//
//   snapshot-create (internal, on the source)  ->  volume-create (copies the frozen layers)  ->  snapshot-delete (always)
//
// No pool fits: the volume is stored in `error` with a message for the user, as Cinder's scheduler does; the request is accepted.
import { ServiceError } from '../../domain/errors.js';
import { isUuid, newId, type SnapshotId, type VolumeId } from '../../domain/ids.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import type { PlacementReason } from '../../domain/user-messages.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { leaveMessage } from '../leave-message.js';
import { tellNotPlaced } from '../notifications/not-placed.js';
import { demandOursOnly } from './foreign-attachments.js';
import { type GroupPlace, pinGroupFor } from './group-membership.js';
import { listZoneNames, tryPlace } from './placement.js';
import type { PoolRecord } from './pool-match.js';
import { demandQuota } from './quota-demand.js';
import { explainSnapshotRefusal, explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { type HintWish, resolveHints } from './scheduler-hints.js';
import { chooseZones, demandNotEncrypted, isMultiattach, zonesOfType } from './type-demands.js';
import { volumeNotFound } from './volume-rows.js';
import { defaultTypeId, pinType, type VolumeTypeRecord } from './volume-types.js';
import { demandNotEnding } from './volume-under-way.js';

export type SourceWish =
  | { readonly kind: 'snapshot'; readonly id: string }
  | { readonly kind: 'volume'; readonly id: string };

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

/** Where the data comes from, as it is on record. */
interface Source {
  readonly volumeId: string;
  readonly snapshotId: string | null;
  readonly sizeGib: number;
  readonly typeId: string | null;
  readonly backendHost: string;
  readonly zone: string | null;
  readonly bootable: boolean;
  readonly imageMetadata: Readonly<Record<string, string>>;
}

interface SourceRow {
  readonly volume_id: string;
  readonly status: string;
  readonly size_gib: number;
  readonly volume_type_id: string | null;
  readonly backend_host: string | null;
  readonly availability_zone: string | null;
  readonly bootable: boolean;
  readonly image_metadata: Record<string, string>;
}

function asSource(row: SourceRow, snapshotId: string | null): Source {
  if (row.backend_host === null) throw new ServiceError('bad_request', 'The source volume has no data.');
  return {
    volumeId: row.volume_id,
    snapshotId,
    sizeGib: row.size_gib,
    typeId: row.volume_type_id,
    backendHost: row.backend_host,
    zone: row.availability_zone,
    bootable: row.bootable,
    imageMetadata: row.image_metadata,
  };
}

/** Locked for share, so that a deletion asked meanwhile waits for this transaction and then for the operation's lock. */
async function pinSnapshot(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const query = tx('snapshots as s')
    .join('volumes as v', 'v.id', 's.volume_id')
    .leftJoin('pools as p', 'p.name', 'v.host')
    .where({ 's.id': isUuid(id) ? id : null, 's.internal': false })
    .forShare('s');
  if (who.visibleProjectId !== null) void query.andWhere({ 's.project_id': who.visibleProjectId });
  const row: SourceRow | undefined = await query.first(
    's.volume_id',
    's.status',
    's.size_gib',
    // A snapshot that stayed behind when its volume was transferred is not what the volume's new owner made of that since.
    tx.raw('case when s.project_id = v.project_id then v.volume_type_id else s.volume_type_id end as volume_type_id'),
    'p.backend_host',
    'v.availability_zone',
    'v.bootable',
    tx.raw(`case when s.project_id = v.project_id then v.image_metadata else '{}'::jsonb end as image_metadata`),
  );
  if (row === undefined) throw new ServiceError('not_found', `Snapshot ${id} could not be found.`);
  const allowed: readonly string[] = snapshotAllowedFrom.createVolume;
  if (!allowed.includes(row.status)) throw explainSnapshotRefusal(id, row.status, 'create a volume from it', allowed);
  return asSource(row, id);
}

async function pinVolume(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const query = tx('volumes as v')
    .leftJoin('pools as p', 'p.name', 'v.host')
    .where({ 'v.id': isUuid(id) ? id : null })
    .forUpdate('v');
  if (who.visibleProjectId !== null) void query.andWhere({ 'v.project_id': who.visibleProjectId });
  const row: SourceRow | undefined = await query.first(
    'v.id as volume_id',
    'v.status',
    'v.size_gib',
    'v.volume_type_id',
    'p.backend_host',
    'v.availability_zone',
    'v.bootable',
    'v.image_metadata',
  );
  if (row === undefined) throw volumeNotFound(id);
  const allowed: readonly string[] = volumeAllowedFrom.clone;
  if (!allowed.includes(row.status)) {
    throw await explainVolumeRefusal(tx, { id, status: row.status }, 'clone', allowed);
  }
  await demandNotEnding(tx, id, 'Clone it');
  await demandOursOnly(tx, id, 'clone');
  return asSource(row, null);
}

async function pinSource(tx: Transaction, wish: SourceWish | null, who: Requester): Promise<Source | null> {
  if (wish === null) return null;
  return wish.kind === 'snapshot' ? pinSnapshot(tx, wish.id, who) : pinVolume(tx, wish.id, who);
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
}

/** Two writers of one qcow2 file destroy it, so a volume for several servers is raw whatever the pool's other volumes are. */
function fileColumns({ pool, type }: NewVolume): Record<string, unknown> {
  const multiattach = isMultiattach(type.extra_specs);
  const preallocation = pool?.capabilities.preallocation ?? 'off';
  if (!multiattach) return { multiattach, base_format: pool?.capabilities.volumeFormat ?? null, preallocation };
  // Raw files have no metadata that could be allocated beforehand.
  return { multiattach, base_format: 'raw', preallocation: preallocation === 'metadata' ? 'off' : preallocation };
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
  const { id: volumeId, source } = made;
  if (source === null || source.snapshotId !== null) {
    const from = source === null ? null : { volumeId: source.volumeId, snapshotId: source.snapshotId ?? '' };
    await acceptOperation(tx, { type: 'volume-create', params: { volumeId, source: from }, ...by });
    return;
  }
  const snapshotId = await insertInternalSnapshot(tx, source, who);
  const frozen = { volumeId: source.volumeId, snapshotId };
  const froze = await acceptOperation(tx, { type: 'snapshot-create', params: frozen, ...by });
  const copied = await acceptOperation(tx, {
    type: 'volume-create',
    params: { volumeId, source: frozen },
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
  const { pool, reason } = await tryPlace(tx, { sizeGib, zones, specs, backendHost, hints });
  const made: NewVolume = { id, sizeGib, type, source, pool };
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
