// The end of what a group or group snapshot began: its status comes from its members when none of them is under way any more.
//
//   creating -> available, or error when a member failed        deleting -> gone, or error when a member stayed
//
// Race: the last two members end at once, in two transactions. Each has changed its own row and then waits for the group's, so the
// second counts what the first has done; without that lock both would see the other still busy and nobody would settle.
//
// An operation with nothing to do ends within the request that accepts it. So requests write `creating` or `deleting` behind their last
// acceptance and then settle themselves: before that, members that are not accepted yet would look as if they had ended.
import type { Transaction } from '../connection.js';
import { leaveMessage, type MessageResource } from '../leave-message.js';
import { writeGroup, writeGroupSnapshot } from './group-write.js';

interface Members {
  readonly total: number;
  readonly busy: number;
  readonly failed: number;
}

interface Settling {
  readonly project_id: string;
  readonly status: string;
}

type Verdict = 'wait' | 'available' | 'error' | 'gone';

function judge(status: string, members: Members): Verdict {
  if (members.busy > 0) return 'wait';
  if (status === 'creating') return members.failed > 0 ? 'error' : 'available';
  return members.total === 0 ? 'gone' : 'error';
}

async function countMembers(
  tx: Transaction,
  table: 'volumes' | 'snapshots',
  column: string,
  id: string,
  busy: string,
): Promise<Members> {
  const row: { total: string; busy: string; failed: string } | undefined = await tx(table)
    .where({ [column]: id })
    .first(
      tx.raw('count(*) as total'),
      tx.raw('count(*) filter (where status = ?) as busy', [busy]),
      tx.raw(`count(*) filter (where status = 'error') as failed`),
    );
  return { total: Number(row?.total ?? 0), busy: Number(row?.busy ?? 0), failed: Number(row?.failed ?? 0) };
}

async function tellFailure(
  tx: Transaction,
  { project_id: projectId, status }: Settling,
  resourceType: Extract<MessageResource, 'GROUP' | 'GROUP_SNAPSHOT'>,
  resourceId: string,
  requestId: string,
): Promise<void> {
  const verb = status === 'creating' ? 'create' : 'delete';
  const action = resourceType === 'GROUP' ? (`group-${verb}` as const) : (`group-snapshot-${verb}` as const);
  await leaveMessage(tx, { projectId, requestId, resourceType, resourceId, action, code: 'member_failed' });
}

const unsettled = ['creating', 'deleting'];

/** Call it after a volume of the group has ended its creation or deletion. One that is not under way is left alone. */
export async function settleGroup(tx: Transaction, id: string, requestId: string): Promise<void> {
  const group: Settling | undefined = await tx('volume_groups')
    .where({ id })
    .whereIn('status', unsettled)
    .forUpdate()
    .first('project_id', 'status');
  if (group === undefined) return;
  const verdict = judge(group.status, await countMembers(tx, 'volumes', 'group_id', id, group.status));
  if (verdict === 'wait') return;
  if (verdict === 'gone') {
    await tx('volume_groups').where({ id }).delete();
    return;
  }
  await writeGroup(tx, id, { status: verdict });
  if (verdict === 'error') await tellFailure(tx, group, 'GROUP', id, requestId);
}

/** The same for a group snapshot, after one of its snapshots. */
export async function settleGroupSnapshot(tx: Transaction, id: string, requestId: string): Promise<void> {
  const found: Settling | undefined = await tx('group_snapshots')
    .where({ id })
    .whereIn('status', unsettled)
    .forUpdate()
    .first('project_id', 'status');
  if (found === undefined) return;
  const verdict = judge(found.status, await countMembers(tx, 'snapshots', 'group_snapshot_id', id, found.status));
  if (verdict === 'wait') return;
  if (verdict === 'gone') {
    await tx('group_snapshots').where({ id }).delete();
    return;
  }
  await writeGroupSnapshot(tx, id, { status: verdict });
  if (verdict === 'error') await tellFailure(tx, found, 'GROUP_SNAPSHOT', id, requestId);
}

/** The group of a volume; read it before the volume's row may go. */
export async function groupOfVolume(tx: Transaction, volumeId: string): Promise<string | null> {
  const row: { group_id: string | null } | undefined = await tx('volumes').where({ id: volumeId }).first('group_id');
  return row?.group_id ?? null;
}

/** The group snapshot of a snapshot; read it before the snapshot's row may go. */
export async function groupSnapshotOf(tx: Transaction, snapshotId: string): Promise<string | null> {
  const row: { group_snapshot_id: string | null } | undefined = await tx('snapshots')
    .where({ id: snapshotId })
    .first('group_snapshot_id');
  return row?.group_snapshot_id ?? null;
}
