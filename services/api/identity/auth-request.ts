// What a client may send to log in (the body of POST /v3/auth/tokens below `auth`), and how it names users and domains. Pure.
import { createHash } from 'node:crypto';
import type { UserReference } from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';

export interface DomainPart {
  readonly id?: string;
  readonly name?: string;
}

export interface NamedPart extends DomainPart {
  readonly domain?: DomainPart;
}

export interface AuthRequest {
  readonly identity: {
    readonly methods: readonly string[];
    readonly password?: { readonly user: NamedPart & { readonly password: string } };
    readonly token?: { readonly id: string };
    readonly application_credential?: DomainPart & { readonly user?: NamedPart; readonly secret: string };
  };
  readonly scope?:
    | 'unscoped'
    | {
        readonly project?: NamedPart;
        readonly domain?: DomainPart;
        readonly system?: unknown;
        readonly unscoped?: unknown;
      };
}

/** Every refusal of a login is this one, whatever was wrong: nothing may be probed by it. */
export function refuseLogin(): ServiceError {
  return new ServiceError('unauthorized', 'The request you have made requires authentication.');
}

/** Throws `bad_request` when neither is given. */
export function domainReference(part: DomainPart | undefined): { id: string } | { name: string } {
  if (part?.id !== undefined) return { id: part.id };
  if (part?.name !== undefined) return { name: part.name };
  throw new ServiceError('bad_request', "Invalid input: a name needs a domain with 'id' or 'name'.");
}

/** A user or project by id, or by name and domain. Throws `bad_request` when neither is given. */
export function reference(part: NamedPart): UserReference {
  if (part.id !== undefined) return { id: part.id };
  if (part.name !== undefined) return { name: part.name, domain: domainReference(part.domain) };
  throw new ServiceError('bad_request', "Invalid input: 'id' or 'name' is a required property.");
}

/**
 * Who somebody claims to be, as a text to count failures by: the same for whatever is looked up alike, so that words beside those cannot make one user
 * many. An earlier token is itself, by its digest: whoever comes with one that has ended must not keep his neighbours from using theirs.
 */
export function claimedIdentity({ identity }: AuthRequest): string {
  const { methods, password, token, application_credential: credential } = identity;
  switch (methods[0]) {
    case 'token':
      return JSON.stringify(['token', digestOf(token?.id ?? '')]);
    case 'application_credential':
      return credential?.id === undefined
        ? JSON.stringify(['credential', credential?.name, ...wordsOf(credential?.user)])
        : JSON.stringify(['credential', credential.id]);
    default:
      return claimedUser(password?.user ?? {});
  }
}

export function claimedUser(user: NamedPart): string {
  return JSON.stringify(['user', ...wordsOf(user)]);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** As `reference` reads them. */
function wordsOf(part: NamedPart | undefined): readonly unknown[] {
  if (part?.id !== undefined) return ['id', part.id];
  const { domain } = part ?? {};
  return ['name', part?.name, ...(domain?.id === undefined ? ['name', domain?.name] : ['id', domain.id])];
}
