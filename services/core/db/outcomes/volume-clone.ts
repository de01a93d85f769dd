// Outcomes of a clone in one operation: both chains come on record in the transaction that learns that the overlays are there.
import { ownLayersAfter } from '../../operations/definition.js';
import { backingOf } from '../../operations/volume-clone.js';
import { groupOfVolume, settleGroup } from '../block-storage/group-settle.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import { lockVolumes } from './lock-volumes.js';
import type { Outcomes } from './outcomes.js';
import { storeChain, tellUser, updateVolume } from './rows.js';

type Row = OperationRow<'volume-clone'>;

function plansOf({ plan }: Pick<Row, 'plan'>) {
  return plan !== null && !('before' in plan) ? plan : [];
}

async function endSnapshot(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('snapshots')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

async function settleGroupOf(tx: Transaction, row: Row): Promise<void> {
  const groupId = await groupOfVolume(tx, row.params.volumeId);
  if (groupId !== null) await settleGroup(tx, groupId, row.request_id);
}

export const volumeCloneOutcomes: Outcomes<'volume-clone'> = {
  async begun(tx, row) {
    const layer = backingOf(plansOf(row));
    if (layer === undefined) return;
    // Not through `updateVolume`: what is answered to the request that makes it was never changed yet, as Cinder says.
    const key = layer.keyId === undefined ? {} : { encryption_key_id: layer.keyId };
    const fields = { backing_file: layer.file, base_format: 'qcow2', preallocation: 'off', ...key };
    await tx('volumes').where({ id: row.params.volumeId }).update(fields);
  },
  async done(tx, row) {
    const { volumeId, source } = row.params;
    const [own, copy] = plansOf(row);
    await lockVolumes(tx, [volumeId, source.volumeId]);
    if (own !== undefined) await storeChain(tx, source.volumeId, ownLayersAfter(own));
    if (copy !== undefined) await storeChain(tx, volumeId, ownLayersAfter(copy));
    await updateVolume(tx, volumeId, { status: 'available', launched_at: tx.raw('utc_now()') });
    await endSnapshot(tx, source.snapshotId, { status: 'available', progress: '100%' });
    await settleGroupOf(tx, row);
  },
  async failed(tx, row, error) {
    const { volumeId, source } = row.params;
    await lockVolumes(tx, [volumeId, source.volumeId]);
    await forgetBacking(tx, volumeId);
    await updateVolume(tx, volumeId, { status: 'error' });
    await endSnapshot(tx, source.snapshotId, { status: 'error' });
    await tellUser(tx, row, 'VOLUME', volumeId, error);
    await settleGroupOf(tx, row);
  },
};
