// One conversation with an identity service, step by step, that both a Keystone and the embedded service must answer alike: the same
// status and the same members of the same types. What a step learns (ids, tokens) later steps use.

export interface Learnt {
  readonly [name: string]: string;
}

export interface Step {
  readonly name: string;
  readonly method: string;
  /** Below /v3; `{name}` stands for what was learnt. So in bodies. */
  readonly path: string;
  readonly body?: unknown;
  /** Learnt name of the token to send; default `admin`; null: none. */
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Learnt name -> path of members in the answer; `@x` is a header. */
  readonly learn?: Readonly<Record<string, string>>;
  /** Sent when the clock's next second has begun: a Keystone's revocations hold for all tokens of their second, later ones included. */
  readonly inNextSecond?: true;
  /** Why the answers may differ, where they do. */
  readonly differs?: string;
}

const inDefault = { domain: { id: 'default' } };

function logIn(name: string, password: string, scope?: unknown): unknown {
  const identity = { methods: ['password'], password: { user: { name, ...inDefault, password } } };
  return { auth: { identity, ...(scope === undefined ? {} : { scope }) } };
}

function byCredential(secret: string, scope?: unknown): unknown {
  const identity = {
    methods: ['application_credential'],
    application_credential: { id: '{credential}', secret },
  };
  return { auth: { identity, ...(scope === undefined ? {} : { scope }) } };
}

const crew = { project: { name: 'crew', ...inDefault } };
const login = { method: 'POST', path: '/auth/tokens', as: null } as const;
const credentials = '/users/{user}/application_credentials';
const grant = '/projects/{project}/users/{user}/roles/{role}';
const domainGrant = '/domains/default/users/{user}/roles/{role}';

const versionsAndLogins: readonly Step[] = [
  { name: 'version document', method: 'GET', path: '', as: null },
  {
    name: 'log in',
    ...login,
    body: logIn('admin', '{password}', { project: { name: 'admin', ...inDefault } }),
    learn: { admin: '@x-subject-token' },
  },
  {
    name: 'log in without catalog',
    ...login,
    path: '/auth/tokens?nocatalog',
    body: logIn('admin', '{password}', { project: { name: 'admin', ...inDefault } }),
  },
  {
    name: 'log in without scope',
    ...login,
    body: logIn('admin', '{password}'),
    learn: { unscoped: '@x-subject-token' },
  },
  { name: 'log in with a wrong password', ...login, body: logIn('admin', 'wrong') },
  { name: 'log in as nobody', ...login, body: logIn('nobody', 'wrong') },
  {
    name: 'log in to no project',
    ...login,
    body: logIn('admin', '{password}', { project: { name: 'none', ...inDefault } }),
  },
  { name: 'log in with nothing', ...login, body: { auth: { identity: { methods: ['password'] } } } },
  {
    name: 'log in with an unknown method',
    differs: 'a Keystone names the methods that it knows',
    ...login,
    body: { auth: { identity: { methods: ['magic'], magic: {} } } },
  },
  { name: 'ask without a token', method: 'GET', path: '/projects', as: null },
  { name: 'auth projects', method: 'GET', path: '/auth/projects' },
  {
    name: 'auth domains',
    method: 'GET',
    path: '/auth/domains',
    differs: 'bootstrap of a Keystone gives no role on the domain',
  },
  { name: 'auth catalog', method: 'GET', path: '/auth/catalog', differs: 'a Keystone lists only itself at first' },
];

