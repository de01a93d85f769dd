// Which role implies which, as it is stored: one row for one step, not what follows from several.
import type { Executor } from '../connection.js';

export interface ImpliedRole {
  readonly priorId: string;
  readonly priorName: string;
  readonly impliedId: string;
  readonly impliedName: string;
}

/** All of them, or those of one prior role. */
export async function listImpliedRoles(db: Executor, priorId?: string): Promise<ImpliedRole[]> {
  const query = db('identity_implied_roles as i')
    .join('identity_roles as p', 'p.id', 'i.prior_role_id')
    .join('identity_roles as r', 'r.id', 'i.implied_role_id')
    .orderBy(['p.name', 'r.name']);
  if (priorId !== undefined) void query.where({ 'p.id': priorId });
  return query.select({ priorId: 'p.id', priorName: 'p.name', impliedId: 'r.id', impliedName: 'r.name' });
}
