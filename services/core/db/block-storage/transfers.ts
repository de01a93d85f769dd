// A volume changes its project: offered by one, taken by whoever knows the key, or withdrawn.
//
//   available --offer--> awaiting-transfer --accept--> available, the other project's (its quota demanded, the giver's freed)
//                                          --withdraw--> available
//
// Quota is counted from rows, so the rows that move are the giver's freed quota. Race: two accept at once, or one accepts while the
// giver withdraws. All lock the volume's row first and read the offer behind that lock, so the second finds it gone (404).
//
// Nothing on a share changes: who may use a volume is a matter of the record alone, and files carry no project.
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../domain/errors.js';
import { newTransferKey, transferKeyFits } from '../../domain/transfer-key.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { demandQuota, type QuotaWish } from './quota-demand.js';
import { explainVolumeRefusal, snapshotIsGrouped } from './refusal.js';
import type { Requester } from './requester.js';
import { loadTransfer, type TransferRecord, transferNotFound } from './transfer-rows.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';

export interface TransferWish {
  readonly volumeId: string;
  readonly name: string | null;
  /** The snapshots stay with the giver. */
  readonly noSnapshots: boolean;
  /** Since 3.70 encrypted volumes may change hands. */
  readonly encryptedAllowed: boolean;
}

interface SnapshotRow {
  readonly id: string;
  readonly status: string;
  readonly size_gib: number;
  readonly consumes_quota: boolean;
  readonly group_snapshot_id: string | null;
  readonly type_id: string | null;
  readonly type_name: string | null;
}

/** The giver's own snapshots of the volume; those of a third project, or of a copy under way, never move. */
function snapshotsThatMove(tx: Transaction, volume: LockedVolume): Promise<SnapshotRow[]> {
  return tx('snapshots as s')
    .leftJoin('volume_types as t', 't.id', 's.volume_type_id')
    .where({ 's.volume_id': volume.id, 's.project_id': volume.project_id, 's.internal': false })
    .orderBy('s.id')
    .forUpdate('s')
    .select(
      's.id',
      's.status',
      's.size_gib',
      's.consumes_quota',
      's.group_snapshot_id',
      't.id as type_id',
      't.name as type_name',
    );
}

const restingMigrations: readonly (string | null)[] = [null, 'none', 'error', 'success'];

async function demandTransferable(tx: Transaction, volume: LockedVolume): Promise<void> {
  const allowed: readonly string[] = volumeAllowedFrom.transfer;
  if (!allowed.includes(volume.status)) throw await explainVolumeRefusal(tx, volume, 'transfer', allowed);
  const attached: unknown = await tx('attachments').where({ volume_id: volume.id }).first('id');
  const why =
    attached !== undefined
      ? 'is still attached, detach volume first.'
      : volume.group_id !== null
        ? 'must not be part of a consistency group.'
        : restingMigrations.includes(volume.migration_status)
          ? null
          : 'must not be migrating.';
  if (why !== null) throw new ServiceError('volume_state', `Invalid volume: Volume ${volume.id} ${why}`);
}

async function demandSnapshotsTransferable(tx: Transaction, volume: LockedVolume, wish: TransferWish): Promise<void> {
  const snapshots = await snapshotsThatMove(tx, volume);
  const { encrypted }: { encrypted: boolean } = await tx('volumes').where({ id: volume.id }).first('encrypted');
  if (encrypted && !wish.encryptedAllowed) {
    throw new ServiceError('volume_state', 'Invalid volume: transferring encrypted volume is not supported');
  }
  if (encrypted && wish.noSnapshots && snapshots.length > 0) {
    throw new ServiceError(
      'volume_state',
      'Invalid volume: the snapshots of an encrypted volume share its key, so they must be transferred with it',
    );
  }
  const grouped = wish.noSnapshots ? undefined : snapshots.find((one) => one.group_snapshot_id !== null);
  if (grouped !== undefined) throw snapshotIsGrouped(grouped.id);
  const other = wish.noSnapshots ? undefined : snapshots.find((one) => one.status !== 'available');
  if (other === undefined) return;
  throw new ServiceError('snapshot_state', `Invalid snapshot: snapshot: ${other.id} status must be available`);
}

/**
 * Offers the volume. The key is in this answer and nowhere else. Throws `not_found`, `volume_state` (not at rest, attached, encrypted),
 * `snapshot_state`.
 */
