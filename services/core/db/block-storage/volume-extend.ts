// Growth of a volume: status by compare-and-swap, quota, promise on the pool, operation.
import { ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { demandOursOnly } from './foreign-attachments.js';
import { listPools, tryPromise } from './placement.js';
import { demandQuota } from './quota-demand.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { loadType } from './volume-types.js';
import { demandNothingUnderWay } from './volume-under-way.js';

export interface ExtendWish {
  /** GiB */
  readonly newSizeGib: number;
  /** Before microversion 3.42 only volumes at rest could grow. */
  readonly inUseAllowed: boolean;
}

async function demandGrowth(tx: Transaction, volume: LockedVolume, wish: ExtendWish): Promise<void> {
  const allowed = volumeAllowedFrom.extend.filter((status) => status !== 'in-use' || wish.inUseAllowed);
  if (!(allowed as readonly string[]).includes(volume.status) || volume.host === null) {
    throw await explainVolumeRefusal(tx, volume, 'extend', allowed);
  }
  if (wish.newSizeGib <= volume.size_gib) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: New size for extend must be greater than current size. (current: ${volume.size_gib}, extended: ${wish.newSizeGib}).`,
    );
  }
  await demandThawed(tx, volume.host);
  await demandNothingUnderWay(tx, volume.id, 'Extend it');
  await demandOursOnly(tx, volume.id, 'extend');
}

async function promiseGrowth(tx: Transaction, volume: LockedVolume, growthGib: number): Promise<void> {
  const pool = (await listPools(tx)).find((one) => one.name === volume.host);
  if (pool !== undefined && (await tryPromise(tx, pool, growthGib, 'grow'))) return;
  throw new ServiceError(
    'no_valid_backend',
    `Invalid volume: The storage of volume ${volume.id} has no room for ${growthGib} GiB more, or is down.`,
  );
}

/** Throws `not_found`, `volume_state`, `bad_request` (not larger), `over_quota`, `no_valid_backend`. */
export async function extendVolume(database: Database, id: string, wish: ExtendWish, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    await demandGrowth(tx, volume, wish);
    const growth = wish.newSizeGib - volume.size_gib;
    const type =
      volume.volume_type_id === null
        ? null
        : await loadType(tx, volume.volume_type_id, { isAdmin: true, byName: false });
    await demandQuota(tx, volume.project_id, {
      type,
      volumes: 0,
      snapshots: 0,
      gigabytes: growth,
      volumeSizeGib: wish.newSizeGib,
    });
    await promiseGrowth(tx, volume, growth);
    await writeVolume(tx, id, { status: 'extending', previous_status: volume.status });
    await acceptOperation(tx, {
      type: 'volume-extend',
      params: { volumeId: id, newSizeGib: wish.newSizeGib },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
