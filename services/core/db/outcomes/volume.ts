// Outcomes of operations on volumes: create, manage, delete, extend.

import type { Chain } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import type { WireError } from '../../messages/envelope.js';
import { outputOf, ownLayersAfter, type StepContext } from '../../operations/definition.js';
import { groupOfVolume, settleGroup } from '../block-storage/group-settle.js';
import { demandQuota } from '../block-storage/quota-demand.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, forgetVolume, promise, storeChain, tellUser, updateVolume } from './rows.js';

/** The last volume that a group waited for ends what the group began. */
async function settleGroupOf(tx: Transaction, row: OperationRow, groupId: string | null): Promise<void> {
  if (groupId !== null) await settleGroup(tx, groupId, row.request_id);
}

/** The layers that the volume was made of: those of the plan for an instant copy, else the one that the worker answered. */
function madeLayers({ plan, outputs }: StepContext<'volume-create'>): Chain {
  if (plan !== null) return ownLayersAfter(plan);
  const output =
    outputOf({ outputs }, 'create-image', 'image.create') ?? outputOf({ outputs }, 'copy-image', 'image.copy');
  if (output === undefined) throw new ServiceError('internal', 'The volume was made without a layer.');
  return [output.layer];
}

/** A volume that is made of a backup is nobody's before that was put into it; one that is made for a server is that server's. */
async function restStatus(
  tx: Transaction,
  volumeId: string,
): Promise<{ status: 'available' | 'restoring-backup' | 'attaching' }> {
  const taken: unknown = await tx('attachments').where({ volume_id: volumeId, status: 'attaching' }).first('id');
  if (taken !== undefined) return { status: 'attaching' };
  const restore: unknown = await tx('operations')
    .where({ type: 'backup-restore', state: 'pending' })
    .whereRaw(`params->>'volumeId' = ?`, [volumeId])
    .first('id');
  return { status: restore === undefined ? 'available' : 'restoring-backup' };
}

export const volumeCreateOutcomes: Outcomes<'volume-create'> = {
  stepDone: {
    'create-key': async (tx, { params: { volumeId } }, context) => {
      const keyId = outputOf(context, 'create-key', 'key.create')?.keyId;
      // A store may have chosen an id of its own.
      if (keyId !== undefined) await tx('volumes').where({ id: volumeId }).update({ encryption_key_id: keyId });
    },
  },
  /** An instant copy stands on a layer from now on, whatever happens to it; a full one needs nobody's layers but to read them now. */
  async begun(tx, { params: { volumeId, instant }, plan }) {
    if (instant === undefined) return;
    const backing = plan === null || !('before' in plan) ? undefined : plan.before.at(-1);
    if (backing === undefined) await forgetBacking(tx, volumeId);
    else {
      // Not through `updateVolume`: what is answered to the request that makes it was never changed yet, as Cinder says.
      const key = backing.keyId === undefined ? {} : { encryption_key_id: backing.keyId };
      const fields = { backing_file: backing.file, base_format: 'qcow2', preallocation: 'off', ...key };
      await tx('volumes').where({ id: volumeId }).update(fields);
    }
  },
  async done(tx, row, context) {
    const { volumeId } = row.params;
    await storeChain(tx, volumeId, madeLayers(context));
    await updateVolume(tx, volumeId, { ...(await restStatus(tx, volumeId)), launched_at: tx.raw('utc_now()') });
    await settleGroupOf(tx, row, await groupOfVolume(tx, volumeId));
  },
  async failed(tx, row, error) {
    const { volumeId } = row.params;
    await forgetBacking(tx, volumeId);
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
  stepDone: {
    // A volume whose key could not be removed is deleted once more; no record may name files that are gone meanwhile.
    'remove-files': async (tx, { params: { volumeId } }) => {
      await tx('chain_layers').where({ volume_id: volumeId }).delete();
    },
  },
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
  if (context.plan !== null) await storeChain(tx, volumeId, ownLayersAfter(context.plan));
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