export async function createTransfer(
  database: Database,
  wish: TransferWish,
  who: Requester,
): Promise<{ readonly transfer: TransferRecord; readonly authKey: string }> {
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    await demandTransferable(tx, volume);
    await demandSnapshotsTransferable(tx, volume, wish);
    const id = randomUUID();
    const { authKey, salt, digest } = newTransferKey();
    // One left over from before an administrator's reset of the status: its key must not open the new offer.
    await tx('volume_transfers').where({ volume_id: volume.id }).delete();
    await tx('volume_transfers').insert({
      id,
      volume_id: volume.id,
      project_id: volume.project_id,
      name: wish.name,
      no_snapshots: wish.noSnapshots,
      salt,
      key_digest: digest,
    });
    await writeVolume(tx, volume.id, { status: 'awaiting-transfer', previous_status: volume.status });
    return { transfer: await loadTransfer(tx, id, null), authKey };
  });
}

interface OpenOffer extends TransferRecord {
  readonly salt: Buffer;
  readonly key_digest: Buffer;
}

/** The offer with its volume, both locked; the volume first, as everywhere. Throws `not_found`. */
async function lockOffer(
  tx: Transaction,
  id: string,
  projectId: string | null,
): Promise<{ readonly offer: OpenOffer; readonly volume: LockedVolume }> {
  const seen = await loadTransfer(tx, id, projectId);
  const volume = await lockVolume(tx, seen.volume_id, null);
  const offer: OpenOffer | undefined = await tx('volume_transfers').where({ id }).forUpdate().first('*');
  if (offer === undefined) throw transferNotFound(id);
  return { offer, volume };
}

/** What the accepting project's quota must have room for: the volume, and each snapshot under the type it was taken with. */
async function wishesOf(
  tx: Transaction,
  volume: LockedVolume,
  snapshots: readonly SnapshotRow[],
): Promise<QuotaWish[]> {
  const row: { consumes_quota: boolean; type_name: string | null } | undefined = await tx('volumes as v')
    .leftJoin('volume_types as t', 't.id', 'v.volume_type_id')
    .where({ 'v.id': volume.id })
    .first('v.consumes_quota', 't.name as type_name');
  const { volume_type_id: typeId, size_gib: sizeGib } = volume;
  const name = row?.type_name ?? null;
  const type = typeId === null || name === null ? null : { id: typeId, name };
  const counts = row?.consumes_quota ? 1 : 0;
  const own = { type, volumes: counts, snapshots: 0, gigabytes: counts * sizeGib, volumeSizeGib: sizeGib };
  return [
    own,
    ...snapshots
      .filter((one) => one.consumes_quota)
      .map((one) => ({
        type: one.type_id === null || one.type_name === null ? null : { id: one.type_id, name: one.type_name },
        volumes: 0,
        snapshots: 1,
        gigabytes: one.size_gib,
        volumeSizeGib: null,
      })),
  ];
}

/**
 * Takes the volume, and its snapshots unless the giver keeps them, into the requester's project. Throws `not_found`, `bad_request` (the
 * key), `volume_state`, `over_quota`. A volume of a private type may be taken without access to that type: whoever is given the data
 * may have it, but no new volume of the type.
 */
export async function acceptTransfer(
  database: Database,
  id: string,
  authKey: string,
  who: Pick<Requester, 'projectId' | 'userId'>,
): Promise<TransferRecord> {
  return inTransaction(database, async (tx) => {
    const { offer, volume } = await lockOffer(tx, id, null);
    if (!transferKeyFits(authKey, offer.salt, offer.key_digest)) {
      throw new ServiceError('bad_request', `Invalid auth key: Attempt to transfer ${id} with invalid auth key.`);
    }
    if (volume.status !== 'awaiting-transfer') {
      throw new ServiceError(
        'volume_state',
        `Invalid volume: Transfer ${id}: Volume id ${volume.id} in unexpected state ${volume.status}, expected awaiting-transfer`,
      );
    }
    const snapshots = offer.no_snapshots ? [] : await snapshotsThatMove(tx, volume);
    if (volume.project_id !== who.projectId) {
      await demandQuota(tx, who.projectId, ...(await wishesOf(tx, volume, snapshots)));
    }
    const owner = { project_id: who.projectId, user_id: who.userId };
    await writeVolume(tx, volume.id, { ...owner, status: 'available', previous_status: volume.status });
    const ids = snapshots.map((one) => one.id);
    if (ids.length > 0) {
      await tx('snapshots')
        .whereIn('id', ids)
        .update({ ...owner, updated_at: tx.raw('utc_now()') });
    }
    await tx('volume_transfers').where({ id }).delete();
    return offer;
  });
}

/** Withdraws the offer. A volume that an administrator has set to another status keeps that. Throws `not_found`. */
export async function deleteTransfer(database: Database, id: string, projectId: string | null): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { volume } = await lockOffer(tx, id, projectId);
    await tx('volume_transfers').where({ id }).delete();
    if (volume.status !== 'awaiting-transfer') return;
    await writeVolume(tx, volume.id, { status: 'available', previous_status: volume.status });
  });
}
