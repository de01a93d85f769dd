// New content for a volume from an image. Source of the rules and texts: cinder/volume/api.py, reimage.
import { randomUUID } from 'node:crypto';
import { overlayFileName } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { instantCopySettings } from '../instant-copy-settings.js';
import { demandImageFits, demandSealed, findImage, foreseeImage, pinImage } from './image-source.js';
import { listPools } from './placement.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { copyModeOf } from './type-demands.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { cachedImage, type ImageData } from './volume-from-image.js';
import { loadType } from './volume-types.js';
import { demandNothingUnderWay } from './volume-under-way.js';

async function demandRest(tx: Transaction, volume: LockedVolume, reimageReserved: boolean): Promise<void> {
  const attachments: { status: string }[] = await tx('attachments').where({ volume_id: volume.id }).select('status');
  if (attachments.length > 1) {
    throw new ServiceError('conflict', 'Cannot re-image a volume which is attached to more than one server.');
  }
  const allowed = reimageReserved ? ['available', 'error', 'reserved'] : ['available', 'error'];
  if (
    !allowed.includes(volume.status) ||
    volume.host === null ||
    attachments.some((one) => one.status !== 'reserved')
  ) {
    const words = allowed.length === 2 ? allowed.join(' or ') : 'available, error or reserved';
    throw new ServiceError(
      'volume_state',
      `Invalid volume: Volume ${volume.id} status must be ${words}, but current status is ${volume.status}.`,
    );
  }
  const snapshot: unknown = await tx('snapshots').where({ volume_id: volume.id, internal: false }).first('id');
  if (snapshot === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volume.id} has snapshots, whose data its layers hold. Delete them first.`,
  );
}

async function isEncrypted(tx: Transaction, id: string): Promise<boolean> {
  const row: { encrypted: boolean } | undefined = await tx('volumes').where({ id }).first('encrypted');
  return row?.encrypted === true;
}

async function maxLayersOf(tx: Transaction, volume: LockedVolume): Promise<number | null> {
  const { maxLayers } = instantCopySettings(tx);
  const id = volume.volume_type_id;
  const type = id === null ? null : await loadType(tx, id, { isAdmin: true, byName: false });
  return maxLayers > 1 && copyModeOf(type?.extra_specs ?? {}) === 'instant' ? maxLayers : null;
}

/** Throws `not_found` (volume, image), `conflict`, `volume_state`, `bad_request`. */
export async function reimageVolume(
  database: Database,
  id: string,
  wish: { readonly imageId: string; readonly reimageReserved: boolean },
  who: Requester,
): Promise<void> {
  await foreseeImage(database, wish.imageId, who);
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    await demandRest(tx, volume, wish.reimageReserved);
    await demandThawed(tx, volume.host);
    await demandNothingUnderWay(tx, id, 'Re-image it');
    if ((await findImage(tx, wish.imageId, who)) === null)
      throw new ServiceError('not_found', `Image ${wish.imageId} could not be found.`);
    const { image, pinned } = await pinImage(tx, wish.imageId, who);
    const { encrypted } = pinned;
    demandImageFits({ ...image, ...(encrypted ? { size: null } : {}) }, volume.size_gib);
    demandSealed(pinned, await isEncrypted(tx, id));
    const pool = (await listPools(tx)).find(({ name }) => name === volume.host);
    if (pool === undefined)
      throw new ServiceError('bad_request', 'Invalid volume: The pool of the volume is not known.');
    const near: ImageData = { volumeId: pinned.volumeId, snapshotId: null, pool: pool.name };
    // An encrypted image is copied from where it is, with its key, and never kept a second time.
    const isNear = pinned.standable && (encrypted || pinned.pool === pool.name);
    const { after, ...data } = isNear ? near : await cachedImage(tx, pinned, pool, volume.size_gib, who);
    const maxLayers = await maxLayersOf(tx, volume);
    await writeVolume(tx, id, { status: 'downloading', previous_status: volume.status });
    await acceptOperation(tx, {
      type: 'volume-reimage',
      params: {
        volumeId: id,
        source: { volumeId: data.volumeId, snapshotId: null },
        newFile: overlayFileName(id, randomUUID()),
        reserved: volume.status === 'reserved',
        imageMetadata: pinned.metadata,
        ...(maxLayers === null ? {} : { instant: { maxLayers } }),
      },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
      ...(after === undefined ? {} : { after }),
    });
  });
}
