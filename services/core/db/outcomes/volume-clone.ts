// Outcomes of a clone in one operation: both chains come on record in the transaction that learns that the overlays are there. While a guest
// has the source, that one's chain changes with the switch already.
import { ServiceError } from '../../domain/errors.js';
import { guestIsLive } from '../../operations/common-steps.js';
import { ownLayersAfter, type StepContext } from '../../operations/definition.js';
import { backingOf, reusesFrozenLayer } from '../../operations/volume-clone.js';
import { groupOfVolume, settleGroup } from '../block-storage/group-settle.js';
import type { Transaction } from '../connection.js';
import { forgetBacking, wakeAwaiting } from '../engine/dependants.js';
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

async function storeSource(tx: Transaction, row: Row): Promise<void> {
  const { volumeId, source } = row.params;
  const [own] = plansOf(row);
  await lockVolumes(tx, [volumeId, source.volumeId]);
  if (own !== undefined) await storeChain(tx, source.volumeId, ownLayersAfter(own));
}

/**
 * The copy stands on the layer below the source's active one: of the source itself, or, when that is a copy as well and has no other layer of its
 * own, on what the source stands on. Until now that layer was kept by the source's pointer or chain, which the operation's lock has held.
 */
async function standBeside(tx: Transaction, row: Row, { facts: { source } }: StepContext): Promise<void> {
  const {
    volumeId,
    source: { volumeId: sourceId },
  } = row.params;
  if (source === null) throw new ServiceError('internal', 'The source of the clone is gone.');
  const { chain, foreignLayers } = source;
  const overlay = chain.at(-1);
  const own = chain.length - foreignLayers >= 2;
  const backing = own
    ? {
        backing_file: chain.at(-2)?.file ?? null,
        backing_snapshot_id: tx('snapshots')
          .where({ id: overlay?.snapshotId ?? null })
          .select('id'),
      }
    : await tx('volumes').where({ id: sourceId }).first('backing_volume_id', 'backing_file', 'backing_snapshot_id');
  await tx('volumes').where({ id: volumeId }).update(backing);
  // Who waited until nobody stands on the source may have waited for this one.
  if (!own) await wakeAwaiting(tx, sourceId);
}

/**
 * While nobody could say whether the guest was switched, the copy was shown as failed and had lost its pointer; now the operation has gone forward
 * all the same. Without the pointer the source's overlay would be merged into the layer that the copy stands on, and show in it what the guest has
 * written since. The operation has kept its locks, so that nothing has changed there. What was asked of the copy meanwhile (its deletion) stays.
 */
async function standAgain(tx: Transaction, row: Row): Promise<void> {
  const { volumeId, source } = row.params;
  const layer = backingOf(plansOf(row));
  if (layer === undefined) throw new ServiceError('internal', 'The clone has no layer to stand on.');
  await tx('volumes').where({ id: volumeId, backing_volume_id: null }).update({
    backing_volume_id: source.volumeId,
    backing_file: layer.file,
    backing_snapshot_id: source.snapshotId,
  });
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
  stepDone: { 'switch-guest': storeSource },
  async done(tx, row, context) {
    const { volumeId, source } = row.params;
    const [, copy] = plansOf(row);
    await lockVolumes(tx, [volumeId, source.volumeId]);
    if (reusesFrozenLayer(context)) await standBeside(tx, row, context);
    else if (guestIsLive(context)) await standAgain(tx, row);
    else await storeSource(tx, row);
    if (copy !== undefined) await storeChain(tx, volumeId, ownLayersAfter(copy));
    await updateVolume(tx, volumeId, {
      status: tx.raw("case when status in ('creating', 'error') then 'available' else status end"),
      launched_at: tx.raw('utc_now()'),
    });
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
