// Application credentials of a user: list, create, show, delete. Only the user makes them, for the project of its token and with
// roles it has there; the secret is in the answer to the creation and nowhere else.
import type { components } from '../../../api-spec/generated/identity.js';
import {
  deleteApplicationCredential,
  insertApplicationCredential,
  listApplicationCredentials,
  listEffectiveRoles,
  loadApplicationCredential,
  pinRoles,
} from '../../core/db/identity/application-credentials.js';
import type { NamedId } from '../../core/db/identity/tokens.js';
import { loadUser } from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import { requirePrincipal } from '../auth/require-principal.js';
import { randomWord } from '../auth/token-secret.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { newHexId } from './hex-id.js';
import type { IdentityApi } from './identity-api.js';
import { hashPassword } from './password-hash.js';
import { textOf } from './query.js';
import { parseExpiry } from './times.js';
import { listLinks, viewApplicationCredential } from './views.js';

type Wish = components['schemas']['ApplicationCredentialCreate'];

const listPath = '/v3/users/{user_id}/application_credentials';
const onePath = `${listPath}/{application_credential_id}`;

/** Keystone's length: 64 random bytes. */
function newSecret(): string {
  return randomWord(64);
}

/** Throws `forbidden`: a credential must not be able to make or end others, unless it was made for that. */
function demandUnrestricted(context: RequestContext): void {
  if (requirePrincipal(context).token.applicationCredential?.restricted !== true) return;
  throw new ServiceError(
    'forbidden',
    "You are not authorized to perform the requested action: Using method 'application_credential' is not allowed for managing additional application credentials.",
  );
}

function invalid(detail: string): ServiceError {
  return new ServiceError('bad_request', `Invalid application credential: ${detail}`);
}

/**
 * The ids of the wished roles, or of all the token has. Only roles of the token count, or an application credential could be used to
 * get more than it lends. Throws `bad_request` for any other.
 */
function chooseRoles(wished: Wish['roles'], ofToken: readonly NamedId[]): string[] {
  if (wished === undefined || wished.length === 0) return ofToken.map(({ id }) => id);
  const chosen = wished.map(({ id, name }) => {
    const found = ofToken.find((role) => (id === undefined ? role.name === name : role.id === id));
    if (found === undefined) throw invalid('Cannot create an application credential with unassigned role');
    return found.id;
  });
  return [...new Set(chosen)];
}

function readingRoutes({ database, identityUrl }: IdentityApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: listPath,
      operationId: 'identityListApplicationCredentials',
      policy: 'application-credential:list',
      success: 200,
      handler: async (context, { param, query }) => {
        const userId = param('user_id');
        authorize('application-credential:list', context, { userId });
        const credentials = await listApplicationCredentials(database, userId, textOf(query, 'name'));
        const links = listLinks(identityUrl, `users/${userId}/application_credentials`);
        const views = credentials.map((one) => viewApplicationCredential(one, identityUrl));
        return { body: { application_credentials: views, links } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: onePath,
      operationId: 'identityShowApplicationCredential',
      policy: 'application-credential:list',
      success: 200,
      handler: async (context, { param }) => {
        const userId = param('user_id');
        authorize('application-credential:list', context, { userId });
        const credential = await loadApplicationCredential(database, userId, param('application_credential_id'));
        return { body: { application_credential: viewApplicationCredential(credential, identityUrl) } };
      },
    }),
  ];
}

function createRoute({ database, identityUrl }: IdentityApi): Route {
  return defineRoute<{ application_credential: Wish }>({
    method: 'POST',
    path: listPath,
    operationId: 'identityCreateApplicationCredential',
    showsSecret: true,
    policy: 'application-credential:change',
    success: 201,
    handler: async (context, { param, body: { application_credential: wish } }) => {
      const userId = param('user_id');
      const { token, projectId } = requirePrincipal(context);
      // Not even an administrator makes one for somebody else: it would speak in that person's name.
      if (userId !== context.userId) {
        throw new ServiceError(
          'forbidden',
          'You are not authorized to perform the requested action: identity:create_application_credential.',
        );
      }
      demandUnrestricted(context);
      if (projectId === null) throw invalid('the token must be for a project.');
      if ((wish.access_rules ?? []).length > 0) {
        throw new ServiceError('not_implemented', 'Access rules of application credentials are not offered here.');
      }
      const expiresAt = wish.expires_at === undefined || wish.expires_at === null ? null : parseExpiry(wish.expires_at);
      const secret = wish.secret ?? newSecret();
      const secretHash = await hashPassword(secret);
      const credential = await database.transaction(async (tx) => {
        await loadUser(tx, userId);
        // A role may have been taken away since the token was looked at.
        await pinRoles(tx, userId, projectId);
        const held = await listEffectiveRoles(tx, userId, projectId);
        const roleIds = chooseRoles(
          wish.roles,
          token.roles.filter((role) => held.some(({ id }) => id === role.id)),
        );
        if (roleIds.length === 0) throw invalid('the user has no role in the project.');
        return insertApplicationCredential(tx, {
          ...{ id: newHexId(), userId, projectId, name: wish.name, description: wish.description ?? null },
          ...{ expiresAt, unrestricted: wish.unrestricted ?? false, roleIds, secretHash },
        });
      });
      const view = viewApplicationCredential(credential, identityUrl);
      return { body: { application_credential: { ...view, secret } } };
    },
  });
}

function deleteRoute({ database, validator }: IdentityApi): Route {
  return defineRoute({
    method: 'DELETE',
    path: onePath,
    operationId: 'identityDeleteApplicationCredential',
    policy: 'application-credential:change',
    success: 204,
    handler: async (context, { param }) => {
      const userId = param('user_id');
      authorize('application-credential:change', context, { userId });
      demandUnrestricted(context);
      await deleteApplicationCredential(database, userId, param('application_credential_id'));
      validator.forgetAll();
      return {};
    },
  });
}

export function applicationCredentialRoutes(api: IdentityApi): readonly Route[] {
  return [...readingRoutes(api), createRoute(api), deleteRoute(api)];
}
