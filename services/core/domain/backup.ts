// Backups: their statuses (Cinder's words), from which status each intention may start, and what a container may be called.
// Source: cinder/objects/fields.py (BackupStatus) and cinder/backup/api.py.

export const backupStatuses = [
  'creating',
  'available',
  'deleting',
  'deleted',
  'restoring',
  'error',
  'error_deleting',
] as const;
export type BackupStatus = (typeof backupStatuses)[number];

export const backupAllowedFrom = {
  delete: ['available', 'error'],
  forceDelete: backupStatuses.filter((status) => status !== 'deleting' && status !== 'deleted'),
  restore: ['available'],
  export: ['available'],
  parent: ['available'],
} as const satisfies Record<string, readonly BackupStatus[]>;

/** What is backed up alike: blocks of this size are compared, named by their SHA-256 and stored, or left out when they are zeros. */
export const CHUNK_BYTES = 1024 ** 2;

export const DEFAULT_CONTAINER = 'volumebackups';

/**
 * One plain path component: it becomes a directory, or the first part of an object's name, in the backup store. No dot in front, so it can be
 * neither `.` nor `..` nor hidden; ASCII alone, so nothing looks alike.
 */
const containerPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

export function isContainerName(value: string): boolean {
  return containerPattern.test(value);
}