const projectsAndUsers: readonly Step[] = [
  {
    name: 'create a domain',
    method: 'POST',
    path: '/domains',
    body: { domain: { name: 'dom' } },
    learn: { domain: 'domain.id' },
  },
  { name: 'create it again', method: 'POST', path: '/domains', body: { domain: { name: 'dom' } } },
  { name: 'show it', method: 'GET', path: '/domains/{domain}' },
  { name: 'list domains', method: 'GET', path: '/domains?name=dom' },
  { name: 'delete it while it is enabled', method: 'DELETE', path: '/domains/{domain}' },
  { name: 'disable it', method: 'PATCH', path: '/domains/{domain}', body: { domain: { enabled: false } } },
  { name: 'delete it', method: 'DELETE', path: '/domains/{domain}' },
  { name: 'show it when it is gone', method: 'GET', path: '/domains/{domain}' },
  {
    name: 'create a project',
    method: 'POST',
    path: '/projects',
    body: { project: { name: 'crew', domain_id: 'default', color: 'blue' } },
    learn: { project: 'project.id' },
  },
  {
    name: 'create the project again',
    method: 'POST',
    path: '/projects',
    body: { project: { name: 'crew', domain_id: 'default' } },
  },
  { name: 'create a project without a name', method: 'POST', path: '/projects', body: { project: {} } },
  { name: 'show the project', method: 'GET', path: '/projects/{project}' },
  { name: 'list projects', method: 'GET', path: '/projects?name=crew' },
  { name: 'list projects by a tag', method: 'GET', path: '/projects?tags=none' },
  {
    name: 'change the project',
    differs: 'a Keystone repeats the extras as `extra` in this answer alone',
    method: 'PATCH',
    path: '/projects/{project}',
    body: { project: { description: 'd', tags: ['t1'] } },
  },
  { name: 'list projects by its tag', method: 'GET', path: '/projects?tags=t1' },
  { name: 'change nothing of the project', method: 'PATCH', path: '/projects/{project}', body: { project: {} } },
  { name: 'show no project', method: 'GET', path: '/projects/ffffffffffffffffffffffffffffffff' },
  {
    name: 'create a user',
    method: 'POST',
    path: '/users',
    body: {
      user: { name: 'ann', password: 'ann', domain_id: 'default', email: 'a@b.c', default_project_id: '{project}' },
    },
    learn: { user: 'user.id' },
  },
  {
    name: 'create a plain user',
    method: 'POST',
    path: '/users',
    body: { user: { name: 'plain' } },
    learn: { plain: 'user.id' },
  },
  {
    name: 'create the user again',
    method: 'POST',
    path: '/users',
    body: { user: { name: 'ann', domain_id: 'default' } },
  },
  { name: 'show the user', method: 'GET', path: '/users/{user}' },
  { name: 'list users', method: 'GET', path: '/users?name=ann' },
  { name: 'list users by domain', method: 'GET', path: '/users?domain_id=none' },
  {
    name: 'change the user',
    differs: 'a Keystone repeats the extras as `extra` in this answer alone',
    method: 'PATCH',
    path: '/users/{user}',
    body: { user: { description: 'hi' } },
  },
  { name: 'projects of the user', method: 'GET', path: '/users/{user}/projects' },
  { name: 'groups of the user', method: 'GET', path: '/users/{user}/groups' },
  { name: 'groups', method: 'GET', path: '/groups' },
];

const roles: readonly Step[] = [
  { name: 'list roles', method: 'GET', path: '/roles?name=member', learn: { role: 'roles.0.id' } },
  { name: 'list the roles of a domain', method: 'GET', path: '/roles?domain_id=default' },
  { name: 'show a role', method: 'GET', path: '/roles/{role}' },
  {
    name: 'create a role',
    method: 'POST',
    path: '/roles',
    body: { role: { name: 'extra' } },
    learn: { extra: 'role.id' },
  },
  { name: 'create the role again', method: 'POST', path: '/roles', body: { role: { name: 'extra' } } },
  { name: 'change the role', method: 'PATCH', path: '/roles/{extra}', body: { role: { description: 'x' } } },
  { name: 'inferences', method: 'GET', path: '/role_inferences' },
  {
    name: 'implied roles',
    method: 'GET',
    path: '/roles/{role}/implies',
    learn: { implied: 'role_inference.implies.0.id' },
  },
  { name: 'one implied role', method: 'GET', path: '/roles/{role}/implies/{implied}' },
  { name: 'ask for one implied role', method: 'HEAD', path: '/roles/{role}/implies/{implied}' },
  { name: 'a role that is not implied', method: 'GET', path: '/roles/{implied}/implies/{role}' },
  { name: 'has no role yet', method: 'HEAD', path: grant },
  { name: 'give a role', method: 'PUT', path: grant },
  { name: 'give it again', method: 'PUT', path: grant },
  { name: 'has the role', method: 'HEAD', path: grant },
  { name: 'see that the user has the role', method: 'GET', path: grant },
  { name: 'roles of the user', method: 'GET', path: '/projects/{project}/users/{user}/roles' },
  {
    name: 'give no role',
    method: 'PUT',
    path: '/projects/{project}/users/{user}/roles/ffffffffffffffffffffffffffffffff',
  },
  { name: 'give a role in a domain', method: 'PUT', path: domainGrant },
  { name: 'assignments', method: 'GET', path: '/role_assignments?user.id={user}&scope.project.id={project}' },
  {
    name: 'assignments with names',
    method: 'GET',
    path: '/role_assignments?user.id={user}&include_names&scope.project.id={project}',
  },
  {
    name: 'effective assignments',
    method: 'GET',
    path: '/role_assignments?user.id={user}&effective&scope.project.id={project}',
  },
  {
    name: 'assignments in domains',
    method: 'GET',
    path: '/role_assignments?user.id={user}&scope.domain.id=default&include_names=true',
  },
  { name: 'assignments of a role', method: 'GET', path: '/role_assignments?role.id={extra}' },
  { name: 'take the role in the domain away', method: 'DELETE', path: domainGrant },
  { name: 'take it away again', method: 'DELETE', path: domainGrant },
  { name: 'system roles', method: 'GET', path: '/system/users/{user}/roles' },
  {
    name: 'auth system',
    method: 'GET',
    path: '/auth/system',
    differs: 'bootstrap of a Keystone gives the role admin on the system',
  },
];

