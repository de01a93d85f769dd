// Which requests of the block-storage API are told to the outside, as data: events about volumes and snapshots whose rows change at once.
// Creation, deletion, growth and the like are operations and tell themselves; records that are neither are in told-records.ts.
//
// Names are Cinder's: cinder/api/v2/volumes.py and snapshots.py (update), cinder/api/contrib/admin_actions.py (reset_status),
// cinder/transfer/api.py, cinder/volume/api.py (attachments, volumes without a host). `attach.end` of an attachment's completion is
// ours: Cinder tells it only for os-attach.
import type { SubjectPath } from '../../core/db/notifications/requests.js';
import type { RouteInput } from '../shell/route.js';

export interface ToldRequest {
  readonly by: SubjectPath;
  /** Finds the id in the request; null when nothing is to be told. */
  readonly id: (input: RouteInput) => string | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const inPath =
  (name: string) =>
  ({ param }: RouteInput): string =>
    param(name);

function around(name: string): Pick<ToldRequest, 'before' | 'after'> {
  return { before: [`${name}.start`], after: [`${name}.end`] };
}

const ofVolume = { by: 'volume', id: inPath('volume_id') } as const;
const ofSnapshot = { by: 'snapshot', id: inPath('snapshot_id') } as const;
const ofAttachment = { by: 'attachment', id: inPath('attachment_id') } as const;
const ofTransfer = { by: 'transfer', id: inPath('transfer_id') } as const;
const olderAttach = { by: 'unmanaged-volume', id: inPath('volume_id') } as const;
const attachStarts = { before: ['attach.start'], after: [] } as const;

function volumeOfTransfer({ body }: RouteInput): string | null {
  const { transfer } = body as { transfer: { volume_id: unknown } };
  return typeof transfer.volume_id === 'string' ? transfer.volume_id : null;
}

/** Without a connector the volume is only reserved. */
function volumeOfConnected({ body }: RouteInput): string | null {
  const { attachment } = body as { attachment: { volume_uuid: unknown; connector?: object | null } };
  if (Object.keys(attachment.connector ?? {}).length === 0) return null;
  return typeof attachment.volume_uuid === 'string' ? attachment.volume_uuid : null;
}

const createTransfer: ToldRequest = { by: 'volume', id: volumeOfTransfer, ...around('transfer.create') };
const acceptTransfer: ToldRequest = { ...ofTransfer, ...around('transfer.accept') };
const deleteTransfer: ToldRequest = { ...ofTransfer, ...around('transfer.delete') };
const deleteUnplaced: ToldRequest = { by: 'unplaced-volume', id: inPath('volume_id'), ...around('delete') };

/** By operation id. */
export const toldRequests: Readonly<Record<string, ToldRequest>> = {
  updateVolume: { ...ofVolume, ...around('update') },
  resetVolumeStatus: { ...ofVolume, ...around('reset_status') },
  deleteVolume: deleteUnplaced,
  forceDeleteVolume: deleteUnplaced,
  updateSnapshot: { ...ofSnapshot, ...around('update') },
  resetSnapshotStatus: { ...ofSnapshot, ...around('reset_status') },
  createAttachment: { by: 'volume', id: volumeOfConnected, ...attachStarts },
  updateAttachment: { ...ofAttachment, ...attachStarts },
  completeAttachment: { ...ofAttachment, before: [], after: ['attach.end'] },
  deleteAttachment: { ...ofAttachment, ...around('detach') },
  attachVolume: { ...olderAttach, ...around('attach') },
  detachVolume: { ...olderAttach, ...around('detach') },
  forceDetachVolume: { ...olderAttach, ...around('detach') },
  createTransfer,
  createTransferOlder: createTransfer,
  acceptTransfer,
  acceptTransferOlder: acceptTransfer,
  deleteTransfer,
  deleteTransferOlder: deleteTransfer,
};
