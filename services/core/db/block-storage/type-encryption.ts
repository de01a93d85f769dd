// Encryption records of volume types: what an administrator has written down, whatever it says, as in Cinder. Whether volumes can be encrypted so
// is judged when one is made (volume-encryption.ts). Texts: cinder/api/contrib/volume_type_encryption.py, cinder/exception.py.
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../domain/errors.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { isTypeUsed, lockType } from './type-change.js';
import { loadType } from './volume-types.js';

export interface EncryptionFields {
  readonly provider?: string;
  readonly control_location?: 'front-end' | 'back-end';
  readonly cipher?: string | null;
  /** Bits. */
  readonly key_size?: number | null;
}

export interface EncryptionRecord {
  readonly encryption_id: string;
  readonly volume_type_id: string;
  readonly provider: string;
  readonly control_location: 'front-end' | 'back-end';
  readonly cipher: string | null;
  /** Bits. */
  readonly key_size: number | null;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** null when the type has none. Throws `not_found` for the type. */
export async function loadEncryption(db: Executor, typeId: string): Promise<EncryptionRecord | null> {
  const type = await loadType(db, typeId, { isAdmin: true, byName: false });
  const row: EncryptionRecord | undefined = await db('volume_type_encryption')
    .where({ volume_type_id: type.id })
    .first('*');
  return row ?? null;
}

export function encryptionNotFound(typeId: string): ServiceError {
  return new ServiceError('not_found', `Volume type encryption for type ${typeId} does not exist.`);
}

async function demandUnused(tx: Transaction, typeId: string, deed: 'create' | 'update' | 'delete'): Promise<void> {
  if (!(await isTypeUsed(tx, typeId))) return;
  throw new ServiceError('bad_request', `Cannot ${deed} encryption specs. Volume type in use.`);
}

/** Returns the new record's id. Throws `not_found`, `bad_request` for a type in use or one that has a record. */
export async function createEncryption(
  database: Database,
  typeId: string,
  wanted: EncryptionFields & Required<Pick<EncryptionFields, 'provider' | 'control_location'>>,
): Promise<string> {
  const id = randomUUID();
  await inTransaction(database, async (tx) => {
    await lockType(tx, typeId);
    await demandUnused(tx, typeId, 'create');
    const present: unknown = await tx('volume_type_encryption')
      .where({ volume_type_id: typeId })
      .first('encryption_id');
    if (present !== undefined) {
      throw new ServiceError('bad_request', `Volume type encryption for type ${typeId} already exists.`);
    }
    await tx('volume_type_encryption').insert({ encryption_id: id, volume_type_id: typeId, ...wanted });
  });
  return id;
}

/** Throws `not_found` for the type or its record, `bad_request` for a type in use. */
export async function updateEncryption(database: Database, typeId: string, wanted: EncryptionFields): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockType(tx, typeId);
    await demandUnused(tx, typeId, 'update');
    const changed = await tx('volume_type_encryption')
      .where({ volume_type_id: typeId })
      .update({ ...wanted, updated_at: tx.raw('utc_now()') });
    if (changed === 0) throw encryptionNotFound(typeId);
  });
}

/** Throws `not_found` for the type or its record, `bad_request` for a type in use. */
export async function deleteEncryption(database: Database, typeId: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockType(tx, typeId);
    await demandUnused(tx, typeId, 'delete');
    const gone = await tx('volume_type_encryption').where({ volume_type_id: typeId }).delete();
    if (gone === 0) throw encryptionNotFound(typeId);
  });
}
