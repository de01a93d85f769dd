// Takes an existing image file on a share as a volume. The size is known only when a worker has read the file, so the row begins with 0.
import type { LayerFormat } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { newId, type VolumeId } from '../../domain/ids.js';
import type { Database, Executor } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { layoutOf } from './file-layout.js';
import { isBeingRemoved, isOwnedFile, latchFileClaims } from './file-owner.js';
import { listPools } from './placement.js';
import type { PoolRecord } from './pool-match.js';
import { demandQuota } from './quota-demand.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { demandPlainType, isMultiattach } from './type-demands.js';
import { defaultTypeId, pinType } from './volume-types.js';

export interface ManageWish {
  /** `host@backend#pool`; without the pool, the backend's only one. */
  readonly host: string;
  readonly sourceFile: string;
  /** What the file is said to be; the worker refuses it when it is not. Null: the format of the pool's new volumes. */
  readonly format: LayerFormat | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly type: string | null;
  readonly zone: string | null;
  readonly bootable: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

async function findPool(db: Executor, host: string): Promise<PoolRecord> {
  const pools = (await listPools(db)).filter((pool) => pool.name === host || pool.backend_host === host);
  const [only, ...others] = pools;
  if (only === undefined)
    throw new ServiceError('bad_request', `Host '${host}' was not found: name a pool as get_pools shows it.`);
  if (others.length > 0) throw new ServiceError('bad_request', `Host '${host}' has several pools; name one of them.`);
  return only;
}

/** The claims on files must be latched. */
async function demandNotManaged(db: Executor, file: string): Promise<void> {
  if (await isBeingRemoved(db, file))
    throw new ServiceError('bad_request', `Unable to manage existing volume. ${file} is being removed as an orphan.`);
  if (!(await isOwnedFile(db, file))) return;
  throw new ServiceError('bad_request', `Unable to manage existing volume. Volume ${file} already managed.`);
}

/** Throws `bad_request` for an unknown host or a file that is a volume already, `not_found` for a type, `over_quota`. */
export async function manageVolume(database: Database, wish: ManageWish, who: Requester): Promise<VolumeId> {
  const id = newId<VolumeId>();
  await inTransaction(database, async (tx) => {
    const pool = await findPool(tx, wish.host);
    await demandThawed(tx, pool.name);
    await latchFileClaims(tx);
    await demandNotManaged(tx, wish.sourceFile);
    const typeWanted = wish.type ?? (await defaultTypeId(tx, who.projectId));
    const type = await pinType(tx, typeWanted, { isAdmin: true, byName: true });
    demandPlainType(type, 'an existing file cannot become one');
    const multiattach = isMultiattach(type.extra_specs);
    await demandQuota(tx, who.projectId, { type, volumes: 1, snapshots: 0, gigabytes: 0, volumeSizeGib: null });
    await tx('volumes').insert({
      id,
      project_id: who.projectId,
      user_id: who.userId,
      name: wish.name,
      description: wish.description,
      size_gib: 0,
      status: 'creating',
      availability_zone: wish.zone ?? pool.zone,
      volume_type_id: type.id,
      multiattach,
      host: pool.name,
      provider_location: pool.share,
      base_format: wish.format ?? layoutOf(type.extra_specs, multiattach, pool.capabilities).format,
      bootable: wish.bootable,
      metadata: JSON.stringify(wish.metadata),
    });
    await acceptOperation(tx, {
      type: 'volume-manage',
      params: { volumeId: id, sourceFile: wish.sourceFile },
      projectId: who.projectId,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
  return id;
}
