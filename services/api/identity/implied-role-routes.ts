// Implied roles, read only: who has admin has manager, member and reader as well. What policy means rests on these, so they are made
// with the schema and not changed through the API.
import type { Executor } from '../../core/db/connection.js';
import { type ImpliedRole, listImpliedRoles } from '../../core/db/identity/implied-roles.js';
import { loadRole, type RoleRecord } from '../../core/db/identity/roles.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { IdentityApi } from './identity-api.js';
import { selfLink } from './views.js';

const impliesPath = '/v3/roles/{role_id}/implies';

function party(id: string, name: string, identityUrl: string) {
  return { id, name, links: selfLink(identityUrl, `roles/${id}`) };
}

function viewInference(prior: { id: string; name: string }, implied: readonly ImpliedRole[], identityUrl: string) {
  return {
    prior_role: party(prior.id, prior.name, identityUrl),
    implies: implied.map((one) => party(one.impliedId, one.impliedName, identityUrl)),
  };
}

/** Throws `not_found` when the one does not imply the other, or either does not exist. */
async function demandImplied(database: Executor, roleId: string, impliedId: string): Promise<[RoleRecord, RoleRecord]> {
  const [role, implied] = [await loadRole(database, roleId), await loadRole(database, impliedId)];
  const all = await listImpliedRoles(database, role.id);
  if (!all.some((one) => one.impliedId === implied.id)) {
    throw new ServiceError('not_found', `Role ${role.id} does not imply ${implied.id}.`);
  }
  return [role, implied];
}

export function impliedRoleRoutes({ database, identityUrl }: IdentityApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/role_inferences',
      operationId: 'identityListRoleInferences',
      policy: 'role:list',
      success: 200,
      handler: async () => {
        const all = await listImpliedRoles(database);
        const priors = new Map(all.map((one) => [one.priorId, one.priorName]));
        const inferences = [...priors].map(([id, name]) => {
          const implied = all.filter((one) => one.priorId === id);
          return viewInference({ id, name }, implied, identityUrl);
        });
        return { body: { role_inferences: inferences } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: impliesPath,
      operationId: 'identityListImpliedRoles',
      policy: 'role:list',
      success: 200,
      handler: async (_context, { param }) => {
        const role = await loadRole(database, param('role_id'));
        const implied = await listImpliedRoles(database, role.id);
        const links = selfLink(identityUrl, `roles/${role.id}/implies`);
        return { body: { role_inference: viewInference(role, implied, identityUrl), links } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${impliesPath}/{implied_role_id}`,
      operationId: 'identityShowImpliedRole',
      policy: 'role:list',
      success: 200,
      handler: async (_context, { param }) => {
        const [role, implied] = await demandImplied(database, param('role_id'), param('implied_role_id'));
        const links = selfLink(identityUrl, `roles/${role.id}/implies/${implied.id}`);
        const inference = {
          prior_role: party(role.id, role.name, identityUrl),
          implies: party(implied.id, implied.name, identityUrl),
        };
        return { body: { role_inference: inference, links } };
      },
    }),
    defineRoute({
      method: 'HEAD',
      path: `${impliesPath}/{implied_role_id}`,
      operationId: 'identityCheckImpliedRole',
      policy: 'role:list',
      success: 204,
      handler: async (_context, { param }) => {
        await demandImplied(database, param('role_id'), param('implied_role_id'));
        return {};
      },
    }),
  ];
}
