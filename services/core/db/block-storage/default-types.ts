// The volume type that a project has chosen for volumes whose creator names none (3.62).
import { ServiceError } from '../../domain/errors.js';
import type { Database, Executor } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { pinType } from './volume-types.js';

export interface DefaultTypeRecord {
  readonly project_id: string;
  readonly volume_type_id: string;
}

export async function listDefaultTypes(db: Executor): Promise<DefaultTypeRecord[]> {
  return db('default_volume_types').orderBy('project_id').select('project_id', 'volume_type_id');
}

/** Throws `not_found` for a project without one. */
export async function loadDefaultType(db: Executor, projectId: string): Promise<DefaultTypeRecord> {
  const row: DefaultTypeRecord | undefined = await db('default_volume_types')
    .where({ project_id: projectId })
    .first('project_id', 'volume_type_id');
  if (row === undefined) throw new ServiceError('not_found', `Default type for project ${projectId} not found.`);
  return row;
}

/** `type` is an id or a name. Throws `bad_request` for a type that is not there, as Cinder does. */
export async function storeDefaultType(
  database: Database,
  projectId: string,
  type: string,
): Promise<DefaultTypeRecord> {
  return inTransaction(database, async (tx) => {
    const { id } = await pinType(tx, type, { isAdmin: true, byName: true }).catch((thrown: unknown) => {
      if (!(thrown instanceof ServiceError) || thrown.code !== 'not_found') throw thrown;
      throw new ServiceError('bad_request', thrown.message);
    });
    await tx('default_volume_types')
      .insert({ project_id: projectId, volume_type_id: id })
      .onConflict('project_id')
      .merge({ volume_type_id: id, updated_at: tx.raw('utc_now()') });
    return { project_id: projectId, volume_type_id: id };
  });
}

/** Back to everybody's default; a project without one of its own stays as it is. */
export async function deleteDefaultType(db: Executor, projectId: string): Promise<void> {
  await db('default_volume_types').where({ project_id: projectId }).delete();
}
