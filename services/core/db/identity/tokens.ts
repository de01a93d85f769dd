// Tokens: opaque secrets, kept as SHA-256. One row answers everything a request needs, and it is read together with what may
// have ended the token meanwhile: user, project or domain disabled or gone, roles taken away. A signed token would need the
// same read for the same reasons, so signing would add a key to guard and save nothing.
//
// All times are the database's. `remainingMs` is what callers may use with their own monotonic clocks.
import type { Executor } from '../connection.js';

export interface NewToken {
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  /** Ends with that token instead of after `lifetimeSeconds`: a token got from a token never lives longer. */
  readonly parentHash: Buffer | null;
  readonly lifetimeSeconds: number;
  /** Lends its roles, and ends the token when it ends. */
  readonly applicationCredentialId: string | null;
  /** The stored text that the given password fitted; null: it was not by a password. */
  readonly passwordHash: string | null;
}

export interface NamedId {
  readonly id: string;
  readonly name: string;
}

export interface TokenFacts {
  readonly user: NamedId & { readonly domain: NamedId };
  readonly project: (NamedId & { readonly domain: NamedId }) | null;
  readonly domain: NamedId | null;
  /** Implied roles included, by name; never empty for a scoped token, always empty for an unscoped one. */
  readonly roles: readonly NamedId[];
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  /** Naive UTC, as the database prints it. */
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** Negative for one that is accepted after its expiry. */
  readonly remainingMs: number;
  readonly applicationCredential: ApplicationCredentialFacts | null;
}

export interface ApplicationCredentialFacts extends NamedId {
  /** True: the token must not manage further credentials. */
  readonly restricted: boolean;
}

// Expiry is cut to whole seconds, because that is what clients are told. Rows that expired longer ago than a service may still
// ask for go in passing, a few at a time.
//
// Race: checking a password takes a while, in which its owner may change it because it is stolen; the change ends the user's tokens. So
// the user's row is held for share and must still have the password: either no token is stored, or the change waits and then ends it.
const insertSql = `
with swept as (
  delete from identity_tokens where token_hash in (
    select token_hash from identity_tokens where expires_at < utc_now() - ? * interval '1 second' limit 20 for update skip locked)
), proven as (
  select id from identity_users where id = ? and (?::text is null or password_hash = ?) for share
)
insert into identity_tokens
  (token_hash, application_credential_id, user_id, project_id, domain_id, methods, audit_ids, issued_at, expires_at)
select ?::bytea, ?::text, ?::text, ?::text, ?::text, ?::jsonb, ?::jsonb, date_trunc('second', utc_now()), life.ends
from (select least(
  (select date_trunc('second', expires_at) from identity_application_credentials where id = ?::text),
  case when ?::bytea is null then date_trunc('second', utc_now()) + ? * interval '1 second'
    else coalesce((select expires_at from identity_tokens where token_hash = ?::bytea), '-infinity') end) as ends) life, proven
where life.ends > utc_now()`;

/**
 * Stores the token; false when its parent is gone or expired, or the password another one by now. `keepExpiredSeconds`: how long an expired token may still be asked
 * for (findToken), so that older rows can go.
 */
export async function insertToken(db: Executor, token: NewToken, keepExpiredSeconds: number): Promise<boolean> {
  const answer: { rowCount: number } = await db.raw(insertSql, [
    keepExpiredSeconds,
    ...[token.userId, token.passwordHash as string, token.passwordHash as string],
    token.tokenHash,
    token.applicationCredentialId as string,
    token.userId,
    token.projectId as string,
    token.domainId as string,
    JSON.stringify(token.methods),
    JSON.stringify(token.auditIds),
    token.applicationCredentialId as string,
    token.parentHash as Buffer,
    token.lifetimeSeconds,
    token.parentHash as Buffer,
  ]);
  return answer.rowCount === 1;
}

