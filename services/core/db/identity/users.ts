// Users of the embedded identity service. The password hash leaves this folder only through findCredential, for the one
// place that checks passwords; no listing carries it.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import { refusingConflicts } from './conflict.js';

export interface UserRecord {
  readonly id: string;
  readonly domainId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly defaultProjectId: string | null;
  readonly description: string | null;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface Credential {
  readonly userId: string;
  readonly passwordHash: string | null;
  readonly defaultProjectId: string | null;
}

export interface UserFilter {
  readonly name?: string;
  readonly domainId?: string;
  readonly enabled?: boolean;
}

interface UserRow {
  id: string;
  domain_id: string;
  name: string;
  enabled: boolean;
  default_project_id: string | null;
  description: string | null;
  extra: Record<string, unknown>;
}

const columns = ['id', 'domain_id', 'name', 'enabled', 'default_project_id', 'description', 'extra'] as const;

function toRecord({ domain_id: domainId, default_project_id: defaultProjectId, ...rest }: UserRow): UserRecord {
  return { domainId, defaultProjectId, ...rest };
}

function toRow(record: Partial<Omit<UserRecord, 'id'>>): Record<string, unknown> {
  const { domainId, defaultProjectId, extra, ...plain } = record;
  return {
    ...plain,
    ...(domainId === undefined ? {} : { domain_id: domainId }),
    ...(defaultProjectId === undefined ? {} : { default_project_id: defaultProjectId }),
    ...(extra === undefined ? {} : { extra: JSON.stringify(extra) }),
  };
}

export async function listUsers(db: Executor, filter: UserFilter): Promise<UserRecord[]> {
  const rows: UserRow[] = await db('identity_users')
    .select(...columns)
    .where(toRow(filter))
    .orderBy('name');
  return rows.map(toRecord);
}

/** Throws `not_found` when there is none. */
export async function loadUser(db: Executor, id: string): Promise<UserRecord> {
  const row: UserRow | undefined = await db('identity_users')
    .where({ id })
    .first(...columns);
  if (row === undefined) throw new ServiceError('not_found', `Could not find user: ${id}.`);
  return toRecord(row);
}

/** How a login names its user: by id, or by name within a domain that is named by id or by name. */
export type UserReference =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

/** What a login needs of a user that may log in; null for unknown and disabled ones alike. */
export async function findCredential(db: Executor, user: UserReference): Promise<Credential | null> {
  const query = db('identity_users as u')
    .join('identity_domains as d', 'd.id', 'u.domain_id')
    .where({ 'u.enabled': true, 'd.enabled': true });
  if ('id' in user) void query.andWhere({ 'u.id': user.id });
  else {
    void query.andWhere({ 'u.name': user.name });
    void query.andWhere('id' in user.domain ? { 'd.id': user.domain.id } : { 'd.name': user.domain.name });
  }
  const row: { id: string; password_hash: string | null; default_project_id: string | null } | undefined =
    await query.first('u.id', 'u.password_hash', 'u.default_project_id');
  if (row === undefined) return null;
  return { userId: row.id, passwordHash: row.password_hash, defaultProjectId: row.default_project_id };
}

const nameTaken = 'Conflict occurred attempting to store user - Duplicate entry found with this name in the domain.';

export async function insertUser(db: Executor, user: UserRecord, passwordHash: string | null): Promise<UserRecord> {
  await refusingConflicts(nameTaken, `Could not find domain: ${user.domainId}.`, () =>
    db('identity_users').insert({ id: user.id, password_hash: passwordHash, ...toRow(user) }),
  );
  return user;
}

export type UserChange = Partial<Omit<UserRecord, 'id' | 'domainId'>> & { readonly passwordHash?: string | null };

/** Applies the change (extras are merged); a new password and disabling both end the user's tokens. */
export async function updateUser(tx: Transaction, id: string, change: UserChange): Promise<UserRecord> {
  const { extra, passwordHash, ...rest } = change;
  const patch = toRow(rest);
  if (passwordHash !== undefined) patch['password_hash'] = passwordHash;
  if (extra !== undefined && Object.keys(extra).length > 0) {
    patch['extra'] = tx.raw('extra || ?::jsonb', [JSON.stringify(extra)]);
  }
  if (Object.keys(patch).length > 0) {
    await refusingConflicts(nameTaken, 'Could not find the domain.', () =>
      tx('identity_users').where({ id }).update(patch),
    );
  }
  if (passwordHash !== undefined || change.enabled === false)
    await tx('identity_tokens').where({ user_id: id }).delete();
  return loadUser(tx, id);
}

/** Changes the password if it still is the one that was proven; returns whether it was. Ends the user's tokens. */
export async function changePassword(
  tx: Transaction,
  id: string,
  from: string | null,
  passwordHash: string,
): Promise<boolean> {
  const held: unknown = await tx('identity_users').where({ id, password_hash: from }).forUpdate().first('id');
  if (held === undefined) return false;
  await updateUser(tx, id, { passwordHash });
  return true;
}

export async function deleteUser(db: Executor, id: string): Promise<void> {
  const gone = await db('identity_users').where({ id }).delete();
  if (gone === 0) throw new ServiceError('not_found', `Could not find user: ${id}.`);
}
