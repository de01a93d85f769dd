// Snapshots as the API shows them. Those that the service makes for a clone are never shown.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { SnapshotStatus } from '../../domain/snapshot.js';
import type { Executor } from '../connection.js';
import { type Collection, countRows, listPage, type PageQuery } from './listing.js';
import { queryPrepared } from './prepared.js';

export interface SnapshotRecord {
  readonly id: string;
  readonly volume_id: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly name: string | null;
  readonly description: string | null;
  /** GiB */
  readonly size_gib: number;
  readonly status: SnapshotStatus;
  /** `0%` to `100%` */
  readonly progress: string;
  readonly group_snapshot_id: string | null;
  readonly consumes_quota: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string | null;
}

const fields = `v.id, v.volume_id, v.project_id, v.user_id, v.name, v.description, v.size_gib, v.status, v.progress,
  v.group_snapshot_id, v.consumes_quota, v.metadata, v.created_at, v.updated_at`;

export const snapshotCollection: Collection = {
  from: 'from snapshots v join volumes o on o.id = v.volume_id',
  always: 'not v.internal',
  noun: 'Snapshot',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    display_name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    display_description: { sql: 'v.description', type: 'text' },
    status: { sql: 'v.status', type: 'text' },
    volume_id: { sql: 'v.volume_id', type: 'uuid' },
    volume_size: { sql: 'v.size_gib', type: 'integer' },
    size: { sql: 'v.size_gib', type: 'integer' },
    progress: { sql: 'v.progress', type: 'text' },
    availability_zone: { sql: 'o.availability_zone', type: 'text' },
    group_snapshot_id: { sql: 'v.group_snapshot_id', type: 'uuid' },
    metadata: { sql: 'v.metadata', type: 'json' },
    consumes_quota: { sql: 'v.consumes_quota', type: 'boolean' },
    user_id: { sql: 'v.user_id', type: 'text' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listSnapshots(db: Executor, page: PageQuery): Promise<SnapshotRecord[]> {
  return listPage<SnapshotRecord>(db, snapshotCollection, fields, page);
}

export function countSnapshots(db: Executor, page: PageQuery): Promise<number> {
  return countRows(db, snapshotCollection, page);
}

export function snapshotNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Snapshot ${id.slice(0, 64)} could not be found.`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadSnapshot(db: Executor, id: string, projectId: string | null): Promise<SnapshotRecord> {
  if (!isUuid(id)) throw snapshotNotFound(id);
  const rows = await queryPrepared<SnapshotRecord>(
    db,
    'snapshot-show',
    `select ${fields} from snapshots v where v.id = ?::uuid and not v.internal and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw snapshotNotFound(id);
  return row;
}
