// Takes a volume for a server of ours: the status moves by compare-and-swap, and the attachment row says who holds it.
// What another project owns does not exist here, with the same words as what exists nowhere.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import { demandNobodyConnected } from '../block-storage/foreign-attachments.js';
import type { Transaction } from '../connection.js';

export interface TakeVolume {
  readonly attachmentId: string;
  readonly volumeId: string;
  /** null: any project's (administrators). */
  readonly projectId: string | null;
  readonly serverId: string;
  readonly host: string | null;
  readonly device: string;
  readonly bootIndex: number | null;
  readonly deleteOnTermination: boolean;
  /** The client's word for the device, or null. */
  readonly tag: string | null;
  /** Put before what went wrong with the volume. */
  readonly refusalPrefix: string;
}

interface VolumeRow {
  readonly status: string;
  readonly project_id: string;
  readonly readonly: string | null;
}

async function explainRefusal(tx: Transaction, wish: TakeVolume): Promise<ServiceError> {
  const find = isUuid(wish.volumeId) ? tx('volumes').where({ id: wish.volumeId, purpose: 'volume' }) : null;
  if (find !== null && wish.projectId !== null) void find.andWhere({ project_id: wish.projectId });
  const volume: { status: string } | undefined = find === null ? undefined : await find.first('status');
  if (volume === undefined) {
    return wish.refusalPrefix === ''
      ? new ServiceError('not_found', `Volume ${wish.volumeId} could not be found.`)
      : new ServiceError('bad_request', `${wish.refusalPrefix}failed to get volume ${wish.volumeId}.`);
  }
  return new ServiceError(
    'volume_state',
    `${wish.refusalPrefix}Invalid volume: Volume ${wish.volumeId} status must be available to reserve, but the current status is ${volume.status}.`,
  );
}

/** Throws `not_found` or `bad_request` for a volume one cannot see, `volume_state` for one that is not available, or is still connected. */
export async function takeVolume(tx: Transaction, wish: TakeVolume): Promise<void> {
  if (!isUuid(wish.volumeId)) throw await explainRefusal(tx, wish);
  const move = tx('volumes')
    .where({ id: wish.volumeId, purpose: 'volume' })
    .whereIn('status', [...volumeAllowedFrom.reserve])
    .whereNotNull('host');
  if (wish.projectId !== null) void move.andWhere({ project_id: wish.projectId });
  const moved: VolumeRow[] = await move
    .update({ status: 'attaching', attach_status: 'attaching', updated_at: tx.raw('utc_now()') })
    .returning(['status', 'project_id', tx.raw(`admin_metadata->>'readonly' as readonly`)] as string[]);
  const volume = moved[0];
  if (volume === undefined) throw await explainRefusal(tx, wish);
  await demandNobodyConnected(tx, wish.volumeId);
  await tx('attachments').insert({
    id: wish.attachmentId,
    volume_id: wish.volumeId,
    project_id: volume.project_id,
    instance_uuid: wish.serverId,
    managed_server_id: wish.serverId,
    attached_host: wish.host,
    mountpoint: wish.device,
    attach_mode: volume.readonly?.toLowerCase() === 'true' ? 'ro' : 'rw',
    status: 'attaching',
    boot_index: wish.bootIndex,
    delete_on_termination: wish.deleteOnTermination,
    tag: wish.tag,
  });
}
