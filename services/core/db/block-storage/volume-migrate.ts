// An administrator's move of a volume to another pool. Texts: cinder/volume/api.py, migrate_volume.
import { ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { listPools, type PlacedPoolRow, tryPromise } from './placement.js';
import { type ExtraSpecs, poolHasRoom, poolMatchesSpecs } from './pool-match.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { type LockedVolume, lockVolume } from './volume-change.js';
import { acceptMove, isGrouped, isHeldElsewhere, isSettled, sameWorker } from './volume-move.js';
import { loadVolume } from './volume-rows.js';
import { loadType } from './volume-types.js';
import { demandNothingUnderWay } from './volume-under-way.js';

function invalidHost(why: string): ServiceError {
  return new ServiceError('bad_request', `Invalid host: ${why}`);
}

/** `host` is a pool's name, or a backend's that has one pool. */
function choosePool(pools: readonly PlacedPoolRow[], host: string): PlacedPoolRow {
  const [pool, other] = pools.filter((one) => one.name === host || one.backend_host === host);
  if (pool === undefined || !pool.enabled || !pool.fresh || pool.state !== 'up') {
    throw invalidHost(`No available service named '${host}'`);
  }
  if (pool.maintenance_since !== null || pool.retired) {
    throw invalidHost(
      `'${pool.name}' takes no volumes: ${pool.retired ? 'its share is retired' : 'it is in maintenance'}.`,
    );
  }
  if (other !== undefined)
    throw invalidHost(`Host '${host}' has several pools; name one of them as get_pools shows it.`);
  return pool;
}

async function demandMigratable(tx: Transaction, volume: LockedVolume, to: PlacedPoolRow): Promise<void> {
  const allowed: readonly string[] = volumeAllowedFrom.migrate;
  if (isSettled(volume) && !allowed.includes(volume.status)) {
    throw await explainVolumeRefusal(tx, volume, 'migrate', allowed);
  }
  await demandThawed(tx, volume.host);
  if (isSettled(volume) && !isGrouped(volume) && volume.host !== to.name) {
    if (!(await isHeldElsewhere(tx, volume.id))) return;
    throw new ServiceError(
      'volume_state',
      `Invalid volume: Volume ${volume.id} is attached, and not to one server of this service alone, which could be told that it moves. Detach it first.`,
    );
  }
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volume.id} status must be available or in-use, must not be migrating, have snapshots, be replicated, be part of a group and destination host/cluster must be different than the current one`,
  );
}

/**
 * Promises the room for the copy, and answers the specs of the volume's type. Throws `no_valid_backend` when the pool is not what the type
 * asks for, or is full.
 */
async function promiseRoom(tx: Transaction, volume: LockedVolume, to: PlacedPoolRow): Promise<ExtraSpecs> {
  const typeId = volume.volume_type_id;
  const type = typeId === null ? null : await loadType(tx, typeId, { isAdmin: true, byName: false });
  if (type !== null && !poolMatchesSpecs(to, type.extra_specs)) {
    throw new ServiceError(
      'no_valid_backend',
      `Invalid host: '${to.name}' does not offer what type ${type.name} asks for.`,
    );
  }
  if (poolHasRoom(to, volume.size_gib) && (await tryPromise(tx, to, volume.size_gib))) {
    return type?.extra_specs ?? {};
  }
  throw new ServiceError('no_valid_backend', `Invalid host: '${to.name}' has no room for ${volume.size_gib} GiB.`);
}

/**
 * Copies the volume to the pool; it is `maintenance` until the copy is the volume. Throws `not_found`, `volume_state`, `bad_request` (no
 * such pool, or one that another worker serves), `no_valid_backend`.
 */
export async function migrateVolume(database: Database, id: string, host: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    const pools = await listPools(tx);
    const to = choosePool(pools, host);
    await demandMigratable(tx, volume, to);
    await demandNothingUnderWay(tx, id, 'Migrate it');
    const from = pools.find((one) => one.name === volume.host);
    if (from === undefined || !sameWorker(to, from)) {
      throw invalidHost(
        `'${to.name}' is served by another worker host than the volume; only a worker that serves both backends can copy it.`,
      );
    }
    const specs = await promiseRoom(tx, volume, to);
    await acceptMove(tx, volume, { to, newTypeId: null, multiattach: volume.multiattach, specs }, who);
  });
}

/** Nova's half of a migration is never awaited here: moves are made without it. Throws `not_found`, `volume_state`. */
export async function refuseMigrationCompletion(
  database: Database,
  id: string,
  newVolumeId: string,
  who: Requester,
): Promise<never> {
  await loadVolume(database, id, who.visibleProjectId);
  await loadVolume(database, newVolumeId, who.visibleProjectId);
  throw new ServiceError('volume_state', 'Invalid volume: Source volume not mid-migration.');
}

/** A hypervisor of ours says itself when a disk has grown, and no other is asked to. Throws `not_found`, `volume_state`. */
export async function refuseExtendCompletion(database: Database, id: string, who: Requester): Promise<never> {
  await loadVolume(database, id, who.visibleProjectId);
  throw new ServiceError('volume_state', `Invalid volume: Volume ${id} does not wait for the completion of an extend.`);
}