const findSql = `
with recursive token as (
  select t.* from identity_tokens t
  where t.token_hash = ? and t.expires_at > utc_now() - ? * interval '1 second'
), held (role_id) as (
  select a.role_id from identity_assignments a join token t
    on a.user_id = t.user_id and (a.project_id = t.project_id or a.domain_id = t.domain_id)
  union
  select i.implied_role_id from held join identity_implied_roles i on i.prior_role_id = held.role_id
), lent (role_id) as (
  select l.role_id from identity_application_credential_roles l join token t
    on t.application_credential_id = l.application_credential_id
  union
  select i.implied_role_id from lent join identity_implied_roles i on i.prior_role_id = lent.role_id
)
select t.methods, t.audit_ids, t.issued_at, t.expires_at,
  extract(epoch from t.expires_at - utc_now()) * 1000 as remaining_ms,
  json_build_object('id', u.id, 'name', u.name, 'domain', json_build_object('id', ud.id, 'name', ud.name)) as "user",
  case when p.id is not null then
    json_build_object('id', p.id, 'name', p.name, 'domain', json_build_object('id', pd.id, 'name', pd.name)) end as project,
  case when d.id is not null then json_build_object('id', d.id, 'name', d.name) end as domain,
  (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) order by r.name), '[]'::json)
     from held join identity_roles r on r.id = held.role_id
     where t.application_credential_id is null or held.role_id in (select role_id from lent)) as roles,
  case when c.id is not null then
    json_build_object('id', c.id, 'name', c.name, 'restricted', not c.unrestricted) end as application_credential
from token t
join identity_users u on u.id = t.user_id and u.enabled
join identity_domains ud on ud.id = u.domain_id and ud.enabled
left join identity_projects p on p.id = t.project_id and p.enabled
left join identity_domains pd on pd.id = p.domain_id and pd.enabled
left join identity_domains d on d.id = t.domain_id and d.enabled
left join identity_application_credentials c on c.id = t.application_credential_id
where (t.project_id is null or pd.id is not null) and (t.domain_id is null or d.id is not null)`;

interface TokenRow {
  readonly methods: string[];
  readonly audit_ids: string[];
  readonly issued_at: string;
  readonly expires_at: string;
  readonly remaining_ms: string | number;
  readonly user: TokenFacts['user'];
  readonly project: TokenFacts['project'];
  readonly domain: TokenFacts['domain'];
  readonly roles: NamedId[];
  readonly application_credential: ApplicationCredentialFacts | null;
}

/**
 * The token's facts as they are now; null when it is unknown, expired longer ago than `expiredSeconds` (default: at all), revoked,
 * or its user or scope can no longer be used.
 */
export async function findToken(db: Executor, tokenHash: Buffer, expiredSeconds = 0): Promise<TokenFacts | null> {
  const answer: { rows: TokenRow[] } = await db.raw(findSql, [tokenHash, expiredSeconds]);
  const row = answer.rows[0];
  if (row === undefined) return null;
  const scoped = row.project !== null || row.domain !== null;
  if (scoped && row.roles.length === 0) return null;
  return {
    user: row.user,
    project: row.project,
    domain: row.domain,
    roles: row.roles,
    methods: row.methods,
    auditIds: row.audit_ids,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    remainingMs: Number(row.remaining_ms),
    applicationCredential: row.application_credential,
  };
}

/** Revokes the token; false when there was none. */
export async function deleteToken(db: Executor, tokenHash: Buffer): Promise<boolean> {
  return (await db('identity_tokens').where({ token_hash: tokenHash }).delete()) > 0;
}

/** How a login names the project it wants. */
export type ProjectReference =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

/** The id of an enabled project; null when there is none. */
export async function findProjectId(db: Executor, project: ProjectReference): Promise<string | null> {
  const query = db('identity_projects as p')
    .join('identity_domains as d', 'd.id', 'p.domain_id')
    .where({ 'p.enabled': true, 'd.enabled': true });
  if ('id' in project) void query.andWhere({ 'p.id': project.id });
  else {
    void query.andWhere({ 'p.name': project.name });
    void query.andWhere('id' in project.domain ? { 'd.id': project.domain.id } : { 'd.name': project.domain.name });
  }
  const row: { id: string } | undefined = await query.first('p.id');
  return row?.id ?? null;
}

/** The id of an enabled domain; null when there is none. */
export async function findDomainId(
  db: Executor,
  domain: { readonly id: string } | { readonly name: string },
): Promise<string | null> {
  const row: { id: string } | undefined = await db('identity_domains')
    .where({ ...domain, enabled: true })
    .first('id');
  return row?.id ?? null;
}
