// The record of a backup, to be kept where this database is not: base64 of JSON, as Cinder makes it, with what finds the backup in its store and
// proves it. A record that comes in is shaped by whoever sends it: closed schema, every name made anew, and the manifest in the store has the word.
import { DEFAULT_CONTAINER, isContainerName } from '../../domain/backup.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import { isStorable } from '../../domain/storable-text.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { demandBackupQuota } from './backup-quota.js';
import { type BackupRecord, invalidBackup, lockBackup } from './backup-rows.js';
import { demandBackupService } from './backup-services.js';
import type { Requester } from './requester.js';

/** Clients expect the names of Cinder's classes; records of earlier days say the kind of store. Source: cinder/backup/drivers. */
const serviceNames: Readonly<Record<string, string>> = {
  directory: 'cinder.backup.drivers.posix.PosixBackupDriver',
  s3: 'cinder.backup.drivers.s3.S3BackupDriver',
  swift: 'cinder.backup.drivers.swift.SwiftBackupDriver',
};
const VERSION = 1;
const MAX_TEXT = 255;
/** PostgreSQL's integer; far above any disk in GiB. */
const MAX_SIZE_GIB = 2 ** 31 - 1;

export interface ExportedRecord {
  readonly backup_service: string;
  readonly backup_url: string;
}

/** Throws `not_found`, `bad_request`, `service_unavailable`. */
export async function exportBackupRecord(database: Database, id: string, projectId: string | null) {
  return inTransaction(database, async (tx): Promise<ExportedRecord> => {
    const backup = await lockBackup(tx, id, projectId);
    if (backup.status !== 'available') {
      throw invalidBackup(`Backup status must be available and not ${backup.status}.`);
    }
    await demandBackupService(tx, { only: null, zone: backup.availability_zone });
    return { backup_service: serviceNames[backup.service ?? 'directory'] ?? '', backup_url: encodeRecord(backup) };
  });
}

function encodeRecord(backup: BackupRecord): string {
  const record = {
    version: VERSION,
    id: backup.id,
    stored_as: backup.objects_of,
    volume_id: backup.volume_id,
    snapshot_id: backup.snapshot_id,
    parent_id: backup.parent_id,
    display_name: backup.name,
    display_description: backup.description,
    size: backup.size_gib,
    container: backup.container,
    data_timestamp: backup.data_timestamp,
    metadata: backup.metadata,
    manifest_sha256: backup.manifest_sha256,
  };
  return Buffer.from(JSON.stringify(record), 'utf8').toString('base64');
}

interface ImportedRecord {
  readonly id: string;
  /** By which its objects are found. */
  readonly stored_as: string;
  readonly volume_id: string | null;
  readonly snapshot_id: string | null;
  readonly parent_id: string | null;
  readonly display_name: string | null;
  readonly display_description: string | null;
  readonly size: number;
  readonly container: string;
  readonly data_timestamp: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly manifest_sha256: string;
}

const knownKeys = [
  'version',
  'id',
  'stored_as',
  'volume_id',
  'snapshot_id',
  'parent_id',
  'display_name',
  'display_description',
  'size',
  'container',
  'data_timestamp',
  'metadata',
  'manifest_sha256',
];

function refuse(reason: string): ServiceError {
  return new ServiceError('bad_request', `Invalid input received: ${reason}`);
}

/** Throws `bad_request` and names the field. */
export function decodeRecord(url: string): ImportedRecord {
  if (!/^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(url)) throw refuse("Can't parse backup record.");
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(url, 'base64').toString('utf8'));
  } catch {
    throw refuse("Can't parse backup record.");
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse("Can't parse backup record.");
  const record = value as Record<string, unknown>;
  if (record['id'] === undefined) throw refuse('Provided backup record is missing an id');
  if (record['size'] === undefined) throw refuse('Provided backup record is missing size attribute');
  const unknown = Object.keys(record).find((key) => !knownKeys.includes(key));
  if (unknown !== undefined) throw refuse(`Provided backup record has an unknown attribute ${unknown.slice(0, 64)}`);
  if (record['version'] !== VERSION) throw refuse('Provided backup record is of another version');
  return {
    id: uuid(record, 'id'),
    stored_as: uuidOrNull(record, 'stored_as') ?? uuid(record, 'id'),
    volume_id: uuidOrNull(record, 'volume_id'),
    snapshot_id: uuidOrNull(record, 'snapshot_id'),
    parent_id: uuidOrNull(record, 'parent_id'),
    display_name: textOrNull(record, 'display_name'),
    display_description: textOrNull(record, 'display_description'),
    size: sizeOf(record),
    container: containerOf(record),
    data_timestamp: timeOrNull(record),
    metadata: metadataOf(record),
    manifest_sha256: hashOf(record),
  };
}

function bad(key: string): ServiceError {
  return refuse(`Provided backup record has an invalid ${key} attribute`);
}

