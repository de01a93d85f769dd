// What Keystone has and this service has not, said honestly: lists are empty, and an attempt to make or change such a thing is 501
// with the reason. Clients look for some of these in passing (role assignments of groups, roles on the system), so a bare 404 would
// stop them.
import { ServiceError } from '../../core/domain/errors.js';
import { authorize, type PolicyRule } from '../auth/policy.js';
import { defineRoute, type Method, type Route } from '../shell/route.js';
import type { IdentityApi } from './identity-api.js';
import { listLinks } from './views.js';

interface EmptyList {
  readonly path: string;
  readonly operationId: string;
  readonly policy: PolicyRule;
  readonly member: string;
  /** The parameter that names the user whose own this is; for rules of level `self`. */
  readonly owner?: string;
}

const emptyLists: readonly EmptyList[] = [
  { path: '/v3/groups', operationId: 'identityListGroups', policy: 'user:list', member: 'groups' },
  { path: '/v3/auth/system', operationId: 'identityListAuthSystem', policy: 'auth:list-scopes', member: 'system' },
  {
    path: '/v3/system/users/{user_id}/roles',
    operationId: 'identityListSystemGrants',
    policy: 'assignment:list',
    member: 'roles',
  },
  {
    path: '/v3/users/{user_id}/groups',
    operationId: 'identityListUserGroups',
    policy: 'user:show',
    member: 'groups',
    owner: 'user_id',
  },
  {
    path: '/v3/users/{user_id}/access_rules',
    operationId: 'identityListAccessRules',
    policy: 'application-credential:list',
    member: 'access_rules',
    owner: 'user_id',
  },
];

interface Refusal {
  readonly method: Method;
  readonly path: string;
  readonly operationId: string;
  readonly policy: PolicyRule;
  readonly why: string;
}

const fixedCatalog =
  'The catalog follows from the configuration (publicUrl, identity.region) and cannot be changed here.';
const noGroups = 'Groups are not offered here; give roles to users.';
const noSystem = 'Roles on the system are not offered here; the role admin in any project is administrator.';

function catalogRefusals(kind: string, plural: string, id: string, changeMethod: Method): readonly Refusal[] {
  const common = { policy: 'catalog:change', why: fixedCatalog } as const;
  return [
    { method: 'POST', path: `/v3/${plural}`, operationId: `identityCreate${kind}`, ...common },
    { method: changeMethod, path: `/v3/${plural}/{${id}}`, operationId: `identityUpdate${kind}`, ...common },
    { method: 'DELETE', path: `/v3/${plural}/{${id}}`, operationId: `identityDelete${kind}`, ...common },
  ];
}

const refusals: readonly Refusal[] = [
  ...catalogRefusals('Service', 'services', 'service_id', 'PATCH'),
  ...catalogRefusals('Endpoint', 'endpoints', 'endpoint_id', 'PATCH'),
  ...catalogRefusals('Region', 'regions', 'region_id', 'PATCH'),
  { method: 'POST', path: '/v3/groups', operationId: 'identityCreateGroup', policy: 'user:change', why: noGroups },
  {
    method: 'PUT',
    path: '/v3/system/users/{user_id}/roles/{role_id}',
    operationId: 'identityGrantSystemRole',
    policy: 'assignment:change',
    why: noSystem,
  },
];

export function absentRoutes({ identityUrl }: IdentityApi): readonly Route[] {
  const lists = emptyLists.map(({ path, operationId, policy, member, owner }) =>
    defineRoute({
      method: 'GET',
      path,
      operationId,
      policy,
      success: 200,
      handler: (context, { param }) => {
        if (owner !== undefined) authorize(policy, context, { userId: param(owner) });
        return { body: { [member]: [], links: listLinks(identityUrl, context.path.replace(/^\/v3\//, '')) } };
      },
    }),
  );
  const refused = refusals.map(({ method, path, operationId, policy, why }) =>
    defineRoute({
      method,
      path,
      operationId,
      policy,
      success: 501,
      handler: () => {
        throw new ServiceError('not_implemented', why);
      },
    }),
  );
  return [...lists, ...refused];
}
