// Where the objects of backups are kept. An object belongs to one backup, is written once and whole, and is found again by names that are made
// here and never believed when somebody else tells them.
//
// Rules for every target:
// - an object that can be read is complete and durable: `put` resolves only then, and one that was cut off is not seen;
// - `put` of a name that is there replaces it;
// - errors: `backup_target_offline`-like trouble is `backend_offline` (retry later), `no_space`, `not_found` (get), `bad_request` (names).
import { isContainerName } from '../../services/core/domain/backup.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { isUuid } from '../../services/core/domain/ids.js';

/** One backup's part of the store. */
export interface BackupPlace {
  readonly container: string;
  readonly backupId: string;
}

export interface BackupTarget {
  /** The kind of store, as it is told in exported records. */
  readonly kind: 'directory' | 's3' | 'swift';
  put(place: BackupPlace, name: string, bytes: Uint8Array): Promise<void>;
  /** No more than `maxBytes` is ever held: a longer one is `hostile_image`. */
  get(place: BackupPlace, name: string, maxBytes: number): Promise<Buffer>;
  /** Names of the backup's objects, sorted. */
  list(place: BackupPlace): Promise<readonly string[]>;
  /** Removes all objects of the backup; none is success. */
  removeAll(place: BackupPlace): Promise<void>;
}

const objectPattern = /^(?:manifest|object-\d{6})$/;

/** Every target asks this first. Throws `bad_request`. */
export function requirePlace({ container, backupId }: BackupPlace, name?: string): void {
  const ok = isContainerName(container) && isUuid(backupId) && (name === undefined || objectPattern.test(name));
  if (!ok) throw new ServiceError('bad_request', 'The name of a container or object of a backup is unacceptable.');
}

export const manifestName = 'manifest';

export function objectName(number: number): string {
  return `object-${String(number).padStart(6, '0')}`;
}

export function tryObjectNumber(name: string): number | null {
  return name.startsWith('object-') ? Number(name.slice('object-'.length)) : null;
}

export function objectTooLong(name: string): ServiceError {
  return new ServiceError('hostile_image', 'The backup is damaged: an object is not what was stored.', {
    context: { name, what: 'longer than any object of a backup' },
  });
}

export function objectMissing(name: string): ServiceError {
  return new ServiceError('not_found', 'An object of the backup is missing.', { context: { name } });
}
