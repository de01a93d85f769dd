// Groups and group snapshots as the API shows them.
import { ServiceError } from '../../domain/errors.js';
import type { GroupStatus } from '../../domain/group.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor } from '../connection.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import { query } from './prepared.js';

export interface GroupRecord {
  readonly id: string;
  readonly project_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: GroupStatus;
  readonly availability_zone: string | null;
  readonly group_type_id: string;
  readonly group_snapshot_id: string | null;
  readonly source_group_id: string | null;
  readonly replication_status: string;
  readonly created_at: string;
  /** Ids of the volume types that it takes. */
  readonly volume_types: readonly string[];
  /** Ids of its volumes; empty when they were not asked for. */
  readonly volumes: readonly string[];
}

const volumesSql = 'array(select o.id::text from volumes o where o.group_id = v.id order by o.created_at, o.id)';

function groupFields(withVolumes: boolean): string {
  return `v.id, v.project_id, v.name, v.description, v.status, v.availability_zone, v.group_type_id, v.group_snapshot_id,
  v.source_group_id, v.replication_status, v.created_at,
  array(select g.volume_type_id::text from group_volume_types g where g.group_id = v.id order by 1) as volume_types,
  ${withVolumes ? volumesSql : "'{}'::text[]"} as volumes`;
}

export const groupCollection: Collection = {
  from: 'from volume_groups v',
  always: 'true',
  noun: 'Group',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    status: { sql: 'v.status', type: 'text' },
    availability_zone: { sql: 'v.availability_zone', type: 'text' },
    group_type_id: { sql: 'v.group_type_id', type: 'uuid' },
    group_snapshot_id: { sql: 'v.group_snapshot_id', type: 'uuid' },
    source_group_id: { sql: 'v.source_group_id', type: 'uuid' },
    user_id: { sql: 'v.user_id', type: 'text' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listGroups(db: Executor, page: PageQuery, withVolumes: boolean): Promise<GroupRecord[]> {
  return listPage<GroupRecord>(db, groupCollection, groupFields(withVolumes), page);
}

export function groupNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Group ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadGroup(
  db: Executor,
  id: string,
  projectId: string | null,
  withVolumes = false,
): Promise<GroupRecord> {
  if (!isUuid(id)) throw groupNotFound(id);
  const rows = await query<GroupRecord>(
    db,
    `select ${groupFields(withVolumes)} from volume_groups v where v.id = ?::uuid and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw groupNotFound(id);
  return row;
}

export interface GroupSnapshotRecord {
  readonly id: string;
  readonly project_id: string;
  readonly group_id: string;
  readonly group_type_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: GroupStatus;
  readonly created_at: string;
}

const snapshotFields = 'v.id, v.project_id, v.group_id, v.group_type_id, v.name, v.description, v.status, v.created_at';

export const groupSnapshotCollection: Collection = {
  from: 'from group_snapshots v',
  always: 'true',
  noun: 'GroupSnapshot',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    status: { sql: 'v.status', type: 'text' },
    group_id: { sql: 'v.group_id', type: 'uuid' },
    group_type_id: { sql: 'v.group_type_id', type: 'uuid' },
    user_id: { sql: 'v.user_id', type: 'text' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listGroupSnapshots(db: Executor, page: PageQuery): Promise<GroupSnapshotRecord[]> {
  return listPage<GroupSnapshotRecord>(db, groupSnapshotCollection, snapshotFields, page);
}

export function groupSnapshotNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `GroupSnapshot ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadGroupSnapshot(
  db: Executor,
  id: string,
  projectId: string | null,
): Promise<GroupSnapshotRecord> {
  if (!isUuid(id)) throw groupSnapshotNotFound(id);
  const rows = await query<GroupSnapshotRecord>(
    db,
    `select ${snapshotFields} from group_snapshots v where v.id = ?::uuid and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw groupSnapshotNotFound(id);
  return row;
}
