// Outcomes of operations on volumes: create, manage, delete, extend.

import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import { outputOf, type StepContext } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, forgetVolume, promise, storeChain, tellUser, updateVolume } from './rows.js';

export const volumeCreateOutcomes: Outcomes<'volume-create'> = {
  async done(tx, row, context) {
    const output = outputOf(context, 'create-image', 'image.create') ?? outputOf(context, 'copy-image', 'image.copy');
    if (output === undefined) throw new ServiceError('internal', 'The volume was made without a layer.');
    const { volumeId } = row.params;
    await storeChain(tx, volumeId, [output.layer]);
    await updateVolume(tx, volumeId, { status: 'available', launched_at: tx.raw('utc_now()') });
  },
  async failed(tx, row, error) {
    await updateVolume(tx, row.params.volumeId, { status: 'error' });
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};

export const volumeManageOutcomes: Outcomes<'volume-manage'> = {
  async done(tx, row, context) {
    const layer = outputOf(context, 'manage-image', 'image.manage')?.layer;
    if (layer === undefined) throw new ServiceError('internal', 'The file was managed without a layer.');
    const { volumeId } = row.params;
    const sizeGib = bytesToGib(layer.virtualSizeBytes);
    await storeChain(tx, volumeId, [layer]);
    const before: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
    await promise(tx, volumeId, sizeGib - (before?.size_gib ?? 0));
    await updateVolume(tx, volumeId, { status: 'available', size_gib: sizeGib, launched_at: tx.raw('utc_now()') });
  },
  async failed(tx, row, error) {
    await updateVolume(tx, row.params.volumeId, { status: 'error_managing' });
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};

export const volumeDeleteOutcomes: Outcomes<'volume-delete'> = {
  async done(tx, row) {
    await forgetVolume(tx, row.params.volumeId);
  },
  async failed(tx, row, error) {
    await updateVolume(tx, row.params.volumeId, { status: 'error_deleting' });
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
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
