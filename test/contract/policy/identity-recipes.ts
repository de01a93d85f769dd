// How every route of the identity API is asked in the policy tests, on what, and who may. Nothing here belongs to a project, so nobody is
// told "not found" for being a stranger: as in Keystone, who may not look is refused.
import { randomUUID } from 'node:crypto';
import type { IdentityTarget } from './identity-targets.js';
import { type Recipe, shared } from './recipe.js';
import type { TokenPerson } from './token-people.js';

type IdentityRecipe = Recipe<IdentityTarget>;

const people = (...may: readonly TokenPerson[]): Pick<IdentityRecipe, 'may'> => ({ may });

const on = (target: IdentityTarget, body?: IdentityRecipe['body']): IdentityRecipe => ({
  on: target,
  ...(body === undefined ? {} : { body }),
  foreign: 'shared',
});
const named = (kind: string, more: object = {}) => ({ [kind]: { name: `made-${randomUUID()}`, ...more } });

const annsOwn = ['ann', 'annUnscoped', 'annProgram'] as const;
const admins = ['ownAdmin', 'bobAdmin'] as const;
const subject: IdentityRecipe = {
  ...on('annsToken'),
  headers: ({ subject: token = '' }) => ({ 'X-Subject-Token': token }),
};
/** What the holder of a token may see of its own, and of nobody else. */
const ownView: IdentityRecipe = { on: 'nothing', foreign: 'hidden' };

const tokens = {
  identityListVersions: shared,
  identityShowVersion: shared,
  identityCreateToken: on('nothing', () => ({
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: 'ann', domain: { id: 'default' }, password: 'ann' } },
      },
    },
  })),
  // Services validate, and only the owner and administrators revoke.
  identityShowToken: { ...subject, ...people(...annsOwn, ...admins, 'service', 'ownService') },
  identityCheckToken: { ...subject, ...people(...annsOwn, ...admins, 'service', 'ownService') },
  identityRevokeToken: { ...subject, ...people(...annsOwn, ...admins) },
  identityShowCatalog: ownView,
  identityListAuthProjects: ownView,
  identityListAuthDomains: ownView,
  identityListAuthSystem: ownView,
} as const satisfies Record<string, IdentityRecipe>;

const records = {
  identityListDomains: shared,
  identityShowDomain: { ...on('domain'), ...people(...admins) },
  identityCreateDomain: on('nothing', () => named('domain')),
  identityUpdateDomain: on('domain', () => named('domain')),
  identityDeleteDomain: on('disabledDomain'),
  identityListProjects: shared,
  // Whoever has a role in it.
  identityShowProject: {
    ...on('annsProject'),
    ...people('reader', 'manager', 'ownService', ...annsOwn, ...admins),
  },
  identityCreateProject: on('nothing', () => named('project')),
  identityUpdateProject: on('project', () => named('project')),
  identityDeleteProject: on('project'),
  identityListUsers: shared,
  identityShowUser: on('ann'),
  identityListUserProjects: on('ann'),
  identityListUserGroups: on('ann'),
  identityCreateUser: on('nothing', () => named('user')),
  identityUpdateUser: on('user', () => named('user')),
  identityDeleteUser: on('user'),
  identityChangePassword: on('userWithPassword', () => ({
    user: { original_password: 'the old one', password: 'a new one' },
  })),
  identityListRoles: shared,
  identityShowRole: on('role'),
  identityCreateRole: on('nothing', () => named('role')),
  identityUpdateRole: on('role', () => named('role')),
  identityDeleteRole: on('role'),
  identityListRoleInferences: shared,
  identityListImpliedRoles: on('impliedRole'),
  identityShowImpliedRole: on('impliedRole'),
  identityCheckImpliedRole: on('impliedRole'),
} as const satisfies Record<string, IdentityRecipe>;

function grantsOf(word: 'Project' | 'Domain'): Record<string, IdentityRecipe> {
  const target = `grantedIn${word}` as const;
  return {
    [`identityList${word}Grants`]: on(target),
    [`identityGrant${word}Role`]: on('grantable'),
    [`identityCheck${word}Role`]: on(target),
    [`identityShow${word}Role`]: on(target),
    [`identityRevoke${word}Role`]: on(target),
  };
}

const credentials = {
  identityListApplicationCredentials: on('ann'),
  identityShowApplicationCredential: on('annsCredential'),
  // Only the person makes one, not even an administrator: it speaks in that person's name. And no restricted program makes others.
  identityCreateApplicationCredential: {
    ...on('ann', () => ({ application_credential: { name: randomUUID() } })),
    ...people('ann'),
    refusedAs: { annUnscoped: 400 },
  },
  identityDeleteApplicationCredential: { ...on('annsCredential'), ...people('ann', 'annUnscoped', ...admins) },
  identityListAccessRules: on('ann'),
} as const satisfies Record<string, IdentityRecipe>;

function absentCatalogOf(kind: 'service' | 'endpoint' | 'region', word: string): Record<string, IdentityRecipe> {
  return {
    [`identityList${word}s`]: shared,
    [`identityShow${word}`]: on(kind),
    [`identityCreate${word}`]: on('nothing', () => ({})),
    [`identityUpdate${word}`]: on(kind, () => ({})),
    [`identityDelete${word}`]: on(kind),
  };
}

export const identityRecipes: Readonly<Record<string, IdentityRecipe>> = {
  ...tokens,
  ...records,
  ...grantsOf('Project'),
  ...grantsOf('Domain'),
  identityListRoleAssignments: shared,
  ...credentials,
  ...absentCatalogOf('service', 'Service'),
  ...absentCatalogOf('endpoint', 'Endpoint'),
  ...absentCatalogOf('region', 'Region'),
  identityListGroups: shared,
  identityCreateGroup: on('nothing', () => ({})),
  identityListSystemGrants: on('ann'),
  identityGrantSystemRole: on('grantable'),
};
