// Roles and who has them where. Assignments are stored as given; what a role implies is expanded when it is asked for, so
// that a changed implication holds at once for tokens that exist already.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import { refusingConflicts } from './conflict.js';

export interface RoleRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
}

/** Where a role holds. */
export type Scope = { readonly projectId: string } | { readonly domainId: string };

const columns = ['id', 'name', 'description'] as const;

export async function listRoles(db: Executor, filter: { readonly name?: string }): Promise<RoleRecord[]> {
  return db('identity_roles')
    .select(...columns)
    .where({ ...filter })
    .orderBy('name');
}

/** Throws `not_found` when there is none. */
export async function loadRole(db: Executor, id: string): Promise<RoleRecord> {
  const row: RoleRecord | undefined = await db('identity_roles')
    .where({ id })
    .first(...columns);
  if (row === undefined) throw new ServiceError('not_found', `Could not find role: ${id}.`);
  return row;
}

const nameTaken = 'Conflict occurred attempting to store role - Duplicate entry found with this name.';

export async function insertRole(db: Executor, role: RoleRecord): Promise<RoleRecord> {
  await refusingConflicts(nameTaken, 'Could not find the role.', () => db('identity_roles').insert({ ...role }));
  return role;
}

export type RoleChange = Partial<Omit<RoleRecord, 'id'>>;

export async function updateRole(db: Executor, id: string, change: RoleChange): Promise<RoleRecord> {
  if (Object.keys(change).length > 0) {
    await refusingConflicts(nameTaken, 'Could not find the role.', () =>
      db('identity_roles')
        .where({ id })
        .update({ ...change }),
    );
  }
  return loadRole(db, id);
}

/** Application credentials that lend the role end with it: they would silently lend less than they were made for. */
export async function deleteRole(tx: Transaction, id: string): Promise<void> {
  const lenders = tx('identity_application_credential_roles')
    .where({ role_id: id })
    .select('application_credential_id');
  await tx('identity_application_credentials').whereIn('id', lenders).delete();
  const gone = await tx('identity_roles').where({ id }).delete();
  if (gone === 0) throw new ServiceError('not_found', `Could not find role: ${id}.`);
}

function scopeColumns(scope: Scope): Record<string, string> {
  return 'projectId' in scope ? { project_id: scope.projectId } : { domain_id: scope.domainId };
}

/** Roles given directly (not implied ones). */
export async function listGrantedRoles(db: Executor, userId: string, scope: Scope): Promise<RoleRecord[]> {
  return db('identity_roles')
    .select(...columns)
    .whereIn(
      'id',
      db('identity_assignments')
        .where({ user_id: userId, ...scopeColumns(scope) })
        .select('role_id'),
    )
    .orderBy('name');
}

/** Gives the role; giving it twice is fine. Throws `not_found` for an unknown role, user, project or domain. */
export async function grantRole(db: Executor, userId: string, scope: Scope, roleId: string): Promise<void> {
  await refusingConflicts('', 'Could not find the role, the user or the scope.', () =>
    db('identity_assignments')
      .insert({ user_id: userId, role_id: roleId, ...scopeColumns(scope) })
      .onConflict(
        db.raw(
          `(user_id, ${'projectId' in scope ? 'project_id' : 'domain_id'}, role_id) where ${'projectId' in scope ? 'project_id' : 'domain_id'} is not null`,
        ),
      )
      .ignore(),
  );
}

export async function hasRoleGrant(db: Executor, userId: string, scope: Scope, roleId: string): Promise<boolean> {
  const row: unknown = await db('identity_assignments')
    .where({ user_id: userId, role_id: roleId, ...scopeColumns(scope) })
    .first('role_id');
  return row !== undefined;
}

/**
 * Takes the role away; false when the user did not have it. The user's application credentials for the project end with any role
 * taken away there, whichever they lend (Keystone does so: a later grant must not bring them back to life).
 */
export async function revokeRole(tx: Transaction, userId: string, scope: Scope, roleId: string): Promise<boolean> {
  const gone = await tx('identity_assignments')
    .where({ user_id: userId, role_id: roleId, ...scopeColumns(scope) })
    .delete();
  if (gone > 0 && 'projectId' in scope) {
    await tx('identity_application_credentials').where({ user_id: userId, project_id: scope.projectId }).delete();
  }
  return gone > 0;
}
