// Volumes as the API shows them: one statement for a page, whatever its length, with type, pool and attachments.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { VolumeStatus } from '../../domain/volume.js';
import type { Executor } from '../connection.js';
import { type Collection, countRows, listPage, type PageQuery } from './listing.js';
import { queryPrepared } from './prepared.js';

/** An attachment as a volume shows it. Times are naive UTC text. */
export interface ShownAttachment {
  readonly id: string;
  readonly server_id: string | null;
  readonly host_name: string | null;
  readonly device: string | null;
  readonly attached_at: string | null;
}

export interface VolumeRecord {
  readonly id: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly name: string | null;
  readonly description: string | null;
  /** GiB */
  readonly size_gib: number;
  readonly status: VolumeStatus;
  readonly migration_status: string | null;
  readonly availability_zone: string | null;
  readonly volume_type_id: string | null;
  readonly volume_type: string | null;
  readonly snapshot_id: string | null;
  readonly source_volid: string | null;
  readonly host: string | null;
  readonly provider_id: string | null;
  readonly bootable: boolean;
  readonly encrypted: boolean;
  readonly encryption_key_id: string | null;
  readonly multiattach: boolean;
  readonly replication_status: string | null;
  readonly consistencygroup_id: string | null;
  readonly group_id: string | null;
  readonly name_id: string | null;
  readonly cluster_name: string | null;
  readonly consumes_quota: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly admin_metadata: Readonly<Record<string, string>>;
  readonly image_metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly service_uuid: string | null;
  readonly attachments: readonly ShownAttachment[];
}

const fields = `v.id, v.project_id, v.user_id, v.name, v.description, v.size_gib, v.status, v.migration_status, v.availability_zone,
  v.volume_type_id, t.name as volume_type, v.snapshot_id, v.source_volid, v.host, v.provider_id, v.bootable, v.encrypted,
  v.encryption_key_id, v.multiattach, v.replication_status, v.group_id,
  coalesce(v.consistencygroup_id, (select g.id from volume_groups g join group_types y on y.id = g.group_type_id
    where g.id = v.group_id and y.name = 'default_cgsnapshot_type')) as consistencygroup_id, v.name_id, v.cluster_name,
  v.consumes_quota, v.metadata, v.admin_metadata, v.image_metadata, v.created_at, v.updated_at, s.id as service_uuid,
  coalesce((select json_agg(json_build_object('id', a.id, 'server_id', a.instance_uuid, 'host_name', a.attached_host,
      'device', a.mountpoint, 'attached_at', a.attached_at) order by a.created_at, a.id)
    from attachments a where a.volume_id = v.id and a.status in ('attached', 'detaching', 'error_detaching')), '[]'::json)
    as attachments`;

const from = `from volumes v
  left join volume_types t on t.id = v.volume_type_id
  left join pools p on p.name = v.host
  left join services s on s.host = p.backend_host and s."binary" = 'saggar-volume'`;

export const volumeCollection: Collection = {
  from,
  always: "v.purpose = 'volume'",
  noun: 'Volume',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    display_name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    display_description: { sql: 'v.description', type: 'text' },
    status: { sql: 'v.status', type: 'text' },
    attach_status: { sql: 'v.attach_status', type: 'text' },
    migration_status: { sql: 'v.migration_status', type: 'text' },
    availability_zone: { sql: 'v.availability_zone', type: 'text' },
    size: { sql: 'v.size_gib', type: 'integer' },
    bootable: { sql: 'v.bootable', type: 'boolean' },
    encrypted: { sql: 'v.encrypted', type: 'boolean' },
    multiattach: { sql: 'v.multiattach', type: 'boolean' },
    consumes_quota: { sql: 'v.consumes_quota', type: 'boolean' },
    metadata: { sql: 'v.metadata', type: 'json' },
    glance_metadata: { sql: 'v.image_metadata', type: 'json' },
    host: { sql: 'v.host', type: 'text' },
    // A filter by host may name the backend alone, without its pool.
    backend_host: { sql: "split_part(v.host, '#', 1)", type: 'text' },
    volume_type_id: { sql: 'v.volume_type_id', type: 'uuid' },
    snapshot_id: { sql: 'v.snapshot_id', type: 'uuid' },
    source_volid: { sql: 'v.source_volid', type: 'uuid' },
    group_id: { sql: 'v.group_id', type: 'uuid' },
    consistencygroup_id: { sql: 'v.consistencygroup_id', type: 'uuid' },
    user_id: { sql: 'v.user_id', type: 'text' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
    launched_at: { sql: 'v.launched_at', type: 'time' },
    scheduled_at: { sql: 'v.scheduled_at', type: 'time' },
    replication_status: { sql: 'v.replication_status', type: 'text' },
    cluster_name: { sql: 'v.cluster_name', type: 'text' },
    provider_id: { sql: 'v.provider_id', type: 'text' },
  },
};

export function listVolumes(db: Executor, page: PageQuery): Promise<VolumeRecord[]> {
  return listPage<VolumeRecord>(db, volumeCollection, fields, page);
}

export type VolumeName = Pick<VolumeRecord, 'id' | 'name'>;

export function listVolumeNames(db: Executor, page: PageQuery): Promise<VolumeName[]> {
  return listPage<VolumeName>(db, volumeCollection, 'v.id, v.name', page);
}

export function countVolumes(db: Executor, page: PageQuery): Promise<number> {
  return countRows(db, volumeCollection, page);
}

const showSql = `select ${fields} ${from} where v.id = ?::uuid and v.purpose = 'volume' and (?::text is null or v.project_id = ?::text)`;

export function volumeNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Volume ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found` for what does not exist, is no id at all, or belongs to another project (null: any project). */
export async function loadVolume(db: Executor, id: string, projectId: string | null): Promise<VolumeRecord> {
  if (!isUuid(id)) throw volumeNotFound(id);
  const rows = await queryPrepared<VolumeRecord>(db, 'volume-show', showSql, [id, projectId, projectId]);
  const row = rows[0];
  if (row === undefined) throw volumeNotFound(id);
  return row;
}

export interface VolumeSummary {
  readonly count: number;
  /** GiB */
  readonly sizeGib: number;
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

/** Number, total size, and the distinct values of every metadata key. */
export async function summarizeVolumes(db: Executor, projectId: string | null): Promise<VolumeSummary> {
  const rows = await queryPrepared<{ count: number; size: number; metadata: Record<string, string[]> | null }>(
    db,
    'volume-summary',
    `with mine as (select size_gib, metadata from volumes
       where purpose = 'volume' and (?::text is null or project_id = ?::text))
     select (select count(*) from mine) as count, (select coalesce(sum(size_gib), 0)::bigint from mine) as size,
       (select json_object_agg(key, vals) from (select m.key, json_agg(distinct m.value) as vals
          from mine, jsonb_each_text(mine.metadata) m group by m.key) pairs) as metadata`,
    [projectId, projectId],
  );
  const row = rows[0];
  return { count: row?.count ?? 0, sizeGib: row?.size ?? 0, metadata: row?.metadata ?? {} };
}
