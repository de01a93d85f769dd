// Volumes that several servers have at once (types with `multiattach`). What keeps their data whole:
//
// - the file is raw: two writers of one qcow2 file each keep their own idea of its tables, and destroy it. Such a volume is made raw,
//   but a snapshot puts a qcow2 overlay above it, and until that is merged again the volume is for one server only;
// - nobody else's guest writes beside one of ours: our hypervisor takes the file for itself, and switches and merges its layers;
// - while a guest elsewhere has it, nothing changes the layers (`foreign-attachments.ts`).
import { ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Transaction } from '../connection.js';
import type { AttachmentRecord } from './attachment-rows.js';

interface Shareable {
  readonly id: string;
  readonly status: string;
  readonly multiattach: boolean;
}

function refusal(id: string, why: string): ServiceError {
  return new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${id} cannot be attached to another server now: ${why}.`,
  );
}

/** Throws `volume_state`. The volume's row must be locked. */
export async function demandRawFile(tx: Transaction, volumeId: string): Promise<void> {
  const active: { format: string } | undefined = await tx('chain_layers')
    .where({ volume_id: volumeId })
    .orderBy('position', 'desc')
    .first('format');
  if (active?.format === 'raw') return;
  throw refusal(volumeId, 'it is not one raw file; if it has snapshots, delete them first');
}

/**
 * True when the volume may be given to one more server beside those that have it; false when it is not made for several, or not in use.
 * The volume's row must be locked. Throws `volume_state` when its layers, or a server of ours, do not allow it at this moment.
 */
export async function mayBeShared(
  tx: Transaction,
  volume: Shareable,
  attachments: readonly Pick<AttachmentRecord, 'managed_server_id'>[],
): Promise<boolean> {
  const shared: readonly string[] = volumeAllowedFrom.share;
  if (!volume.multiattach || !shared.includes(volume.status)) return false;
  const ours = attachments.find((one) => one.managed_server_id !== null);
  if (ours !== undefined) {
    throw refusal(volume.id, `server ${ours.managed_server_id ?? ''}, which this service runs, has it for itself`);
  }
  await demandRawFile(tx, volume.id);
  return true;
}
