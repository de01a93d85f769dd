// The actions of volumes and snapshots that commands use, typed by the schemas of their bodies. The documents describe the shared
// POST only as "an object with one key", so the one place that says otherwise to the compiler is here.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { Session } from '../session.js';

type Schemas = components['schemas'];

export type VolumeAction =
  | Schemas['VolumeExtend']
  | Schemas['VolumeResetStatus']
  | Schemas['VolumeSetBootable']
  | Schemas['VolumeReadonlyFlag']
  | Schemas['VolumeRetype']
  | Schemas['VolumeMigrate']
  | Schemas['VolumeRevert']
  | Schemas['VolumeReimage']
  | Schemas['VolumeSetImageMetadata']
  | Schemas['VolumeUnsetImageMetadata']
  | Schemas['VolumeAttach']
  | Schemas['VolumeDetach']
  | Schemas['VolumeForceDetach']
  | Schemas['VolumeInitializeConnection']
  | Schemas['VolumeTerminateConnection']
  | { [Name in PlainVolumeAction]: { readonly [Only in Name]: null } }[PlainVolumeAction];

/** Actions without parameters. */
type PlainVolumeAction =
  | 'os-force_delete'
  | 'os-unmanage'
  | 'os-reserve'
  | 'os-unreserve'
  | 'os-begin_detaching'
  | 'os-roll_detaching';

export type SnapshotAction =
  | Schemas['SnapshotResetStatus']
  | Schemas['SnapshotStatusReport']
  | { readonly 'os-force_delete': null }
  | { readonly 'os-unmanage': null };

/** The answer's body; undefined for actions that answer without one. */
export async function actOnVolume(session: Session, volumeId: string, action: VolumeAction): Promise<unknown> {
  const body = action as unknown as Record<string, never>;
  return session.volume.post('/v3/volumes/{volume_id}/action', { path: { volume_id: volumeId }, body });
}

export async function actOnSnapshot(session: Session, snapshotId: string, action: SnapshotAction): Promise<void> {
  const body = action as unknown as Record<string, never>;
  await session.volume.post('/v3/snapshots/{snapshot_id}/action', { path: { snapshot_id: snapshotId }, body });
}
