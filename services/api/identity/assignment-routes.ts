// Who has which role where. The same four deeds for projects and domains, made from one description of each.
import { listAssignments } from '../../core/db/identity/assignments.js';
import { loadDomain } from '../../core/db/identity/domains.js';
import { loadProject } from '../../core/db/identity/projects.js';
import {
  grantRole,
  hasRoleGrant,
  listGrantedRoles,
  loadRole,
  revokeRole,
  type Scope,
} from '../../core/db/identity/roles.js';
import { loadUser } from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route, type RouteInput } from '../shell/route.js';
import type { IdentityApi } from './identity-api.js';
import { defined, flagOf, textOf } from './query.js';
import { listLinks, viewAssignment, viewRole } from './views.js';

interface ScopeKind {
  readonly word: 'Project' | 'Domain';
  readonly path: string;
  scopeOf(input: RouteInput): Scope;
}

const scopeKinds: readonly ScopeKind[] = [
  { word: 'Project', path: '/v3/projects/{project_id}', scopeOf: ({ param }) => ({ projectId: param('project_id') }) },
  { word: 'Domain', path: '/v3/domains/{domain_id}', scopeOf: ({ param }) => ({ domainId: param('domain_id') }) },
];

/** Throws `not_found` naming what is missing. */
async function demandParts(
  { database }: IdentityApi,
  scope: Scope,
  userId: string,
  roleId: string | null,
): Promise<void> {
  if ('projectId' in scope) await loadProject(database, scope.projectId);
  else await loadDomain(database, scope.domainId);
  await loadUser(database, userId);
  if (roleId !== null) await loadRole(database, roleId);
}

function notAssigned(roleId: string): ServiceError {
  return new ServiceError('not_found', `Could not find role assignment with role: ${roleId}.`);
}

function grantListRoute(api: IdentityApi, kind: ScopeKind): Route {
  const { database, identityUrl } = api;
  return defineRoute<unknown>({
    method: 'GET',
    path: `${kind.path}/users/{user_id}/roles`,
    operationId: `identityList${kind.word}Grants`,
    policy: 'assignment:list',
    success: 200,
    handler: async (context, input) => {
      const [scope, userId] = [kind.scopeOf(input), input.param('user_id')];
      await demandParts(api, scope, userId, null);
      const roles = await listGrantedRoles(database, userId, scope);
      const links = listLinks(identityUrl, context.path.replace(/^\/v3\//, ''));
      return { body: { roles: roles.map((role) => viewRole(role, identityUrl)), links } };
    },
  });
}

function grantRoutes(api: IdentityApi, kind: ScopeKind): readonly Route[] {
  const { database, validator } = api;
  const path = `${kind.path}/users/{user_id}/roles/{role_id}`;
  return [
    defineRoute<unknown>({
      method: 'PUT',
      path,
      operationId: `identityGrant${kind.word}Role`,
      policy: 'assignment:change',
      success: 204,
      handler: async (_context, input) => {
        const [scope, userId, roleId] = [kind.scopeOf(input), input.param('user_id'), input.param('role_id')];
        await demandParts(api, scope, userId, roleId);
        await grantRole(database, userId, scope, roleId);
        validator.forgetAll();
        return {};
      },
    }),
    // GET gives what HEAD gives, a status and no body.
    ...(['HEAD', 'GET'] as const).map((method) =>
      defineRoute<unknown>({
        method,
        path,
        operationId: `identity${method === 'HEAD' ? 'Check' : 'Show'}${kind.word}Role`,
        policy: 'assignment:list',
        success: 204,
        handler: async (_context, input) => {
          const roleId = input.param('role_id');
          if (!(await hasRoleGrant(database, input.param('user_id'), kind.scopeOf(input), roleId)))
            throw notAssigned(roleId);
          return {};
        },
      }),
    ),
    defineRoute<unknown>({
      method: 'DELETE',
      path,
      operationId: `identityRevoke${kind.word}Role`,
      policy: 'assignment:change',
      success: 204,
      handler: async (_context, input) => {
        const roleId = input.param('role_id');
        const [userId, scope] = [input.param('user_id'), kind.scopeOf(input)];
        if (!(await database.transaction((tx) => revokeRole(tx, userId, scope, roleId)))) throw notAssigned(roleId);
        validator.forgetAll();
        return {};
      },
    }),
  ];
}

function assignmentListRoute({ database, identityUrl }: IdentityApi): Route {
  return defineRoute({
    method: 'GET',
    path: '/v3/role_assignments',
    operationId: 'identityListRoleAssignments',
    policy: 'assignment:list',
    success: 200,
    handler: async (_context, { query }) => {
      const filter = defined({
        userId: textOf(query, 'user.id'),
        roleId: textOf(query, 'role.id'),
        projectId: textOf(query, 'scope.project.id'),
        domainId: textOf(query, 'scope.domain.id'),
      });
      // Groups, the system and inheritance do not exist here, so nothing is assigned through them.
      const isAbsent = ['group.id', 'scope.system', 'scope.OS-INHERIT:inherited_to'].some((name) => query.has(name));
      const records = isAbsent ? [] : await listAssignments(database, filter, flagOf(query, 'effective') ?? false);
      const withNames = flagOf(query, 'include_names') ?? false;
      const views = records.map((record) => viewAssignment(record, identityUrl, withNames));
      return { body: { role_assignments: views, links: listLinks(identityUrl, 'role_assignments') } };
    },
  });
}

export function assignmentRoutes(api: IdentityApi): readonly Route[] {
  const ofScopes = scopeKinds.flatMap((kind) => [grantListRoute(api, kind), ...grantRoutes(api, kind)]);
  return [...ofScopes, assignmentListRoute(api)];
}