const tokens: readonly Step[] = [
  { name: 'log in to the system', ...login, body: logIn('ann', 'ann', { system: { all: true } }) },
  { name: 'log in to the default project', ...login, body: logIn('ann', 'ann'), learn: { ann: '@x-subject-token' } },
  { name: 'log in unscoped', ...login, body: logIn('ann', 'ann', 'unscoped'), learn: { loose: '@x-subject-token' } },
  { name: 'log in to a domain without a role', ...login, body: logIn('ann', 'ann', { domain: { id: 'default' } }) },
  {
    name: 'scope a token',
    ...login,
    body: { auth: { identity: { methods: ['token'], token: { id: '{loose}' } }, scope: crew } },
  },
  {
    name: 'scope a wrong token',
    differs: 'every refused login is the same 401 here',
    ...login,
    body: { auth: { identity: { methods: ['token'], token: { id: 'nope' } }, scope: crew } },
  },
  { name: 'show one’s token', method: 'GET', path: '/auth/tokens', as: 'ann', headers: { 'X-Subject-Token': '{ann}' } },
  {
    name: 'show an unscoped one',
    method: 'GET',
    path: '/auth/tokens',
    as: 'loose',
    headers: { 'X-Subject-Token': '{loose}' },
  },
  { name: 'show another’s', method: 'GET', path: '/auth/tokens', as: 'ann', headers: { 'X-Subject-Token': '{admin}' } },
  {
    name: 'show another’s as administrator',
    method: 'GET',
    path: '/auth/tokens?nocatalog',
    headers: { 'X-Subject-Token': '{ann}' },
  },
  { name: 'check it', method: 'HEAD', path: '/auth/tokens', headers: { 'X-Subject-Token': '{ann}' } },
  { name: 'show none', method: 'GET', path: '/auth/tokens', headers: { 'X-Subject-Token': 'nope' } },
  { name: 'look at users as a member', method: 'GET', path: '/users', as: 'ann' },
  { name: 'look at oneself', method: 'GET', path: '/users/{user}', as: 'ann' },
  { name: 'look at another', method: 'GET', path: '/users/{plain}', as: 'ann' },
  {
    name: 'create a project as a member',
    method: 'POST',
    path: '/projects',
    as: 'ann',
    body: { project: { name: 'x' } },
  },
];

