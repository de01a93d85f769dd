// The two ways to tell a snapshot's status from outside: an administrator's word, and the report of a compute service that works on it.
//
//   creating -> creating, available, error        deleting -> deleting, error_deleting        (cinder/api/contrib/snapshot_actions.py)
//
// While an operation of ours works on the snapshot, its outcome alone ends it: a report may then only tell progress. Else a client
// could make a snapshot `available` whose data is not frozen yet, and restore from it what never was one moment of the disk.
import { ServiceError } from '../../domain/errors.js';
import type { SnapshotStatus } from '../../domain/snapshot.js';
import type { OperationType } from '../../operations/params.js';
import type { Database, Transaction } from '../connection.js';
import { withdrawPending } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { leaveMessage } from '../leave-message.js';
import type { Requester } from './requester.js';
import { type LockedSnapshot, lockSnapshot, writeSnapshot } from './snapshot-change.js';

/** Statuses in which nobody takes the snapshot's data for whole. */
const notUsable: readonly string[] = ['error', 'error_deleting', 'deleting', 'deleted'] satisfies SnapshotStatus[];

/**
 * A merge downwards writes into the layer that holds the snapshot's data from its first byte on. One that was cancelled or failed leaves
 * there a mixture of two moments, which only another deletion ends: a volume made of it, or reverted to it, would be nobody's disk.
 */
async function demandNotMerged(tx: Transaction, id: string): Promise<void> {
  const merged: { id: string } | undefined = await tx('operations')
    .whereIn('type', ['snapshot-delete', 'assisted-snapshot-delete'] satisfies OperationType[])
    .whereRaw(`params->>'snapshotId' = ?`, [id])
    .whereRaw(`jsonb_exists_any(visited, array['merge-live', 'merge-offline'])`)
    .whereRaw(`plan->>'direction' is distinct from 'up'`)
    .first('id');
  if (merged === undefined) return;
  throw new ServiceError(
    'snapshot_state',
    `Invalid snapshot: the data of snapshot ${id} has begun to be merged into older data (operation ${merged.id}), so it is not whole any more. Delete the snapshot again.`,
  );
}

/**
 * An administrator's word over the record. A deletion that has not begun is withdrawn; what is under way goes on, and its outcome overwrites
 * it. Throws `not_found`, and `snapshot_state` when a deletion has destroyed the data and the word would offer it again.
 */
export async function resetSnapshotStatus(database: Database, id: string, status: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockSnapshot(tx, id, null);
    await withdrawPending(tx, { types: ['snapshot-delete'], of: 'snapshotId', id });
    if (!notUsable.includes(status)) await demandNotMerged(tx, id);
    await writeSnapshot(tx, id, { status });
  });
}

const reports: Readonly<Record<string, readonly string[]>> = {
  creating: ['creating', 'available', 'error'],
  deleting: ['deleting', 'error_deleting'],
};

export interface SnapshotReport {
  readonly status: string;
  /** `0%` to `100%`; null leaves it. */
  readonly progress: string | null;
}

function demandTransition(snapshot: LockedSnapshot, report: SnapshotReport): void {
  const allowed = Object.hasOwn(reports, snapshot.status) ? reports[snapshot.status] : undefined;
  if (allowed === undefined) {
    throw new ServiceError('bad_request', `Snapshot status ${snapshot.status} not allowed for update_snapshot_status`);
  }
  if (allowed.includes(report.status)) return;
  throw new ServiceError(
    'bad_request',
    `Provided snapshot status ${report.status.slice(0, 64)} not allowed for snapshot with status ${snapshot.status}.`,
  );
}

async function demandNotOurs(tx: Transaction, id: string): Promise<void> {
  const busy: { id: string } | undefined = await tx('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw(`params->>'snapshotId' = ?`, [id])
    .first('id');
  if (busy === undefined) return;
  throw new ServiceError(
    'bad_request',
    `Snapshot ${id} is being worked on by operation ${busy.id}, which sets its status.`,
  );
}

/** A snapshot has data when the volume's chain was cut for it. */
async function demandFrozen(tx: Transaction, id: string): Promise<void> {
  const layer: unknown = await tx('chain_layers').where({ snapshot_id: id }).first('position');
  if (layer !== undefined) return;
  throw new ServiceError('bad_request', `Snapshot ${id} has no data: nothing was frozen for it.`);
}

/** Throws `not_found`, `bad_request`. `projectId` null: any project's. A report of failure leaves a message for the user. */
export async function reportSnapshotStatus(
  database: Database,
  id: string,
  projectId: string | null,
  report: SnapshotReport,
  who: Pick<Requester, 'requestId'>,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const snapshot = await lockSnapshot(tx, id, projectId);
    demandTransition(snapshot, report);
    if (report.status !== snapshot.status) await demandNotOurs(tx, id);
    if (report.status === 'available') await demandFrozen(tx, id);
    await writeSnapshot(tx, id, {
      status: report.status,
      ...(report.progress === null ? {} : { progress: report.progress }),
    });
    if (report.status !== 'error' && report.status !== 'error_deleting') return;
    const deleting = report.status === 'error_deleting';
    await leaveMessage(tx, {
      projectId: snapshot.project_id,
      requestId: who.requestId,
      resourceType: 'VOLUME_SNAPSHOT',
      resourceId: id,
      action: deleting ? 'snapshot-delete' : 'snapshot-create',
      code: deleting ? 'reported_delete_error' : 'reported_create_error',
    });
  });
}
