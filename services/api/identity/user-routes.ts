// Users: list, create, show, update, delete, change of one's own password. Passwords come in and never go out.

import type { components } from '../../../api-spec/generated/identity.js';
import { listProjectsOfUser } from '../../core/db/identity/projects.js';
import {
  type Credential,
  changePassword,
  deleteUser,
  findCredential,
  insertUser,
  listUsers,
  loadUser,
  updateUser,
} from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import { defineRoute, type Route } from '../shell/route.js';
import { claimedUser, refuseLogin } from './auth-request.js';
import { defaultDomainId } from './bootstrap.js';
import { readExtras } from './extras.js';
import { newHexId } from './hex-id.js';
import type { IdentityApi } from './identity-api.js';
import { hashPassword, passwordFits } from './password-hash.js';
import { defined, flagOf, textOf } from './query.js';
import { listLinks, viewProject, viewUser } from './views.js';

type Schemas = components['schemas'];

const ownAttributes = ['name', 'domain_id', 'enabled', 'default_project_id', 'description'] as const;

async function hashOf(password: string | null | undefined): Promise<string | null> {
  return password === null || password === undefined ? null : hashPassword(password);
}

function readingRoutes({ database, identityUrl }: IdentityApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/users',
      operationId: 'identityListUsers',
      policy: 'user:list',
      success: 200,
      handler: async (_context, { query }) => {
        const domainId = textOf(query, 'domain_id');
        const filter = defined({ name: textOf(query, 'name'), domainId, enabled: flagOf(query, 'enabled') });
        const users = (await listUsers(database, filter)).map((user) => viewUser(user, identityUrl));
        return { body: { users, links: listLinks(identityUrl, 'users') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/users/{user_id}',
      operationId: 'identityShowUser',
      policy: 'user:show',
      success: 200,
      handler: async (context, { param }) => {
        const id = param('user_id');
        authorize('user:show', context, { userId: id });
        return { body: { user: viewUser(await loadUser(database, id), identityUrl) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/users/{user_id}/projects',
      operationId: 'identityListUserProjects',
      policy: 'user:list-projects',
      success: 200,
      handler: async (context, { param }) => {
        const id = param('user_id');
        authorize('user:list-projects', context, { userId: id });
        await loadUser(database, id);
        const projects = (await listProjectsOfUser(database, id)).map((project) => viewProject(project, identityUrl));
        return { body: { projects, links: listLinks(identityUrl, `users/${id}/projects`) } };
      },
    }),
  ];
}

function changingRoutes({ database, identityUrl, validator }: IdentityApi): readonly Route[] {
  return [
    defineRoute<{ user: Schemas['UserCreate'] }>({
      method: 'POST',
      path: '/v3/users',
      operationId: 'identityCreateUser',
      policy: 'user:change',
      success: 201,
      handler: async (_context, { body: { user } }) => {
        const record = {
          id: newHexId(),
          domainId: user.domain_id ?? defaultDomainId,
          name: user.name,
          enabled: user.enabled ?? true,
          defaultProjectId: user.default_project_id ?? null,
          description: user.description ?? null,
          extra: readExtras(user, ownAttributes),
        };
        await insertUser(database, record, await hashOf(user.password));
        return { body: { user: viewUser(record, identityUrl) } };
      },
    }),
    defineRoute<{ user: Schemas['UserUpdate'] }>({
      method: 'PATCH',
      path: '/v3/users/{user_id}',
      operationId: 'identityUpdateUser',
      policy: 'user:change',
      success: 200,
      handler: async (_context, { param, body: { user: wish } }) => {
        const id = param('user_id');
        const { domainId } = await loadUser(database, id);
        if ((wish.domain_id ?? domainId) !== domainId)
          throw new ServiceError('bad_request', 'The domain cannot be changed.');
        const { name, enabled, description, default_project_id: defaultProjectId } = wish;
        const passwordHash = wish.password === undefined ? undefined : await hashOf(wish.password);
        const known = defined({ name, enabled, description, defaultProjectId, passwordHash });
        const change = { ...known, extra: readExtras(wish, ownAttributes) };
        const user = await database.transaction((tx) => updateUser(tx, id, change));
        validator.forgetAll();
        return { body: { user: viewUser(user, identityUrl) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/users/{user_id}',
      operationId: 'identityDeleteUser',
      policy: 'user:change',
      success: 204,
      handler: async (_context, { param }) => {
        await deleteUser(database, param('user_id'));
        validator.forgetAll();
        return {};
      },
    }),
  ];
}

interface PasswordChange {
  readonly user: { readonly original_password: string; readonly password: string };
}

/** No token: the old password is the proof, so that somebody whose tokens have ended can still change it. */
function passwordRoute({ database, validator, failedLogins }: IdentityApi): Route {
  return defineRoute<PasswordChange>({
    method: 'POST',
    path: '/v3/users/{user_id}/password',
    operationId: 'identityChangePassword',
    policy: 'none',
    success: 204,
    handler: async ({ address }, { param, body: { user } }) => {
      const id = param('user_id');
      const prove = async (): Promise<Credential> => {
        const found = await findCredential(database, { id });
        const fits = await passwordFits(user.original_password, found?.passwordHash ?? null);
        if (found === null || !fits) throw refuseLogin();
        return found;
      };
      const credential = await (failedLogins?.watch({ address, claimed: claimedUser({ id }) }, prove) ?? prove());
      const passwordHash = await hashPassword(user.password);
      const { userId, passwordHash: proven } = credential;
      // Somebody else may know the old one, and use it while it is being changed.
      if (!(await database.transaction((tx) => changePassword(tx, userId, proven, passwordHash)))) throw refuseLogin();
      validator.forgetAll();
      return {};
    },
  });
}

export function userRoutes(api: IdentityApi): readonly Route[] {
  return [...readingRoutes(api), ...changingRoutes(api), passwordRoute(api)];
}