const applicationCredentials: readonly Step[] = [
  {
    name: 'make a credential',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: { application_credential: { name: 'ci', unrestricted: false } },
    learn: { credential: 'application_credential.id', secret: 'application_credential.secret' },
  },
  {
    name: 'make it again',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: { application_credential: { name: 'ci' } },
  },
  {
    name: 'make one with all there is',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: {
      application_credential: {
        name: 'all',
        description: 'd',
        secret: 's3cret',
        expires_at: '2039-01-01T00:00:00',
        unrestricted: true,
        roles: [{ name: 'reader' }],
      },
    },
  },
  {
    name: 'make one for the past',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: { application_credential: { name: 'p', expires_at: '2009-01-01T00:00:00' } },
  },
  {
    name: 'make one for no time',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: { application_credential: { name: 'p', expires_at: 'soon' } },
  },
  {
    name: 'make one with a role one has not',
    method: 'POST',
    path: credentials,
    as: 'ann',
    body: { application_credential: { name: 'p', roles: [{ id: '{extra}' }] } },
  },
  { name: 'make one for another', method: 'POST', path: credentials, body: { application_credential: { name: 'p' } } },
  { name: 'show it', method: 'GET', path: `${credentials}/{credential}`, as: 'ann' },
  { name: 'list them', method: 'GET', path: `${credentials}?name=ci`, as: 'ann' },
  { name: 'list them as another', method: 'GET', path: '/users/{plain}/application_credentials', as: 'ann' },
  { name: 'access rules', method: 'GET', path: '/users/{user}/access_rules', as: 'ann' },
  { name: 'log in by it', ...login, body: byCredential('{secret}'), learn: { lent: '@x-subject-token' } },
  { name: 'log in by it with a wrong secret', ...login, body: byCredential('wrong') },
  {
    name: 'log in by it with a scope',
    differs: 'a Keystone adds an empty `identity` to this error',
    ...login,
    body: byCredential('{secret}', crew),
  },
  {
    name: 'make another by it',
    method: 'POST',
    path: credentials,
    as: 'lent',
    body: { application_credential: { name: 'child' } },
  },
  { name: 'delete it by itself', method: 'DELETE', path: `${credentials}/{credential}`, as: 'lent' },
  { name: 'delete it', method: 'DELETE', path: `${credentials}/{credential}`, as: 'ann' },
  { name: 'show it when it is gone', method: 'GET', path: `${credentials}/{credential}`, as: 'ann' },
  {
    name: 'log in by it when it is gone',
    differs: 'every refused login is the same 401 here',
    ...login,
    body: byCredential('{secret}'),
  },
];

const catalogAndEnd: readonly Step[] = [
  {
    name: 'services',
    method: 'GET',
    path: '/services?type=identity',
    learn: { service: 'services.0.id' },
    differs: 'a Keystone makes its own service without a description',
  },
  {
    name: 'one service',
    method: 'GET',
    path: '/services/{service}',
    differs: 'a Keystone makes its own service without a description',
  },
  { name: 'no service', method: 'GET', path: '/services/nope' },
  {
    name: 'endpoints',
    method: 'GET',
    path: '/endpoints?service_id={service}&interface=public',
    learn: { endpoint: 'endpoints.0.id' },
  },
  { name: 'one endpoint', method: 'GET', path: '/endpoints/{endpoint}' },
  { name: 'regions', method: 'GET', path: '/regions' },
  { name: 'one region', method: 'GET', path: '/regions/RegionOne' },
  {
    name: 'change a password wrongly',
    method: 'POST',
    path: '/users/{user}/password',
    as: null,
    body: { user: { original_password: 'x', password: 'new' } },
  },
  {
    name: 'change a password',
    method: 'POST',
    path: '/users/{user}/password',
    as: null,
    body: { user: { original_password: 'ann', password: 'new' } },
  },
  { name: 'use a token from before', method: 'GET', path: '/auth/projects', as: 'ann' },
  {
    name: 'log in with the new password',
    ...login,
    inNextSecond: true,
    body: logIn('ann', 'new', crew),
    learn: { ann: '@x-subject-token' },
  },
  {
    name: 'revoke the token',
    method: 'DELETE',
    path: '/auth/tokens',
    as: 'ann',
    headers: { 'X-Subject-Token': '{ann}' },
  },
  { name: 'use it', method: 'GET', path: '/auth/projects', as: 'ann' },
  { name: 'delete the role', method: 'DELETE', path: '/roles/{extra}' },
  { name: 'delete the user', method: 'DELETE', path: '/users/{user}' },
  { name: 'delete the project', method: 'DELETE', path: '/projects/{project}' },
  { name: 'delete the project again', method: 'DELETE', path: '/projects/{project}' },
];

export const steps: readonly Step[] = [
  ...versionsAndLogins,
  ...projectsAndUsers,
  ...roles,
  ...tokens,
  ...applicationCredentials,
  ...catalogAndEnd,
];
