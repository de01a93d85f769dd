// Tokens: log in, look at one, revoke one; and what the holder of a token can see: its catalog, its projects and domains.
// The secret travels in headers only. Looking at somebody else's token is for administrators and services.

import { listDomainsOfUser } from '../../core/db/identity/domains.js';
import { listProjectsOfUser } from '../../core/db/identity/projects.js';
import { deleteToken, findToken, type TokenFacts } from '../../core/db/identity/tokens.js';
import { ServiceError } from '../../core/domain/errors.js';
import { requirePrincipal } from '../auth/require-principal.js';
import { tryHashToken } from '../auth/token-secret.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type AuthRequest, claimedIdentity } from './auth-request.js';
import { buildCatalog } from './catalog.js';
import type { IdentityApi } from './identity-api.js';
import { type IssuedToken, login } from './login.js';
import { flagOf } from './query.js';
import { viewToken } from './token-view.js';
import { listLinks, viewDomain, viewProject } from './views.js';

const vary = { Vary: 'X-Auth-Token' };

function tokenBody(api: IdentityApi, facts: TokenFacts, query: URLSearchParams) {
  return { token: viewToken(facts, query.has('nocatalog') ? null : api.catalog) };
}

interface Subject {
  readonly secret: string;
  readonly hash: Buffer;
  readonly facts: TokenFacts;
}

/** The token of X-Subject-Token. Throws `not_found` for one that is not (or no longer) valid, `forbidden` for another's. */
async function loadSubject(
  api: IdentityApi,
  context: RequestContext,
  secret: string | undefined,
  { speakers, allowExpired = false }: { readonly speakers: readonly string[]; readonly allowExpired?: boolean },
): Promise<Subject> {
  const hash = secret === undefined ? null : tryHashToken(secret);
  const mayAsk = context.isAdmin || context.roles.some((role) => speakers.includes(role));
  // Only those who validate for others may look past the expiry: it is for services that finish what was begun in time.
  const expiredSeconds = allowExpired && mayAsk ? api.life.allowExpiredSeconds : 0;
  const facts = hash === null ? null : await findToken(api.database, hash, expiredSeconds);
  if (facts !== null && facts.user.id !== context.userId && !mayAsk) {
    throw new ServiceError(
      'forbidden',
      'You are not authorized to perform the requested action: identity:validate_token.',
    );
  }
  if (secret === undefined || hash === null || facts === null) {
    throw new ServiceError('not_found', 'Failed to validate token');
  }
  return { secret, hash, facts };
}

function asValidator(query: URLSearchParams) {
  return { speakers: ['service'], allowExpired: flagOf(query, 'allow_expired') ?? false };
}

function loginRoutes(api: IdentityApi): readonly Route[] {
  return [
    defineRoute<{ readonly auth: AuthRequest }>({
      method: 'POST',
      path: '/v3/auth/tokens',
      operationId: 'identityCreateToken',
      policy: 'none',
      success: 201,
      handler: async ({ address }, { body, query }) => {
        const attempt = { address, claimed: claimedIdentity(body.auth) };
        const answer = (): Promise<IssuedToken> => login(api.database, body.auth, api.life);
        const { secret, facts } = await (api.failedLogins?.watch(attempt, answer) ?? answer());
        return { body: tokenBody(api, facts, query), headers: { 'X-Subject-Token': secret, ...vary } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/auth/tokens',
      operationId: 'identityShowToken',
      policy: 'token:show',
      success: 200,
      handler: async (context, { query, header }) => {
        const { secret, facts } = await loadSubject(api, context, header('x-subject-token'), asValidator(query));
        return { body: tokenBody(api, facts, query), headers: { 'X-Subject-Token': secret, ...vary } };
      },
    }),
    defineRoute({
      method: 'HEAD',
      path: '/v3/auth/tokens',
      operationId: 'identityCheckToken',
      policy: 'token:show',
      success: 200,
      handler: async (context, { query, header }) => {
        const { secret } = await loadSubject(api, context, header('x-subject-token'), asValidator(query));
        return { headers: { 'X-Subject-Token': secret, ...vary } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/auth/tokens',
      operationId: 'identityRevokeToken',
      policy: 'token:revoke',
      success: 204,
      handler: async (context, { header }) => {
        const { hash } = await loadSubject(api, context, header('x-subject-token'), { speakers: [] });
        await deleteToken(api.database, hash);
        api.validator.forgetAll();
        return {};
      },
    }),
  ];
}

function holderRoutes(api: IdentityApi): readonly Route[] {
  const { database, identityUrl } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/auth/catalog',
      operationId: 'identityShowCatalog',
      policy: 'catalog:show',
      success: 200,
      handler: ({ projectId }) => ({
        body: { catalog: buildCatalog(api.catalog, projectId), links: listLinks(identityUrl, 'auth/catalog') },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/auth/projects',
      operationId: 'identityListAuthProjects',
      policy: 'auth:list-scopes',
      success: 200,
      handler: async (context) => {
        const { userId } = requirePrincipal(context);
        const projects = await listProjectsOfUser(database, userId);
        const views = projects.map((project) => viewProject(project, identityUrl));
        return { body: { projects: views, links: listLinks(identityUrl, 'auth/projects') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/auth/domains',
      operationId: 'identityListAuthDomains',
      policy: 'auth:list-scopes',
      success: 200,
      handler: async (context) => {
        const { userId } = requirePrincipal(context);
        const domains = await listDomainsOfUser(database, userId);
        const views = domains.map((domain) => viewDomain(domain, identityUrl));
        return { body: { domains: views, links: listLinks(identityUrl, 'auth/domains') } };
      },
    }),
  ];
}

export function tokenRoutes(api: IdentityApi): readonly Route[] {
  return [...loginRoutes(api), ...holderRoutes(api)];
}