function uuid(record: Record<string, unknown>, key: string): string {
  const value = record[key];
  if (isUuid(value)) return value;
  throw bad(key);
}

function uuidOrNull(record: Record<string, unknown>, key: string): string | null {
  return (record[key] ?? null) === null ? null : uuid(record, key);
}

/** Escapes within the base64 have met none of the checks of a request's body. */
function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT && isStorable(value);
}

function textOrNull(record: Record<string, unknown>, key: string): string | null {
  const value = record[key] ?? null;
  if (value === null || isPlainText(value)) return value;
  throw bad(key);
}

function sizeOf(record: Record<string, unknown>): number {
  const value = record['size'];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SIZE_GIB) return value;
  throw bad('size');
}

function containerOf(record: Record<string, unknown>): string {
  const value = record['container'] ?? DEFAULT_CONTAINER;
  if (typeof value === 'string' && isContainerName(value)) return value;
  throw bad('container');
}

const timePattern = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?$/;

/** JavaScript knows a 31st of February, and a year 0; PostgreSQL knows neither. */
function isMoment(text: string): boolean {
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.getUTCFullYear() >= 1 && time.toISOString().startsWith(text);
}

function timeOrNull(record: Record<string, unknown>): string | null {
  const value = record['data_timestamp'] ?? null;
  if (value === null) return null;
  if (typeof value === 'string' && timePattern.test(value) && isMoment(value.slice(0, 19).replace(' ', 'T')))
    return value;
  throw bad('data_timestamp');
}

function hashOf(record: Record<string, unknown>): string {
  const value = record['manifest_sha256'];
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw bad('manifest_sha256');
}

function metadataOf(record: Record<string, unknown>): Record<string, string> {
  const value = record['metadata'] ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('metadata');
  const entries = Object.entries(value as Record<string, unknown>);
  const clean = entries.every(
    ([key, text]) => key.length > 0 && key !== '__proto__' && isPlainText(key) && isPlainText(text),
  );
  if (!clean) throw bad('metadata');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Whoever has the same objects keeps them; its row is locked, so that nobody begins to remove them before the new row is seen. */
async function demandObjectsStay(tx: Transaction, { stored_as }: ImportedRecord): Promise<void> {
  const holders: { id: string; status: string }[] = await tx('backups')
    .where({ objects_of: stored_as })
    .orderBy('id')
    .forUpdate()
    .select('id', 'status');
  const going = holders.find(({ status }) => ['deleting', 'error_deleting'].includes(status));
  if (going !== undefined) throw invalidBackup(`The objects of the record go with backup ${going.id}.`);
}

/** Returns the id of the backup, `creating` until its manifest was read. Throws `bad_request`, `over_quota`, `service_unavailable`. */
export async function importBackupRecord(
  database: Database,
  { backup_service: service, backup_url: url }: ExportedRecord,
  who: Requester,
): Promise<string> {
  const kind = Object.keys(serviceNames).find((one) => one === service || serviceNames[one] === service);
  if (kind === undefined) {
    throw new ServiceError('service_unavailable', `Service ${service.slice(0, MAX_TEXT)} could not be found.`);
  }
  const record = decodeRecord(url);
  demandBoundedMetadata('metadata', {}, record.metadata);
  return inTransaction(database, async (tx) => {
    await demandBackupQuota(tx, who.projectId, record.size);
    const present: unknown = await tx('backups').where({ id: record.id }).first('id');
    if (present !== undefined) throw invalidBackup('Backup already exists in database.');
    await demandObjectsStay(tx, record);
    const backendHost = await demandBackupService(tx, { only: null, zone: null });
    const parent: unknown =
      record.parent_id === null
        ? undefined
        : await tx('backups').where({ id: record.parent_id, project_id: who.projectId }).forShare().first('id');
    const added: { id: string }[] = await tx('backups')
      .insert({
        id: record.id,
        project_id: who.projectId,
        user_id: who.userId,
        name: record.display_name,
        description: record.display_description,
        status: 'creating',
        volume_id: record.volume_id,
        snapshot_id: record.snapshot_id,
        parent_id: parent === undefined ? null : record.parent_id,
        size_gib: record.size,
        container: record.container,
        backend_host: backendHost,
        service: kind,
        stored_as: record.stored_as === record.id ? null : record.stored_as,
        manifest_sha256: record.manifest_sha256,
        data_timestamp: record.data_timestamp,
        metadata: JSON.stringify(record.metadata),
        objects_seen: false,
      })
      .onConflict('id')
      .ignore()
      .returning('id');
    if (added.length === 0) throw invalidBackup('Backup already exists in database.');
    await acceptOperation(tx, {
      type: 'backup-verify',
      params: { backupId: record.id, deep: false },
      projectId: who.projectId,
      userId: who.userId,
      requestId: who.requestId,
    });
    return record.id;
  });
}
