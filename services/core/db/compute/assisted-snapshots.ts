// The hypervisor's half of a snapshot whose files another service makes. Only files that this service would name so itself are
// taken, only for a snapshot on record, and only while no operation of ours works on that snapshot.
import { overlayFileName } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import type { Requester } from './server-actions.js';
import { loadServer } from './servers.js';

export interface AssistedCreate {
  readonly volumeId: string;
  readonly snapshotId: string;
  readonly newFile: string;
}

export interface AssistedDelete {
  readonly volumeId: string;
  readonly snapshotId: string;
  readonly fileToMerge: string | null;
  readonly mergeTargetFile: string | null;
}

interface SnapshotRow {
  readonly id: string;
  readonly status: string;
  readonly project_id: string;
}

/** Nova answers 400 for every wrong state here. Source: nova/api/openstack/compute/assisted_volume_snapshots.py. */
function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

async function demandSingleServer(tx: Transaction, volumeId: string, mustRun: boolean): Promise<void> {
  const rows: { managed_server_id: string | null }[] = await tx('attachments')
    .where({ volume_id: volumeId, status: 'attached' })
    .select('managed_server_id');
  const [only, ...more] = rows;
  const serverId = only?.managed_server_id ?? null;
  if (serverId === null) throw refuse(`No volume Block Device Mapping with id ${volumeId}.`);
  if (more.length > 0) throw refuse(`Volume ${volumeId} is attached to more than one instance.`);
  const server = await loadServer(tx, serverId, null);
  if (server.task_state !== null) throw refuse(`Instance ${serverId} is busy: task_state ${server.task_state}.`);
  if (server.compute_host === null) throw refuse(`Instance ${serverId} is not on a host.`);
  if (mustRun && server.vm_state !== 'active') throw refuse(`Instance ${serverId} is not active.`);
}

async function lockSnapshot(
  tx: Transaction,
  volumeId: string,
  snapshotId: string,
  status: string,
): Promise<SnapshotRow> {
  const known = isUuid(snapshotId) && isUuid(volumeId);
  const row: SnapshotRow | undefined = known
    ? await tx('snapshots')
        .where({ id: snapshotId, volume_id: volumeId })
        .forUpdate()
        .first('id', 'status', 'project_id')
    : undefined;
  if (row === undefined) throw new ServiceError('not_found', `Snapshot ${snapshotId} could not be found.`);
  if (row.status !== status) throw refuse(`Snapshot ${snapshotId} must be ${status}, but is ${row.status}.`);
  const busy: { id: string } | undefined = await tx('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw(`params->>'snapshotId' = ?`, [snapshotId])
    .first('id');
  if (busy !== undefined) throw refuse(`Snapshot ${snapshotId} is being worked on by operation ${busy.id}.`);
  return row;
}

/** Accepts the switch of the guest to the overlay. Progress is told by the snapshot's row. */
export async function createAssistedSnapshot(database: Database, wish: AssistedCreate, who: Requester): Promise<void> {
  const { volumeId, snapshotId, newFile } = wish;
  await inTransaction(database, async (tx) => {
    await demandSingleServer(tx, volumeId, false);
    const snapshot = await lockSnapshot(tx, volumeId, snapshotId, 'creating');
    if (newFile !== overlayFileName(volumeId, snapshotId)) {
      throw refuse(`new_file must be ${overlayFileName(volumeId, snapshotId)}.`);
    }
    await acceptOperation(tx, {
      type: 'assisted-snapshot-create',
      params: { volumeId, snapshotId, newFile },
      projectId: snapshot.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}

async function demandMergePair(tx: Transaction, wish: AssistedDelete): Promise<string> {
  const { volumeId, fileToMerge, mergeTargetFile } = wish;
  if (fileToMerge === null || mergeTargetFile === null) {
    throw refuse(
      'file_to_merge and merge_target_file must both be named: overlays are merged into the file below them.',
    );
  }
  const layers: { file: string }[] = await tx('chain_layers')
    .where({ volume_id: volumeId })
    .orderBy('position')
    .select('file');
  const index = layers.findIndex((layer) => layer.file === fileToMerge);
  if (index <= 0 || layers[index - 1]?.file !== mergeTargetFile) {
    throw refuse(`${fileToMerge} is not directly above ${mergeTargetFile} in the chain of volume ${volumeId}.`);
  }
  return fileToMerge;
}

/** Accepts the merge of one file of a running guest's chain into the file below it. */
export async function deleteAssistedSnapshot(database: Database, wish: AssistedDelete, who: Requester): Promise<void> {
  const { volumeId, snapshotId } = wish;
  await inTransaction(database, async (tx) => {
    const snapshot = await lockSnapshot(tx, volumeId, snapshotId, 'deleting');
    await demandSingleServer(tx, volumeId, true);
    const fileToMerge = await demandMergePair(tx, wish);
    await acceptOperation(tx, {
      type: 'assisted-snapshot-delete',
      params: { volumeId, snapshotId, fileToMerge },
      projectId: snapshot.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
