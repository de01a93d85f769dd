// Attachments that no server of ours holds: a guest elsewhere may write to the image files, and we cannot ask its hypervisor to switch,
// merge or grow. What would need that is refused while such an attachment exists, and such an attachment is refused while that is under way.
// Both sides hold the volume's row, so one of them sees the other. Without the second half: a snapshot is accepted, a guest elsewhere opens
// the file that was active, the overlay is put above it, and the guest goes on writing below it, into the frozen data.
import { ServiceError } from '../../domain/errors.js';
import type { Transaction } from '../connection.js';

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

/** Throws `volume_state` while an operation may change which files the volume consists of. The volume's row must be locked. */
export async function demandSettledLayers(tx: Transaction, volumeId: string): Promise<void> {
  const busy: { id: string; type: string } | undefined = await tx('resource_locks as l')
    .join('operations as o', 'o.id', 'l.operation_id')
    .where({ 'l.resource': `volume:${volumeId}` })
    .whereNot({ 'l.mode': 'read' })
    .orderBy('l.seq')
    .first('o.id', 'o.type');
  if (busy === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${volumeId} is busy with ${busy.type} (operation ${busy.id}), which changes its files. Connect it when that has ended.`,
  );
}
