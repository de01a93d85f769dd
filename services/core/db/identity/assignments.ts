// The listing of role assignments with the names of everything in them, in one statement.
// `effective` adds implied roles; names are always read, the caller shows them on request.
import type { Executor } from '../connection.js';

export interface AssignmentFilter {
  readonly userId?: string;
  readonly roleId?: string;
  readonly projectId?: string;
  readonly domainId?: string;
}

export interface AssignmentRecord {
  readonly roleId: string;
  readonly roleName: string;
  readonly userId: string;
  readonly userName: string;
  readonly userDomainId: string;
  readonly userDomainName: string;
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly projectDomainId: string | null;
  readonly projectDomainName: string | null;
  readonly domainId: string | null;
  readonly domainName: string | null;
}

const sql = `
with recursive held as (
  select user_id, project_id, domain_id, role_id from identity_assignments
  union
  select h.user_id, h.project_id, h.domain_id, i.implied_role_id
    from held h join identity_implied_roles i on i.prior_role_id = h.role_id
    where ?::boolean
)
select r.id as "roleId", r.name as "roleName", u.id as "userId", u.name as "userName",
  ud.id as "userDomainId", ud.name as "userDomainName", p.id as "projectId", p.name as "projectName",
  pd.id as "projectDomainId", pd.name as "projectDomainName", d.id as "domainId", d.name as "domainName"
from held h
join identity_roles r on r.id = h.role_id
join identity_users u on u.id = h.user_id
join identity_domains ud on ud.id = u.domain_id
left join identity_projects p on p.id = h.project_id
left join identity_domains pd on pd.id = p.domain_id
left join identity_domains d on d.id = h.domain_id
where (?::text is null or u.id = ?) and (?::text is null or r.id = ?)
  and (?::text is null or p.id = ?) and (?::text is null or d.id = ?)
order by u.name, p.name nulls last, d.name nulls last, r.name`;

export async function listAssignments(
  db: Executor,
  filter: AssignmentFilter,
  effective: boolean,
): Promise<AssignmentRecord[]> {
  const wanted = [filter.userId, filter.roleId, filter.projectId, filter.domainId].flatMap((value) => [
    value ?? null,
    value ?? null,
  ]);
  const answer: { rows: AssignmentRecord[] } = await db.raw(sql, [effective, ...wanted] as (string | boolean)[]);
  return answer.rows;
}
