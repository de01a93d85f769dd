// Another type for a volume. Where its pool and its file are what the new type asks for, only the record changes, at once; else the volume
// is copied to where they are, if the client allows that. A retype that was accepted and cannot be done leaves the volume as it was and
// a message for the user, as Cinder does. Texts: cinder/volume/api.py, retype.
import { ServiceError } from '../../domain/errors.js';
import type { PlacementReason } from '../../domain/user-messages.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { loadVolumeFacts } from '../engine/facts.js';
import { inTransaction } from '../in-transaction.js';
import { leaveMessage } from '../leave-message.js';
import { tellVolumes } from '../notifications/write.js';
import { demandedFormat } from './file-layout.js';
import { listPools, type PlacedPoolRow, rankPools, tryPromise } from './placement.js';
import { poolMatchesSpecs } from './pool-match.js';
import { demandTypeQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { isMultiattach, zonesOfType } from './type-demands.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { encryptionOfType } from './volume-encryption.js';
import {
  acceptMove,
  countLayers,
  isGrouped,
  isHeldElsewhere,
  isSettled,
  type Move,
  sameWorker,
} from './volume-move.js';
import { pinType, type VolumeTypeRecord } from './volume-types.js';
import { demandNothingUnderWay } from './volume-under-way.js';

export interface RetypeWish {
  /** Id or name. */
  readonly type: string;
  readonly policy: 'never' | 'on-demand';
}

/** Limits that a guest's hypervisor keeps cannot change under it. Source: cinder/db, volume_qos_allows_retype. */
async function qosAllows(tx: Transaction, volume: LockedVolume, type: VolumeTypeRecord): Promise<boolean> {
  if (volume.status !== 'in-use') return true;
  const present: { qos_specs_id: string | null } | undefined = await tx('volume_types')
    .where({ id: volume.volume_type_id })
    .first('qos_specs_id');
  const ids = [present?.qos_specs_id ?? null, type.qos_specs_id];
  if (ids[0] === ids[1]) return true;
  const kept: unknown = await tx('qos_specs')
    .whereIn(
      'id',
      ids.filter((id) => id !== null),
    )
    .whereNot({ consumer: 'back-end' })
    .first('id');
  return kept === undefined;
}

async function demandRetypable(tx: Transaction, volume: LockedVolume, type: VolumeTypeRecord): Promise<void> {
  if (isMultiattach(type.extra_specs) !== volume.multiattach && volume.status !== 'available') {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Invalid volume_type passed, retypes affecting multiattach are only allowed on available volumes, the specified volume however currently has a status of: ${volume.status}.`,
    );
  }
  const allowed: readonly string[] = volumeAllowedFrom.retype;
  const fits =
    allowed.includes(volume.status) &&
    volume.host !== null &&
    isSettled(volume) &&
    !isGrouped(volume) &&
    volume.volume_type_id !== type.id &&
    (await qosAllows(tx, volume, type));
  if (fits) {
    await demandThawed(tx, volume.host);
    return demandNothingUnderWay(tx, volume.id, 'Retype it');
  }
  throw new ServiceError(
    'volume_state',
    'Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs cannot change.',
  );
}

/** What several servers write to at once is one raw file; a type that insists on a format for its volumes looks at the base alone. */
async function hasFormat(tx: Transaction, volumeId: string, type: VolumeTypeRecord): Promise<boolean> {
  const multiattach = isMultiattach(type.extra_specs);
  const demanded = demandedFormat(type.extra_specs, multiattach);
  if (demanded === null) return true;
  const layers: { format: string }[] = await tx('chain_layers')
    .where({ volume_id: volumeId })
    .orderBy('position')
    .select('format');
  return layers[0]?.format === demanded && (!multiattach || layers.length === 1);
}

/** Nothing when the volume is as the new type wants it; else how its copy is to be. Throws `bad_request` for a guest's disk. */
async function encryptionChange(
  tx: Transaction,
  volume: LockedVolume,
  type: VolumeTypeRecord,
): Promise<Pick<Move, 'newEncryption'>> {
  const wanted = await encryptionOfType(tx, type);
  const facts = (await loadVolumeFacts(tx, [volume.id])).get(volume.id);
  if (facts?.encryption?.bits === wanted?.bits) return {};
  if (volume.status === 'available') return { newEncryption: wanted };
  // Source of the text: cinder/volume/api.py, retype.
  throw new ServiceError(
    'bad_request',
    'Invalid input received: Retype cannot change encryption requirements of an attached volume.',
  );
}

async function fitsWhereItIs(
  tx: Transaction,
  volume: LockedVolume,
  pool: PlacedPoolRow,
  type: VolumeTypeRecord,
): Promise<boolean> {
  const zones = zonesOfType(type.extra_specs);
  if (!poolMatchesSpecs(pool, type.extra_specs) || zones?.includes(pool.zone) === false) return false;
  return hasFormat(tx, volume.id, type);
}

/** Accepts the copy to a pool of the new type, or says why there is none. */
async function tryMove(
  tx: Transaction,
  volume: LockedVolume,
  pools: readonly PlacedPoolRow[],
  { type, newEncryption }: { readonly type: VolumeTypeRecord } & Pick<Move, 'newEncryption'>,
  who: Requester,
): Promise<PlacementReason | 'volume_state' | null> {
  if (await isHeldElsewhere(tx, volume.id)) return 'volume_state';
  // What several servers write to is one file; its snapshots would have to go.
  if (isMultiattach(type.extra_specs) && (await countLayers(tx, volume.id)) > 1) return 'volume_state';
  const from = pools.find((pool) => pool.name === volume.host);
  const near = pools.filter((pool) => from !== undefined && sameWorker(pool, from));
  const specs = type.extra_specs;
  const zones = zonesOfType(specs) ?? (from === undefined ? null : [from.zone]);
  const ranked = rankPools(near, { sizeGib: volume.size_gib, zones, specs, backendHost: null });
  const multiattach = isMultiattach(specs);
  for (const to of ranked.pools) {
    if (!(await tryPromise(tx, to, volume.size_gib))) continue;
    const encryption = newEncryption === undefined ? {} : { newEncryption };
    await acceptMove(tx, volume, { to, newTypeId: type.id, multiattach, specs, ...encryption }, who);
    return null;
  }
  return ranked.reason;
}

/** Throws `not_found` (volume, type), `volume_state`, `bad_request` (encryption, multiattach in use), `over_quota`. */
export async function retypeVolume(
  database: Database,
  id: string,
  wish: RetypeWish,
  isAdmin: boolean,
  who: Requester,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    const type = await pinType(tx, wish.type, { isAdmin, byName: true, projectId: who.projectId });
    await demandRetypable(tx, volume, type);
    const wished = { volumes: 1, snapshots: 0, gigabytes: volume.size_gib };
    await demandTypeQuota(tx, volume.project_id, type, wished);
    const change = await encryptionChange(tx, volume, type);
    const pools = await listPools(tx);
    const pool = pools.find((one) => one.name === volume.host);
    if (change.newEncryption === undefined && pool !== undefined && (await fitsWhereItIs(tx, volume, pool, type))) {
      await writeVolume(tx, id, { volume_type_id: type.id, multiattach: isMultiattach(type.extra_specs) });
      await tellVolumes(tx, who, [id], ['retype'], { byBackend: true });
      return;
    }
    const code =
      wish.policy === 'never' ? 'no_valid_backend_type' : await tryMove(tx, volume, pools, { type, ...change }, who);
    if (code === null) return;
    const about = { resourceType: 'VOLUME', resourceId: id, action: 'volume-retype', code } as const;
    await leaveMessage(tx, { projectId: volume.project_id, requestId: who.requestId, ...about });
  });
}
