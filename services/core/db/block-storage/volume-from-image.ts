// The copy of an image in one pool that volumes stand on: found, or begun; and room made for it.
//
//   image's data (any format, any pool of the worker)  --image-cache-fill-->  hidden volume, purpose `image-cache`  <-- volumes
//
// Race: two requests need the same copy. The row of `image_cache` is unique by image and pool; who comes second waits for the first one's
// commit, finds the copy and lets its volume wait for the same fill, or for a second one behind it where only the conversion tells how large the
// disk is and this volume is larger. Race: a copy is chosen to go while a volume is about to stand on it.
// Both lock its row of `volumes` first; the deletion then waits until nobody stands on it.
import { newId, type OperationId, type VolumeId } from '../../domain/ids.js';
import { bytesToGib } from '../../domain/size.js';
import type { VolumeSource } from '../../operations/params.js';
import type { Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { imageCacheSettings } from '../image-cache-settings.js';
import type { PinnedImage } from './image-source.js';
import { tryPromise } from './placement.js';
import type { PoolRecord } from './pool-match.js';
import type { Requester } from './requester.js';

/** Frozen layers for a new volume. */
export interface ImageData extends VolumeSource {
  /** Where they are. */
  readonly pool: string;
  /** They are not there before it has ended. */
  readonly after?: { readonly operationId: OperationId; readonly mode: 'success' };
}

interface CacheRow {
  readonly volume_id: string;
  readonly status: string;
  readonly size_gib: number;
}

/**
 * By the id of the image's data: an image may be deleted, and made again under its old id with other content. The volume's row is locked, so it
 * does not go before whoever asks has committed.
 */
async function findCopy(tx: Transaction, dataId: string, pool: string): Promise<CacheRow | null> {
  const row: CacheRow | undefined = await tx('image_cache as c')
    .join('volumes as v', 'v.id', 'c.volume_id')
    .where({ 'c.image_id': dataId, 'c.pool': pool })
    .forUpdate('v')
    .first('c.volume_id', 'v.status', 'v.size_gib');
  return row ?? null;
}

interface Fill {
  readonly id: OperationId;
  /** The largest disk that it makes a copy of; null: any. */
  readonly max: number | null;
}

/** The one that takes the largest disk. */
async function fillOf(tx: Transaction, volumeId: string): Promise<Fill | null> {
  const row: Fill | undefined = await tx('operations')
    .where({ type: 'image-cache-fill' })
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw("params->>'volumeId' = ?", [volumeId])
    .orderByRaw("(params->>'maxSizeGib')::int desc nulls first, seq desc")
    .first('id', tx.raw("(params->>'maxSizeGib')::int as max"));
  return row ?? null;
}

/** The image's data in the pool, as an image file that a volume of `maxSizeGib` can stand on. */
export async function cachedImage(
  tx: Transaction,
  image: PinnedImage,
  pool: PoolRecord,
  maxSizeGib: number,
  who: Requester,
): Promise<ImageData> {
  const found = await findCopy(tx, image.volumeId, pool.name);
  if (found?.status === 'available') {
    await tx('image_cache')
      .where({ volume_id: found.volume_id })
      .update({ last_used_at: tx.raw('utc_now()') });
    return { volumeId: found.volume_id, snapshotId: null, pool: pool.name };
  }
  const running = found === null ? null : await fillOf(tx, found.volume_id);
  if (found !== null && running !== null) {
    // Who comes with a larger volume must not fail because the disk does not fit into the first one's.
    const enough = image.virtualSizeBytes !== null || running.max === null || running.max >= maxSizeGib;
    const operationId = enough
      ? running.id
      : await acceptFill(tx, image, found.volume_id, maxSizeGib, who, { operationId: running.id, mode: 'end' });
    const after = { operationId, mode: 'success' } as const;
    return { volumeId: found.volume_id, snapshotId: null, pool: pool.name, after };
  }
  // One that is being deleted, or was left by a failure, is nobody's any more.
  if (found !== null) await tx('image_cache').where({ volume_id: found.volume_id }).delete();
  return beginCopy(tx, image, pool, maxSizeGib, who);
}

async function beginCopy(
  tx: Transaction,
  image: PinnedImage,
  pool: PoolRecord,
  maxSizeGib: number,
  who: Requester,
): Promise<ImageData> {
  // Where only the conversion will tell, it has at most the size of the volume.
  const sizeGib = image.virtualSizeBytes === null ? maxSizeGib : Math.max(1, bytesToGib(image.virtualSizeBytes));
  await makeRoom(tx, pool.name, sizeGib, who);
  const volumeId = newId<VolumeId>();
  // Without a promise it is made all the same: the volume itself has one, and the copy goes when room is wanted.
  const promised = await tryPromise(tx, pool, sizeGib);
  await tx('volumes').insert({
    id: volumeId,
    project_id: who.projectId,
    user_id: who.userId,
    name: `image-cache-${image.id}`,
    size_gib: promised ? sizeGib : 0,
    status: 'creating',
    purpose: 'image-cache',
    availability_zone: pool.zone,
    host: pool.name,
    provider_location: pool.share,
    base_format: 'qcow2',
    preallocation: 'off',
    scheduled_at: tx.raw('utc_now()'),
  });
  await tx('image_cache').insert({ volume_id: volumeId, image_id: image.volumeId, pool: pool.name });
  const operationId = await acceptFill(tx, image, volumeId, maxSizeGib, who);
  return { volumeId, snapshotId: null, pool: pool.name, after: { operationId, mode: 'success' } };
}

/** `after`: an earlier one of the same copy, which may find the disk too large. */
function acceptFill(
  tx: Transaction,
  image: PinnedImage,
  volumeId: string,
  maxSizeGib: number,
  { projectId, userId, requestId }: Requester,
  after?: { readonly operationId: OperationId; readonly mode: 'end' },
): Promise<OperationId> {
  return acceptOperation(tx, {
    type: 'image-cache-fill',
    params: {
      volumeId,
      source: image.remote === null ? { volumeId: image.volumeId, snapshotId: null } : null,
      ...(image.remote === null ? {} : { remote: image.remote }),
      sourceFormat: image.format,
      maxSizeGib,
    },
    ...{ projectId, userId, requestId },
    ...(after === undefined ? {} : { after }),
  });
}

interface IdleCopy {
  readonly volume_id: string;
  readonly size_gib: number;
}

/** Gives up copies that nobody stands on or waits for, the least recently used first, until one more of this size is within the bounds. */
export async function makeRoom(tx: Transaction, pool: string, sizeGib: number, who: Requester): Promise<void> {
  const { maxEntries, maxGib } = imageCacheSettings(tx);
  const all: { entries: string; gib: string | null } | undefined = await tx('image_cache as c')
    .join('volumes as v', 'v.id', 'c.volume_id')
    .where({ 'c.pool': pool })
    .whereNot({ 'v.status': 'deleting' })
    .first(tx.raw('count(*) as entries'), tx.raw('sum(v.size_gib) as gib'));
  let entries = Number(all?.entries ?? 0) + 1;
  let gib = Number(all?.gib ?? 0) + sizeGib;
  if (entries <= maxEntries && gib <= maxGib) return;
  const idle: IdleCopy[] = await tx('image_cache as c')
    .join('volumes as v', 'v.id', 'c.volume_id')
    .where({ 'c.pool': pool, 'v.status': 'available' })
    .whereNotExists(tx('volumes as d').whereRaw('d.backing_volume_id = v.id').select(tx.raw('1')))
    // Accepted, and not begun: what will be copied in full, or be the new content of a volume, is recorded nowhere else.
    .whereNotExists(
      tx('operations as o')
        .where({ 'o.state': 'pending' })
        .whereRaw("o.params->'source'->>'volumeId' = v.id::text")
        .select(tx.raw('1')),
    )
    .orderBy(['c.last_used_at', 'c.volume_id'])
    .forUpdate('v')
    .skipLocked()
    .select('c.volume_id', 'v.size_gib');
  for (const copy of idle) {
    if (entries <= maxEntries && gib <= maxGib) return;
    await dropCopy(tx, copy.volume_id, who);
    entries -= 1;
    gib -= copy.size_gib;
  }
}

/** The row must be locked. Whoever stands on it first becomes independent. */
export async function dropCopy(tx: Transaction, volumeId: string, who: Requester): Promise<void> {
  await tx('image_cache').where({ volume_id: volumeId }).delete();
  await tx('volumes')
    .where({ id: volumeId })
    .update({ status: 'deleting', updated_at: tx.raw('utc_now()') });
  const { projectId, userId, requestId } = who;
  await acceptOperation(tx, { type: 'volume-delete', params: { volumeId }, projectId, userId, requestId });
}
