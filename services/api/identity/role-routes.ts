// Roles: list, create, show, update, delete. The roles that policy speaks of are immutable, as Keystone's bootstrap makes them:
// renaming one would silently change who may do what.

import type { components } from '../../../api-spec/generated/identity.js';
import type { Executor } from '../../core/db/connection.js';
import { deleteRole, insertRole, listRoles, loadRole, updateRole } from '../../core/db/identity/roles.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { newHexId } from './hex-id.js';
import type { IdentityApi } from './identity-api.js';
import { defined, textOf } from './query.js';
import { isImmutableRole, listLinks, viewRole } from './views.js';

type Schemas = components['schemas'];

async function demandMutable(db: Executor, id: string): Promise<void> {
  const role = await loadRole(db, id);
  if (isImmutableRole(role)) {
    throw new ServiceError('forbidden', `Cannot modify immutable resource roles.${id}.`);
  }
}

function readingRoutes({ database, identityUrl }: IdentityApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/roles',
      operationId: 'identityListRoles',
      policy: 'role:list',
      success: 200,
      handler: async (_context, { query }) => {
        // Roles of one domain alone do not exist here.
        const ofDomain = textOf(query, 'domain_id') !== undefined;
        const roles = ofDomain ? [] : await listRoles(database, defined({ name: textOf(query, 'name') }));
        const views = roles.map((role) => viewRole(role, identityUrl));
        return { body: { roles: views, links: listLinks(identityUrl, 'roles') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/roles/{role_id}',
      operationId: 'identityShowRole',
      policy: 'role:show',
      success: 200,
      handler: async (_context, { param }) => ({
        body: { role: viewRole(await loadRole(database, param('role_id')), identityUrl) },
      }),
    }),
  ];
}

function changingRoutes({ database, identityUrl, validator }: IdentityApi): readonly Route[] {
  return [
    defineRoute<{ role: Schemas['RoleCreate'] }>({
      method: 'POST',
      path: '/v3/roles',
      operationId: 'identityCreateRole',
      policy: 'role:change',
      success: 201,
      handler: async (_context, { body: { role } }) => {
        const wanted = { id: newHexId(), name: role.name, description: role.description ?? null };
        return { body: { role: viewRole(await insertRole(database, wanted), identityUrl) } };
      },
    }),
    defineRoute<{ role: Schemas['RoleUpdate'] }>({
      method: 'PATCH',
      path: '/v3/roles/{role_id}',
      operationId: 'identityUpdateRole',
      policy: 'role:change',
      success: 200,
      handler: async (_context, { param, body }) => {
        const id = param('role_id');
        await demandMutable(database, id);
        const { name, description } = body.role;
        const role = await updateRole(database, id, defined({ name, description }));
        validator.forgetAll();
        return { body: { role: viewRole(role, identityUrl) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/roles/{role_id}',
      operationId: 'identityDeleteRole',
      policy: 'role:change',
      success: 204,
      handler: async (_context, { param }) => {
        const id = param('role_id');
        await demandMutable(database, id);
        await database.transaction((tx) => deleteRole(tx, id));
        validator.forgetAll();
        return {};
      },
    }),
  ];
}

export function roleRoutes(api: IdentityApi): readonly Route[] {
  return [...readingRoutes(api), ...changingRoutes(api)];
}
