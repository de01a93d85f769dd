// Outcomes of server operations. A server's disks are attachments: they follow its fate in the same transaction.
import { powerStates } from '../../domain/server.js';
import type { WireError } from '../../messages/envelope.js';
import type { StepContext } from '../../operations/definition.js';
import { volumeChecked } from '../../operations/server.js';
import type { Transaction } from '../connection.js';
import { enqueueOperation } from '../engine/enqueue.js';
import type { OperationRow } from '../engine/operation-row.js';
import { lockVolumes } from './lock-volumes.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, tellUser, updateVolume } from './rows.js';

type ServerOperation = 'server-create' | 'server-start' | 'server-stop' | 'server-delete';

async function updateServer(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('servers')
    .where({ id })
    .update({ task_state: null, ...fields, updated_at: tx.raw('utc_now()') });
}

async function failServer(
  tx: Transaction,
  row: OperationRow<ServerOperation>,
  error: WireError,
  context: Pick<StepContext, 'facts'>,
): Promise<void> {
  const { serverId } = row.params;
  const checked = volumeChecked(context, row.visited.at(-1));
  const message = checked === null ? error.message : `Volume ${checked} was not opened: ${error.message}`;
  const fault = { code: 500, message, created: new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
  await updateServer(tx, serverId, { vm_state: 'error', fault: JSON.stringify(fault) });
  await tellUser(tx, row as OperationRow, 'SERVER', serverId, error);
}

interface DiskRow {
  readonly id: string;
  readonly volume_id: string;
  readonly delete_on_termination: boolean;
}

function disksOf(tx: Transaction, serverId: string): Promise<DiskRow[]> {
  return tx('attachments').where({ managed_server_id: serverId }).select('id', 'volume_id', 'delete_on_termination');
}

/** Begins when this operation has ended. */
async function deleteVolume(tx: Transaction, row: OperationRow<ServerOperation>, volumeId: string): Promise<void> {
  await updateVolume(tx, volumeId, { status: 'deleting' });
  const { project_id: projectId, user_id: userId, request_id: requestId } = row;
  const after = { operationId: row.id, mode: 'end' } as const;
  await enqueueOperation(tx, { type: 'volume-delete', params: { volumeId }, projectId, userId, requestId, after });
}

/** Ends all attachments of the server; volumes become available, or are deleted where the client asked for that. */
async function releaseDisks(tx: Transaction, row: OperationRow<ServerOperation>): Promise<void> {
  const disks = await disksOf(tx, row.params.serverId);
  await lockVolumes(
    tx,
    disks.map((disk) => disk.volume_id),
  );
  for (const disk of disks) {
    await tx('attachments').where({ id: disk.id }).delete();
    await deriveVolumeStatus(tx, disk.volume_id);
    if (!disk.delete_on_termination || row.type !== 'server-delete') continue;
    const snapshots: unknown = await tx('snapshots').where({ volume_id: disk.volume_id }).first('id');
    const others: unknown = await tx('attachments').where({ volume_id: disk.volume_id }).first('id');
    // As when Nova asks Cinder for the deletion of a group's volume: it is refused, and the volume stays.
    const grouped: unknown = await tx('volumes').where({ id: disk.volume_id }).whereNotNull('group_id').first('id');
    if (snapshots !== undefined || others !== undefined || grouped !== undefined) continue;
    await deleteVolume(tx, row, disk.volume_id);
  }
}

/** Nobody else can have them yet. */
async function removeMade(tx: Transaction, row: OperationRow<'server-create'>): Promise<void> {
  const { madeVolumeIds = [] } = row.params;
  await lockVolumes(tx, madeVolumeIds);
  const present: { id: string }[] = await tx('volumes')
    .whereIn('id', [...madeVolumeIds])
    .whereNot({ status: 'deleting' })
    .select('id');
  for (const { id } of present) await deleteVolume(tx, row, id);
}

export const serverCreateOutcomes: Outcomes<'server-create'> = {
  async done(tx, row) {
    const { serverId } = row.params;
    await updateServer(tx, serverId, {
      vm_state: 'active',
      power_state: powerStates.running,
      launched_at: tx.raw('utc_now()'),
    });
    const disks = await disksOf(tx, serverId);
    await lockVolumes(
      tx,
      disks.map((disk) => disk.volume_id),
    );
    await tx('attachments')
      .where({ managed_server_id: serverId, status: 'attaching' })
      .update({ status: 'attached', attached_at: tx.raw('utc_now()'), updated_at: tx.raw('utc_now()') });
    for (const disk of disks) await deriveVolumeStatus(tx, disk.volume_id);
  },
  async failed(tx, row, error, context) {
    await failServer(tx, row, error, context);
    await releaseDisks(tx, row);
    await removeMade(tx, row);
  },
};

export const serverStartOutcomes: Outcomes<'server-start'> = {
  async done(tx, row) {
    await updateServer(tx, row.params.serverId, { vm_state: 'active', power_state: powerStates.running, fault: null });
  },
  failed: failServer,
};

export const serverStopOutcomes: Outcomes<'server-stop'> = {
  async done(tx, row) {
    await updateServer(tx, row.params.serverId, { vm_state: 'stopped', power_state: powerStates.shutdown });
  },
  failed: failServer,
};

export const serverDeleteOutcomes: Outcomes<'server-delete'> = {
  async done(tx, row) {
    await releaseDisks(tx, row);
    await tx('servers').where({ id: row.params.serverId }).delete();
  },
  failed: failServer,
};
