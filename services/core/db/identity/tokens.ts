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
  readonly remainingMs: number;
}

// Expiry is cut to whole seconds, because that is what clients are told. Rows long expired go in passing, a few at a time.
const insertSql = `
with swept as (
  delete from identity_tokens where token_hash in (
    select token_hash from identity_tokens where expires_at < utc_now() limit 20 for update skip locked)
)
insert into identity_tokens (token_hash, user_id, project_id, domain_id, methods, audit_ids, issued_at, expires_at)
select ?::bytea, ?::text, ?::text, ?::text, ?::jsonb, ?::jsonb, date_trunc('second', utc_now()), life.ends
from (select case when ?::bytea is null then date_trunc('second', utc_now()) + ? * interval '1 second'
  else (select expires_at from identity_tokens where token_hash = ?::bytea) end as ends) life
where life.ends > utc_now()`;

/** Stores the token; false when its parent is gone or expired. */
export async function insertToken(db: Executor, token: NewToken): Promise<boolean> {
  const answer: { rowCount: number } = await db.raw(insertSql, [
    token.tokenHash,
    token.userId,
    token.projectId as string,
    token.domainId as string,
    JSON.stringify(token.methods),
    JSON.stringify(token.auditIds),
    token.parentHash as Buffer,
    token.lifetimeSeconds,
    token.parentHash as Buffer,
  ]);
  return answer.rowCount === 1;
}

const findSql = `
with recursive token as (
  select t.* from identity_tokens t where t.token_hash = ? and t.expires_at > utc_now()
), held (role_id) as (
  select a.role_id from identity_assignments a join token t
    on a.user_id = t.user_id and (a.project_id = t.project_id or a.domain_id = t.domain_id)
  union
  select i.implied_role_id from held join identity_implied_roles i on i.prior_role_id = held.role_id
)
select t.methods, t.audit_ids, t.issued_at, t.expires_at,
  extract(epoch from t.expires_at - utc_now()) * 1000 as remaining_ms,
  json_build_object('id', u.id, 'name', u.name, 'domain', json_build_object('id', ud.id, 'name', ud.name)) as "user",
  case when p.id is not null then
    json_build_object('id', p.id, 'name', p.name, 'domain', json_build_object('id', pd.id, 'name', pd.name)) end as project,
  case when d.id is not null then json_build_object('id', d.id, 'name', d.name) end as domain,
  (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) order by r.name), '[]'::json)
     from held join identity_roles r on r.id = held.role_id) as roles
from token t
join identity_users u on u.id = t.user_id and u.enabled
join identity_domains ud on ud.id = u.domain_id and ud.enabled
left join identity_projects p on p.id = t.project_id and p.enabled
left join identity_domains pd on pd.id = p.domain_id and pd.enabled
left join identity_domains d on d.id = t.domain_id and d.enabled
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
}

/** The token's facts as they are now; null when it is unknown, expired, revoked, or its user or scope can no longer be used. */
export async function findToken(db: Executor, tokenHash: Buffer): Promise<TokenFacts | null> {
  const answer: { rows: TokenRow[] } = await db.raw(findSql, [tokenHash]);
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
