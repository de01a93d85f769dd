// Outcomes of the snapshots of a group. The chains on record change together, in the transaction that learns of the switch: those of the
// guest that was switched, and of the volumes that nobody has open, whose overlays were read back before. Without a guest they change
// with the step that is the pivot then.
import { outputOf, ownLayersAfter, type StepContext } from '../../operations/definition.js';
import { isLiveMember, membersOfGuest, refusalOfMember, serversOf } from '../../operations/group-snapshot.js';
import { settleGroupSnapshot } from '../block-storage/group-settle.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';
import { lockVolumes } from './lock-volumes.js';
import type { Outcomes } from './outcomes.js';
import { storeChain, tellUser } from './rows.js';
import { tellNotFrozen } from './tell-freeze.js';

type Row = OperationRow<'group-snapshot-create'>;
type Context = StepContext<'group-snapshot-create'>;

async function storePlans(tx: Transaction, row: Row, context: Context, indices: readonly number[]): Promise<void> {
  await lockVolumes(
    tx,
    row.params.members.map(({ volumeId }) => volumeId),
  );
  for (const index of indices) {
    const member = row.params.members[index];
    const plan = context.plans?.[index];
    if (member !== undefined && plan !== undefined) await storeChain(tx, member.volumeId, ownLayersAfter(plan));
  }
}

function idleMembers(row: Row, context: Context): number[] {
  return row.params.members.flatMap((_, index) => (isLiveMember(context, index) ? [] : [index]));
}

/** The number behind the colon of the step's name. */
function numberOf(row: Row): number {
  return Number(row.step?.split(':')[1] ?? 0);
}

function snapshotIdsOf(row: Row): string[] {
  return row.params.members.map(({ snapshotId }) => snapshotId);
}

/** In the order that requests lock them in. */
async function lockSnapshots(tx: Transaction, row: Row): Promise<void> {
  await tx('snapshots').whereIn('id', snapshotIdsOf(row)).orderBy('id').forUpdate().select('id');
}

async function updateSnapshots(
  tx: Transaction,
  ids: readonly string[],
  fields: Record<string, unknown>,
): Promise<void> {
  await tx('snapshots')
    .whereIn('id', ids)
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

export const groupSnapshotCreateOutcomes: Outcomes<'group-snapshot-create'> = {
  stepDone: {
    'switch-guest': (tx, row, context) =>
      storePlans(tx, row, context, [...membersOfGuest(context, numberOf(row)), ...idleMembers(row, context)]),
    'verify-chain': (tx, row, context) =>
      storePlans(tx, row, context, [...new Set([numberOf(row), ...idleMembers(row, context)])]),
  },
  async done(tx, row, context) {
    const { groupSnapshotId, members } = row.params;
    await lockSnapshots(tx, row);
    const refused = members.flatMap(({ snapshotId }, index) => {
      const error = refusalOfMember(context, index);
      return error === null ? [] : [{ snapshotId, error }];
    });
    const without = refused.map(({ snapshotId }) => snapshotId);
    const made = snapshotIdsOf(row).filter((id) => !without.includes(id));
    await updateSnapshots(tx, made, { status: 'available', progress: '100%' });
    await updateSnapshots(tx, without, { status: 'error' });
    for (const { snapshotId, error } of refused) await tellUser(tx, row, 'VOLUME_SNAPSHOT', snapshotId, error);
    await settleGroupSnapshot(tx, groupSnapshotId, row.request_id);
    const reports = serversOf(context.facts).map(
      (_, guest) => outputOf(context, `switch-guest:${guest}`, 'guest.switch')?.freeze,
    );
    const about = {
      resourceType: 'GROUP_SNAPSHOT',
      resourceId: groupSnapshotId,
      action: 'group-snapshot-create',
    } as const;
    await tellNotFrozen(tx, row, about, reports);
  },
  async failed(tx, row, error) {
    await lockSnapshots(tx, row);
    await updateSnapshots(tx, snapshotIdsOf(row), { status: 'error' });
    for (const { snapshotId } of row.params.members) await tellUser(tx, row, 'VOLUME_SNAPSHOT', snapshotId, error);
    await settleGroupSnapshot(tx, row.params.groupSnapshotId, row.request_id);
  },
};
