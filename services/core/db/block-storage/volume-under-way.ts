// What is under way on a volume, whatever its status says: an administrator may have reset the word (os-reset_status), and that stops
// nothing. Example: a deletion waits for a lock, the status is reset to `available` and an extend is accepted: its promise of room would
// be kept for a volume that is gone. So what promises room, moves or lets go a volume asks the operations, too.
import { ServiceError } from '../../domain/errors.js';
import type { OperationType } from '../../operations/params.js';
import type { Transaction } from '../connection.js';

/** Those that decide where a volume is, how large it is, or whether it is. */
const decisive: readonly OperationType[] = [
  'volume-create',
  'volume-clone',
  'volume-manage',
  'volume-delete',
  'volume-extend',
  'volume-migrate',
  'volume-revert',
  'volume-reimage',
  'backup-restore',
  'volume-unmanage',
];

/** Those after which it is not there any more. */
const ending: readonly OperationType[] = ['volume-delete', 'volume-unmanage'];

async function demandNone(tx: Transaction, types: readonly OperationType[], id: string, deed: string): Promise<void> {
  const busy: { id: string; type: string } | undefined = await tx('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereIn('type', [...types])
    // One that is shown as failed only cleans up behind itself.
    .where({ settled: false })
    .whereRaw(`params->>'volumeId' = ?`, [id])
    .orderBy('seq')
    .first('id', 'type');
  if (busy === undefined) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${id} is busy with ${busy.type} (operation ${busy.id}). ${deed} when that has ended.`,
  );
}

/** The volume's row must be locked. Throws `volume_state` and names the operation. */
export function demandNothingUnderWay(tx: Transaction, volumeId: string, deed: string): Promise<void> {
  return demandNone(tx, decisive, volumeId, deed);
}

/** For rows that need the volume's for as long as they live: its snapshots. Throws `volume_state`. */
export function demandNotEnding(tx: Transaction, volumeId: string, deed: string): Promise<void> {
  return demandNone(tx, ending, volumeId, deed);
}
