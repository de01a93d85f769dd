// Attachments that no server of ours holds: a guest elsewhere may write to the image files, and we cannot ask its hypervisor to switch,
// merge or grow. What would need that is refused while such an attachment exists, and such an attachment is refused while that is under way.
// Both sides hold the volume's row, so one of them sees the other. Without the second half: a snapshot is accepted, a guest elsewhere opens
// the file that was active, the overlay is put above it, and the guest goes on writing below it, into the frozen data.
import { ServiceError } from '../../domain/errors.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { latchResources } from '../engine/locks.js';

/** Throws `bad_request` when something outside has (or is about to get) the volume. */
export async function demandOursOnly(tx: Transaction, volumeId: string, deed: string): Promise<void> {
  const row: unknown = await tx('attachments')
    .where({ volume_id: volumeId })
    .whereNull('managed_server_id')
    .whereNot({ status: 'reserved' })
    .first('id');
  if (row === undefined) return;
  throw new ServiceError(
    'bad_request',
    `Invalid volume: Volume ${volumeId} is attached to a server that this service does not run, so it cannot ${deed} it now. Detach it first.`,
  );
}

/**
 * Throws `volume_state` while an operation may change which files the volume consists of. The volume's row must be locked.
 *
 * One that waits for another operation has no wish yet, but the volume in its parameters: the last part of a clone removes the overlay that
 * its first part froze the source with, so a guest that opens the overlay while the data is copied would write into a removed file.
 *
 * One that waits for other volumes to become independent does not count: that may take hours, and it looks for attachments like this one
 * under the volume's latch before it begins, which is taken here, too.
 */
export async function demandSettledLayers(tx: Transaction, volumeId: string): Promise<void> {
  await latchResources(tx, [`volume:${volumeId}`]);
  const { rows } = (await tx.raw(
    `select o.id, o.type from operations o left join resource_locks l on l.operation_id = o.id and l.resource = ?
     where o.state in ('pending', 'running', 'undoing', 'stuck')
       and o.awaits_volume_id is null
       and (l.mode <> 'read' or (o.depends_on is not null and o.params->>'volumeId' = ?))
     order by o.seq limit 1`,
    [`volume:${volumeId}`, volumeId],
  )) as { rows: { id: string; type: string }[] };
  const busy = rows[0];
  if (busy === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volumeId} is busy with ${busy.type} (operation ${busy.id}), which changes its files. Connect it when that has ended.`,
    definitionOf(busy.type).givesWay === true ? { context: { givesWay: busy.id } } : {},
  );
}

/**
 * Throws `volume_state` when somebody has a connection to a volume that looks free: an administrator has reset its status alone. Who then
 * gets it would be a second writer. The volume's row must be locked.
 */
export async function demandNobodyConnected(tx: Transaction, volumeId: string): Promise<void> {
  const row: { id: string } | undefined = await tx('attachments')
    .where({ volume_id: volumeId })
    .whereNot({ status: 'reserved' })
    .first('id');
  if (row === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volumeId} is still connected (attachment ${row.id}). End that attachment, or reset the attach status, too.`,
  );
}
