// Outcomes of snapshots. The chain on record changes with the step that made the change true in the world: the switch or the
// merge while a guest runs, the verified headers otherwise.
import { outputOf, ownLayersAfter, type StepContext } from '../../operations/definition.js';
import { groupSnapshotOf, settleGroupSnapshot } from '../block-storage/group-settle.js';
import type { Transaction } from '../connection.js';
import { wakeAwaiting } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { storeChain, tellUser } from './rows.js';
import { tellNotFrozen } from './tell-freeze.js';

type VolumeOperation = { readonly params: { readonly volumeId: string; readonly snapshotId: string } };

async function storePlan(tx: Transaction, row: VolumeOperation, context: Pick<StepContext, 'plan'>): Promise<void> {
  if (context.plan !== null) await storeChain(tx, row.params.volumeId, ownLayersAfter(context.plan));
}

async function updateSnapshot(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('snapshots')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

function showProgress(tx: Transaction, row: OperationRow, percent: number): Promise<void> {
  const { snapshotId } = row.params as VolumeOperation['params'];
  return updateSnapshot(tx, snapshotId, { progress: `${Math.floor(percent)}%` });
}

/** An internal snapshot is a clone's: nobody can look at it. */
async function tellOfFreeze(
  tx: Transaction,
  row: OperationRow<'snapshot-create'>,
  context: Pick<StepContext, 'outputs'>,
): Promise<void> {
  const { snapshotId: resourceId } = row.params;
  const seen: unknown = await tx('snapshots').where({ id: resourceId, internal: false }).first('id');
  if (seen === undefined) return;
  const about = { resourceType: 'VOLUME_SNAPSHOT', resourceId, action: 'snapshot-create' } as const;
  await tellNotFrozen(tx, row, about, [outputOf(context, 'switch-guest', 'guest.switch')?.freeze]);
}

/** The last snapshot that a group snapshot waited for ends what that began. */
async function settleGroupOf(tx: Transaction, row: OperationRow, groupSnapshotId: string | null): Promise<void> {
  if (groupSnapshotId !== null) await settleGroupSnapshot(tx, groupSnapshotId, row.request_id);
}

export const snapshotCreateOutcomes: Outcomes<'snapshot-create'> = {
  stepDone: { 'append-overlay': storePlan, 'switch-guest': storePlan, 'verify-chain': storePlan },
  async done(tx, row, context) {
    await updateSnapshot(tx, row.params.snapshotId, { status: 'available', progress: '100%' });
    await tellOfFreeze(tx, row, context);
    await settleGroupOf(tx, row, await groupSnapshotOf(tx, row.params.snapshotId));
  },
  async failed(tx, row, error) {
    await updateSnapshot(tx, row.params.snapshotId, { status: 'error' });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', row.params.snapshotId, error);
    await settleGroupOf(tx, row, await groupSnapshotOf(tx, row.params.snapshotId));
  },
};

export const snapshotDeleteOutcomes: Outcomes<'snapshot-delete'> = {
  stepDone: { 'merge-live': storePlan, 'merge-offline': storePlan },
  progress: showProgress,
  async done(tx, row) {
    const groupSnapshotId = await groupSnapshotOf(tx, row.params.snapshotId);
    await tx('snapshots').where({ id: row.params.snapshotId }).delete();
    // The volume may wait to be deleted until the overlay that a clone has put in is gone.
    await wakeAwaiting(tx, row.params.volumeId);
    await settleGroupOf(tx, row, groupSnapshotId);
  },
  async failed(tx, row, error) {
    await updateSnapshot(tx, row.params.snapshotId, { status: 'error_deleting' });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', row.params.snapshotId, error);
    await settleGroupOf(tx, row, await groupSnapshotOf(tx, row.params.snapshotId));
  },
};

/** Cinder's file drivers read "the hypervisor is done" from status and 90 %. Source: nova/volume/cinder.py. */
export const assistedSnapshotCreateOutcomes: Outcomes<'assisted-snapshot-create'> = {
  stepDone: { 'switch-guest': storePlan },
  async done(tx, row) {
    await updateSnapshot(tx, row.params.snapshotId, { progress: '90%' });
  },
  async failed(tx, row, error) {
    await updateSnapshot(tx, row.params.snapshotId, { status: 'error', progress: '90%' });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', row.params.snapshotId, error);
  },
};

export const assistedSnapshotDeleteOutcomes: Outcomes<'assisted-snapshot-delete'> = {
  stepDone: { 'merge-live': storePlan, 'merge-offline': storePlan },
  async done(tx, row) {
    await updateSnapshot(tx, row.params.snapshotId, { progress: '90%' });
  },
  async failed(tx, row, error) {
    await updateSnapshot(tx, row.params.snapshotId, { status: 'error_deleting', progress: '90%' });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', row.params.snapshotId, error);
  },
};
