// Which projects may use a private volume type. Texts: cinder/exception.py and cinder/volume/volume_types.py.
import { ServiceError } from '../../domain/errors.js';
import type { Database, Executor } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { lockType } from './type-change.js';
import { loadType } from './volume-types.js';

/** Ids of the projects with access, in order. Throws `not_found`, also for a public type: it has no such list. */
export async function listTypeAccess(db: Executor, typeId: string): Promise<string[]> {
  const type = await loadType(db, typeId, { isAdmin: true, byName: false });
  if (type.is_public) {
    throw new ServiceError('not_found', 'Access list not available for public volume types.');
  }
  const rows: { project_id: string }[] = await db('volume_type_access')
    .where({ volume_type_id: type.id })
    .orderBy('project_id')
    .select('project_id');
  return rows.map((row) => row.project_id);
}

function refusePublic(type: { readonly is_public: boolean }): void {
  if (!type.is_public) return;
  throw new ServiceError(
    'bad_request',
    'Invalid volume type: Type access modification is not applicable to public volume type.',
  );
}

/** Throws `not_found`, `bad_request` for a public type, `conflict` for a project that has access already. */
export async function addTypeAccess(database: Database, typeId: string, projectId: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, typeId);
    refusePublic(type);
    const added: unknown[] = await tx('volume_type_access')
      .insert({ volume_type_id: type.id, project_id: projectId })
      .onConflict(['volume_type_id', 'project_id'])
      .ignore()
      .returning('project_id');
    if (added.length > 0) return;
    throw new ServiceError('conflict', `Volume type access for ${type.id} / ${projectId} combination already exists.`);
  });
}

/** Volumes that the project has made stay. Throws `not_found`, `bad_request` for a public type. */
export async function removeTypeAccess(database: Database, typeId: string, projectId: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, typeId);
    refusePublic(type);
    const removed = await tx('volume_type_access').where({ volume_type_id: type.id, project_id: projectId }).delete();
    if (removed > 0) return;
    throw new ServiceError('not_found', `Volume type access not found for ${type.id} / ${projectId} combination.`);
  });
}
