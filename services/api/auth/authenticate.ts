// From request headers to the person behind them. Only X-Auth-Token and X-Service-Token are read: identity headers such as
// X-Roles, X-User-Id or X-Is-Admin-Project mean something behind a proxy that sets them, and here anybody could (CVE-2026-22797).

import type { TokenFacts } from '../../core/db/identity/tokens.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { TokenValidator } from './token-validator.js';

export interface Principal {
  readonly userId: string;
  readonly userName: string;
  /** null for unscoped and domain-scoped tokens. */
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly roles: readonly string[];
  /** Cinder's rule: the role admin on any project is administrator everywhere. */
  readonly isAdmin: boolean;
  /** The request also carries a valid token with the role service: a service speaks for the user. */
  readonly isServiceToken: boolean;
  readonly token: TokenFacts;
}

export type HeaderReader = (name: string) => string | undefined;

const message = 'The request you have made requires authentication.';

function roleNames(facts: TokenFacts): string[] {
  return facts.roles.map((role) => role.name);
}

/**
 * Throws `unauthorized` without a valid token, and also when a service token is sent that is not valid.
 *
 * A service that works for a user (a long copy, an attachment at the end of a long migration) may outlive the user's token. So with a
 * valid token of a service, a user's token is accepted for some time after its expiry, as keystonemiddleware does; nobody gets
 * anything else by it, because the token must have been valid, and still is refused when it was revoked. `acceptsExpired` false: not
 * even so, where something could be made of the token that lasts longer.
 */
export async function authenticate(
  validator: TokenValidator,
  header: HeaderReader,
  { acceptsExpired = true }: { readonly acceptsExpired?: boolean } = {},
): Promise<Principal> {
  const secret = header('x-auth-token');
  if (secret === undefined || secret === '') throw new ServiceError('unauthorized', message);
  const isServiceToken = await carriesServiceToken(validator, header);
  const facts = await validator.validate(secret, { allowExpired: acceptsExpired && isServiceToken });
  if (facts === null) throw new ServiceError('unauthorized', message);
  const roles = roleNames(facts);
  return {
    userId: facts.user.id,
    userName: facts.user.name,
    projectId: facts.project?.id ?? null,
    domainId: facts.domain?.id ?? null,
    roles,
    isAdmin: facts.project !== null && roles.includes('admin'),
    isServiceToken,
    token: facts,
  };
}

/** A service's own token must be valid now. Without the role service it is only somebody's token and opens nothing. */
async function carriesServiceToken(validator: TokenValidator, header: HeaderReader): Promise<boolean> {
  const secret = header('x-service-token');
  if (secret === undefined || secret === '') return false;
  const facts = await validator.validate(secret);
  if (facts === null) throw new ServiceError('unauthorized', message);
  return roleNames(facts).includes('service');
}
