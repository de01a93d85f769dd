// Backups as the API shows them.
import type { BackupStatus } from '../../domain/backup.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor, Transaction } from '../connection.js';
import { type Collection, countRows, listPage, type PageQuery } from './listing.js';
import { queryPrepared } from './prepared.js';

export interface BackupRecord {
  readonly id: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: BackupStatus;
  /** null: imported from where the volume is not known. */
  readonly volume_id: string | null;
  readonly snapshot_id: string | null;
  readonly parent_id: string | null;
  /** GiB */
  readonly size_gib: number;
  readonly container: string | null;
  readonly availability_zone: string | null;
  readonly service: string | null;
  readonly object_count: number;
  readonly manifest_sha256: string | null;
  readonly data_timestamp: string | null;
  readonly fail_reason: string | null;
  readonly encryption_key_id: string | null;
  /** The id that its objects have in the store: its own, or that of the backup whose record was imported. */
  readonly objects_of: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly has_dependents: boolean;
}

const fields = `v.id, v.project_id, v.user_id, v.name, v.description, v.status, v.volume_id, v.snapshot_id, v.parent_id, v.size_gib,
  v.container, v.availability_zone, v.service, v.object_count, v.manifest_sha256, v.data_timestamp, v.fail_reason, v.encryption_key_id,
  v.objects_of, v.metadata, v.created_at, v.updated_at, (exists (select 1 from backups d where d.parent_id = v.id)
    or exists (select 1 from backups d where d.needs @> array[v.objects_of]) and not exists (select 1 from backups o
      where o.objects_of = v.objects_of and o.id <> v.id and o.status not in ('deleting', 'error_deleting'))) as has_dependents`;

export const backupCollection: Collection = {
  from: 'from backups v',
  always: 'true',
  noun: 'Backup',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    display_name: { sql: 'v.name', type: 'text' },
    display_description: { sql: 'v.description', type: 'text' },
    status: { sql: 'v.status', type: 'text' },
    volume_id: { sql: 'v.volume_id', type: 'uuid' },
    snapshot_id: { sql: 'v.snapshot_id', type: 'uuid' },
    parent_id: { sql: 'v.parent_id', type: 'uuid' },
    size: { sql: 'v.size_gib', type: 'integer' },
    container: { sql: 'v.container', type: 'text' },
    availability_zone: { sql: 'v.availability_zone', type: 'text' },
    object_count: { sql: 'v.object_count', type: 'integer' },
    fail_reason: { sql: 'v.fail_reason', type: 'text' },
    host: { sql: 'v.backend_host', type: 'text' },
    service: { sql: 'v.service', type: 'text' },
    data_timestamp: { sql: 'v.data_timestamp', type: 'time' },
    user_id: { sql: 'v.user_id', type: 'text' },
    project_id: { sql: 'v.project_id', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listBackups(db: Executor, page: PageQuery): Promise<BackupRecord[]> {
  return listPage<BackupRecord>(db, backupCollection, fields, page);
}

export function countBackups(db: Executor, page: PageQuery): Promise<number> {
  return countRows(db, backupCollection, page);
}

export function backupNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Backup ${id.slice(0, 64)} could not be found.`);
}

/** Text of cinder/exception.py. */
export function invalidBackup(reason: string): ServiceError {
  return new ServiceError('bad_request', `Invalid backup: ${reason}`);
}

/** Throws `not_found`, also for another project's (null: any project). */
export async function loadBackup(db: Executor, id: string, projectId: string | null): Promise<BackupRecord> {
  if (!isUuid(id)) throw backupNotFound(id);
  const rows = await queryPrepared<BackupRecord>(
    db,
    'backup-show',
    `select ${fields} from backups v where v.id = ?::uuid and (?::text is null or v.project_id = ?::text)`,
    [id, projectId, projectId],
  );
  const row = rows[0];
  if (row === undefined) throw backupNotFound(id);
  return row;
}

/** The same, its row locked until the transaction ends. */
export async function lockBackup(tx: Transaction, id: string, projectId: string | null): Promise<BackupRecord> {
  if (!isUuid(id)) throw backupNotFound(id);
  await tx('backups').where({ id }).forUpdate().first('id');
  return loadBackup(tx, id, projectId);
}

/** Also those rows that have the same objects, so that what is said of them stays true until the transaction ends. */
export async function lockBackupObjects(tx: Transaction, id: string, projectId: string | null): Promise<BackupRecord> {
  if (!isUuid(id)) throw backupNotFound(id);
  const mine = tx('backups').where({ id }).select('objects_of');
  await tx('backups').where('objects_of', 'in', mine).orderBy('id').forUpdate().select('id');
  return loadBackup(tx, id, projectId);
}

export async function writeBackupRow(tx: Transaction, id: string, fieldsToSet: Record<string, unknown>): Promise<void> {
  await tx('backups')
    .where({ id })
    .update({ ...fieldsToSet, updated_at: tx.raw('utc_now()') });
}
