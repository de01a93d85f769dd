// Reads what payloads show of volumes and snapshots: one query each, whatever their number. Volumes that hold images are never told.
import type { AttachmentUsage, SnapshotUsage, VolumeUsage } from '../../notifications/usage.js';
import type { Transaction } from '../connection.js';

const volumesSql = `
select v.id, v.project_id as "projectId", v.user_id as "userId", v.host, v.availability_zone as zone,
  v.volume_type_id as "typeId", v.name, v.launched_at as "launchedAt", v.created_at as "createdAt", v.status,
  v.snapshot_id as "snapshotId", v.size_gib as "sizeGib", v.replication_status as "replicationStatus", v.metadata,
  v.image_metadata as "imageMetadata", utc_now() as now,
  (select json_agg(json_build_object('id', a.id, 'instanceUuid', a.instance_uuid, 'attachedHost', a.attached_host,
     'mountpoint', a.mountpoint, 'attachMode', a.attach_mode, 'status', a.status, 'attachedAt', a.attached_at,
     'createdAt', a.created_at, 'updatedAt', a.updated_at) order by a.created_at, a.id)
   from attachments a where a.volume_id = v.id) as attachments
from volumes v where v.id = any(?) and v.purpose = 'volume' order by v.created_at, v.id`;

export async function loadVolumeUsage(tx: Transaction, ids: readonly string[]): Promise<VolumeUsage[]> {
  if (ids.length === 0) return [];
  const { rows } = (await tx.raw(volumesSql, [ids as string[]])) as {
    rows: (Omit<VolumeUsage, 'attachments'> & { attachments: AttachmentUsage[] | null })[];
  };
  return rows.map((row) => ({ ...row, attachments: row.attachments ?? [] }));
}

// Snapshots that the service makes for itself are never told.
const snapshotsSql = `
select s.id, s.project_id as "projectId", s.user_id as "userId", v.availability_zone as zone, v.host,
  s.volume_id as "volumeId", s.size_gib as "sizeGib", s.name, s.created_at as "createdAt", s.status, s.metadata
from snapshots s join volumes v on v.id = s.volume_id
where s.id = any(?) and not s.internal and v.purpose = 'volume' order by s.created_at, s.id`;

export async function loadSnapshotUsage(tx: Transaction, ids: readonly string[]): Promise<SnapshotUsage[]> {
  if (ids.length === 0) return [];
  const { rows } = (await tx.raw(snapshotsSql, [ids as string[]])) as { rows: SnapshotUsage[] };
  return rows;
}
