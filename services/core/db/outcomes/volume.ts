// Outcomes of operations on volumes: create, manage, delete, extend.

import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import type { WireError } from '../../messages/envelope.js';
import { outputOf, type StepContext } from '../../operations/definition.js';
import { groupOfVolume, settleGroup } from '../block-storage/group-settle.js';
import { demandQuota } from '../block-storage/quota-demand.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, forgetVolume, promise, storeChain, tellUser, updateVolume } from './rows.js';

/** The last volume that a group waited for ends what the group began. */
async function settleGroupOf(tx: Transaction, row: OperationRow, groupId: string | null): Promise<void> {
  if (groupId !== null) await settleGroup(tx, groupId, row.request_id);
}

export const volumeCreateOutcomes: Outcomes<'volume-create'> = {
  async done(tx, row, context) {
    const output = outputOf(context, 'create-image', 'image.create') ?? outputOf(context, 'copy-image', 'image.copy');
    if (output === undefined) throw new ServiceError('internal', 'The volume was made without a layer.');
    const { volumeId } = row.params;
    await storeChain(tx, volumeId, [output.layer]);
    await updateVolume(tx, volumeId, { status: 'available', launched_at: tx.raw('utc_now()') });
    await settleGroupOf(tx, row, await groupOfVolume(tx, volumeId));
  },
  async failed(tx, row, error) {
    const { volumeId } = row.params;
    await updateVolume(tx, volumeId, { status: 'error' });
    await tellUser(tx, row, 'VOLUME', volumeId, error);
    await settleGroupOf(tx, row, await groupOfVolume(tx, volumeId));
  },
};

/** Only a worker that has read the file knows how large it is, so the quota in GiB is demanded at the end. Null: there is room. */
async function quotaRefusal(tx: Transaction, volumeId: string, sizeGib: number): Promise<WireError | null> {
  const volume: { project_id: string; type_id: string | null; type_name: string } | undefined = await tx('volumes as v')
    .leftJoin('volume_types as t', 't.id', 'v.volume_type_id')
    .where({ 'v.id': volumeId })
    .first('v.project_id', 't.id as type_id', 't.name as type_name');
  if (volume === undefined) return null;
  const type = volume.type_id === null ? null : { id: volume.type_id, name: volume.type_name };
  try {
    const wish = { type, volumes: 0, snapshots: 0, gigabytes: sizeGib, volumeSizeGib: sizeGib };
    await demandQuota(tx, volume.project_id, wish);
    return null;
  } catch (thrown) {
    if (thrown instanceof ServiceError && thrown.code === 'over_quota')
      return { code: thrown.code, message: thrown.message };
    throw thrown;
  }
}

export const volumeManageOutcomes: Outcomes<'volume-manage'> = {
  async done(tx, row, context) {
    const layer = outputOf(context, 'manage-image', 'image.manage')?.layer;
    if (layer === undefined) throw new ServiceError('internal', 'The file was managed without a layer.');
    const { volumeId } = row.params;
    const sizeGib = bytesToGib(layer.virtualSizeBytes);
    const refusal = await quotaRefusal(tx, volumeId, sizeGib);
    if (refusal !== null) {
      // Without a layer on record and with size 0 the file stays its owner's: deleting the volume leaves it on the share.
      await updateVolume(tx, volumeId, { status: 'error_managing' });
      await tellUser(tx, row, 'VOLUME', volumeId, refusal);
      return;
    }
    await storeChain(tx, volumeId, [layer]);
    await promise(tx, volumeId, sizeGib);
    await updateVolume(tx, volumeId, { status: 'available', size_gib: sizeGib, launched_at: tx.raw('utc_now()') });
  },
  async failed(tx, row, error) {
    await updateVolume(tx, row.params.volumeId, { status: 'error_managing' });
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};

export const volumeDeleteOutcomes: Outcomes<'volume-delete'> = {
  async done(tx, row) {
    const groupId = await groupOfVolume(tx, row.params.volumeId);
    await forgetVolume(tx, row.params.volumeId);
    await settleGroupOf(tx, row, groupId);
  },
  async failed(tx, row, error) {
    const { volumeId } = row.params;
    await updateVolume(tx, volumeId, { status: 'error_deleting' });
    await tellUser(tx, row, 'VOLUME', volumeId, error);
    await settleGroupOf(tx, row, await groupOfVolume(tx, volumeId));
  },
};

async function storePlannedChain(tx: Transaction, volumeId: string, context: Pick<StepContext, 'plan'>): Promise<void> {
  if (context.plan !== null) await storeChain(tx, volumeId, context.plan.after);
}

export const volumeExtendOutcomes: Outcomes<'volume-extend'> = {
  stepDone: {
    'extend-image': (tx, row, context) => storePlannedChain(tx, row.params.volumeId, context),
    'resize-guest': (tx, row, context) => storePlannedChain(tx, row.params.volumeId, context),
  },
  async done(tx, row) {
    const { volumeId, newSizeGib } = row.params;
    await updateVolume(tx, volumeId, { size_gib: newSizeGib });
    await deriveVolumeStatus(tx, volumeId, 'extending');
  },
  async failed(tx, row, error) {
    const { volumeId, newSizeGib } = row.params;
    const volume: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
    await promise(tx, volumeId, (volume?.size_gib ?? newSizeGib) - newSizeGib);
    await updateVolume(tx, volumeId, { status: 'error_extending' });
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};
