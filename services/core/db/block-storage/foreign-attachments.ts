// Attachments that no server of ours holds: a guest elsewhere may write to the image files, and we cannot ask its hypervisor to switch,
// merge or grow. What would need that is refused while such an attachment exists.
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
