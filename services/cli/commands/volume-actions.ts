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
  | { readonly 'os-force_delete': null };

export type SnapshotAction = Schemas['SnapshotResetStatus'] | { readonly 'os-force_delete': null };

export async function actOnVolume(session: Session, volumeId: string, action: VolumeAction): Promise<void> {
  const body = action as unknown as Record<string, never>;
  await session.volume.post('/v3/volumes/{volume_id}/action', { path: { volume_id: volumeId }, body });
}

export async function actOnSnapshot(session: Session, snapshotId: string, action: SnapshotAction): Promise<void> {
  const body = action as unknown as Record<string, never>;
  await session.volume.post('/v3/snapshots/{snapshot_id}/action', { path: { snapshot_id: snapshotId }, body });
}
