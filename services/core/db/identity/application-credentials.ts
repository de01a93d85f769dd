// Application credentials: what a user hands to a program instead of a password. Bound to one project and to roles the user has
// there; they end with the user, the project, and any role that is taken away (roles.ts), as in Keystone.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import { refusingConflicts } from './conflict.js';
import type { RoleRecord } from './roles.js';
import type { NamedId } from './tokens.js';
import type { UserReference } from './users.js';

export interface ApplicationCredentialRecord {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string;
  readonly name: string;
  readonly description: string | null;
  /** Naive UTC, as the database prints it; null: none. */
  readonly expiresAt: string | null;
  readonly unrestricted: boolean;
  /** As given, without what they imply. */
  readonly roles: readonly RoleRecord[];
}

const listSql = `
select c.id, c.user_id as "userId", c.project_id as "projectId", c.name, c.description, c.expires_at as "expiresAt", c.unrestricted,
  (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'description', r.description) order by r.name), '[]'::json)
     from identity_application_credential_roles l join identity_roles r on r.id = l.role_id
     where l.application_credential_id = c.id) as roles
from identity_application_credentials c
where c.user_id = ? and (?::text is null or c.id = ?) and (?::text is null or c.name = ?)
order by c.name`;

async function find(
  db: Executor,
  userId: string,
  { id = null, name = null }: { readonly id?: string | null; readonly name?: string | null },
): Promise<ApplicationCredentialRecord[]> {
  const values = [userId, id, id, name, name] as string[];
  const answer: { rows: ApplicationCredentialRecord[] } = await db.raw(listSql, values);
  return answer.rows;
}

export function listApplicationCredentials(
  db: Executor,
  userId: string,
  name: string | undefined,
): Promise<ApplicationCredentialRecord[]> {
  return find(db, userId, { name: name ?? null });
}

/** Throws `not_found` when the user has none of that id. */
export async function loadApplicationCredential(
  db: Executor,
  userId: string,
  id: string,
): Promise<ApplicationCredentialRecord> {
  const [credential] = await find(db, userId, { id });
  if (credential === undefined) throw notFound(id);
  return credential;
}

function notFound(id: string): ServiceError {
  return new ServiceError('not_found', `Could not find Application Credential: ${id}.`);
}

export interface NewApplicationCredential extends Omit<ApplicationCredentialRecord, 'roles'> {
  readonly roleIds: readonly string[];
  readonly secretHash: string;
}

const heldSql = `
with recursive held (role_id) as (
  select role_id from identity_assignments where user_id = ? and project_id = ?
  union
  select i.implied_role_id from held join identity_implied_roles i on i.prior_role_id = held.role_id
)
select r.id, r.name from held join identity_roles r on r.id = held.role_id`;

/**
 * Holds the user's roles in the project as they are until the transaction ends. Taking one away ends the application credentials that are
 * there (roles.ts); one made beside that would be missed, and come to life with a later grant.
 */
export async function pinRoles(tx: Transaction, userId: string, projectId: string): Promise<void> {
  await tx('identity_assignments').where({ user_id: userId, project_id: projectId }).forShare().select('role_id');
}

/** Roles of the user in the project, implied ones included. */
export async function listEffectiveRoles(db: Executor, userId: string, projectId: string): Promise<NamedId[]> {
  const answer: { rows: NamedId[] } = await db.raw(heldSql, [userId, projectId]);
  return answer.rows;
}

/** `roleIds` were checked by the caller in the same transaction. Throws `conflict` for a name the user has already. */
export async function insertApplicationCredential(
  tx: Transaction,
  credential: NewApplicationCredential,
): Promise<ApplicationCredentialRecord> {
  const { id, userId, projectId, name, description, expiresAt, unrestricted, roleIds, secretHash } = credential;
  await refusingConflicts(
    'Conflict occurred attempting to store application_credential - Duplicate entry found with this name.',
    'Could not find the user, the project or a role.',
    async () => {
      await tx('identity_application_credentials').insert({
        ...{ id, user_id: userId, project_id: projectId, name, description },
        ...{ expires_at: expiresAt, unrestricted, secret_hash: secretHash },
      });
      const lent = roleIds.map((roleId) => ({ application_credential_id: id, role_id: roleId }));
      await tx('identity_application_credential_roles').insert(lent);
    },
  );
  return loadApplicationCredential(tx, userId, id);
}

/** Its tokens go with it. Throws `not_found`. */
export async function deleteApplicationCredential(db: Executor, userId: string, id: string): Promise<void> {
  const gone = await db('identity_application_credentials').where({ id, user_id: userId }).delete();
  if (gone === 0) throw notFound(id);
}

/** How a login names its credential: by id, or by name with its user. */
export type ApplicationCredentialReference =
  | { readonly id: string }
  | { readonly name: string; readonly user: UserReference };

export interface ApplicationCredentialProof {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string;
  readonly secretHash: string;
}

/** What a login needs of a credential that may be used now; null for unknown, expired ones and those of disabled users alike. */
export async function findApplicationCredentialProof(
  db: Executor,
  credential: ApplicationCredentialReference,
): Promise<ApplicationCredentialProof | null> {
  const query = db('identity_application_credentials as c')
    .join('identity_users as u', 'u.id', 'c.user_id')
    .join('identity_domains as d', 'd.id', 'u.domain_id')
    .where({ 'u.enabled': true, 'd.enabled': true })
    .andWhereRaw('(c.expires_at is null or c.expires_at > utc_now())');
  if ('id' in credential) void query.andWhere({ 'c.id': credential.id });
  else {
    const { name, user } = credential;
    void query.andWhere({ 'c.name': name });
    if ('id' in user) void query.andWhere({ 'u.id': user.id });
    else {
      void query.andWhere({ 'u.name': user.name });
      void query.andWhere('id' in user.domain ? { 'd.id': user.domain.id } : { 'd.name': user.domain.name });
    }
  }
  const row: { id: string; user_id: string; project_id: string; secret_hash: string } | undefined = await query.first(
    'c.id',
    'c.user_id',
    'c.project_id',
    'c.secret_hash',
  );
  if (row === undefined) return null;
  return { id: row.id, userId: row.user_id, projectId: row.project_id, secretHash: row.secret_hash };
}
