// Decides a login: who, by which method, for which scope. Every refusal is the same 401 with the same words, whatever was
// wrong: an unknown project in the scope must not be told from a wrong password (Keystone API reference, POST /v3/auth/tokens).

import type { Database } from '../../core/db/connection.js';
import {
  deleteToken,
  findDomainId,
  findProjectId,
  findToken,
  insertToken,
  type ProjectReference,
  type TokenFacts,
} from '../../core/db/identity/tokens.js';
import { findCredential, type UserReference } from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';
import { newAuditId, newTokenSecret, tryHashToken } from '../auth/token-secret.js';
import { passwordFits } from './password-hash.js';

interface DomainPart {
  readonly id?: string;
  readonly name?: string;
}

/** The body of POST /v3/auth/tokens below `auth`, as far as it is understood. */
export interface AuthRequest {
  readonly identity: {
    readonly methods: readonly string[];
    readonly password?: {
      readonly user: {
        readonly id?: string;
        readonly name?: string;
        readonly domain?: DomainPart;
        readonly password: string;
      };
    };
    readonly token?: { readonly id: string };
  };
  readonly scope?:
    | 'unscoped'
    | {
        readonly project?: { readonly id?: string; readonly name?: string; readonly domain?: DomainPart };
        readonly domain?: DomainPart;
        readonly system?: unknown;
        readonly unscoped?: unknown;
      };
}

export interface IssuedToken {
  readonly secret: string;
  readonly facts: TokenFacts;
}

interface ProvenUser {
  readonly userId: string;
  readonly defaultProjectId: string | null;
  readonly methods: readonly string[];
  readonly parentHash: Buffer | null;
  readonly parentAuditId: string | null;
}

interface WantedScope {
  readonly projectId: string | null;
  readonly domainId: string | null;
}

export function refuseLogin(): ServiceError {
  return new ServiceError('unauthorized', 'The request you have made requires authentication.');
}

function domainReference(part: DomainPart | undefined): { id: string } | { name: string } {
  if (part?.id !== undefined) return { id: part.id };
  if (part?.name !== undefined) return { name: part.name };
  throw new ServiceError('bad_request', "Invalid input: a name needs a domain with 'id' or 'name'.");
}

function named(part: { readonly id?: string; readonly name?: string; readonly domain?: DomainPart }): UserReference {
  if (part.id !== undefined) return { id: part.id };
  if (part.name !== undefined) return { name: part.name, domain: domainReference(part.domain) };
  throw new ServiceError('bad_request', "Invalid input: 'id' or 'name' is a required property.");
}

async function provePassword(db: Database, password: AuthRequest['identity']['password']): Promise<ProvenUser> {
  if (password === undefined) throw new ServiceError('bad_request', "'password' is a required property");
  const credential = await findCredential(db, named(password.user));
  const fits = await passwordFits(password.user.password, credential?.passwordHash ?? null);
  if (credential === null || !fits) throw refuseLogin();
  const { userId, defaultProjectId } = credential;
  return { userId, defaultProjectId, methods: ['password'], parentHash: null, parentAuditId: null };
}

async function proveToken(db: Database, token: AuthRequest['identity']['token']): Promise<ProvenUser> {
  if (token === undefined) throw new ServiceError('bad_request', "'token' is a required property");
  const parentHash = tryHashToken(token.id);
  const facts = parentHash === null ? null : await findToken(db, parentHash);
  if (facts === null) throw refuseLogin();
  return {
    userId: facts.user.id,
    // A token without a scope asked for by token stays without: only a password login falls back to the user's project.
    defaultProjectId: null,
    methods: [...new Set(['token', ...facts.methods])],
    parentHash,
    parentAuditId: facts.auditIds.at(-1) ?? null,
  };
}

async function proveUser(db: Database, identity: AuthRequest['identity']): Promise<ProvenUser> {
  const [method, ...more] = identity.methods;
  if (more.length === 0 && method === 'password') return provePassword(db, identity.password);
  if (more.length === 0 && method === 'token') return proveToken(db, identity.token);
  throw refuseLogin();
}

async function wantedScope(db: Database, request: AuthRequest): Promise<WantedScope | 'default'> {
  const { scope } = request;
  if (scope === undefined) return 'default';
  if (scope === 'unscoped' || scope.unscoped !== undefined) return { projectId: null, domainId: null };
  if (scope.project !== undefined) {
    const projectId = await findProjectId(db, named(scope.project) satisfies ProjectReference);
    if (projectId === null) throw refuseLogin();
    return { projectId, domainId: null };
  }
  if (scope.domain !== undefined) {
    const domainId = await findDomainId(db, domainReference(scope.domain));
    if (domainId === null) throw refuseLogin();
    return { projectId: null, domainId };
  }
  throw refuseLogin();
}

async function issue(
  db: Database,
  user: ProvenUser,
  scope: WantedScope,
  lifetimeSeconds: number,
): Promise<IssuedToken | null> {
  const secret = newTokenSecret();
  const tokenHash = tryHashToken(secret);
  if (tokenHash === null) throw new ServiceError('internal', 'A new token does not look like one.');
  const { userId, methods, parentHash, parentAuditId } = user;
  const auditIds = [newAuditId(), ...(parentAuditId === null ? [] : [parentAuditId])];
  const stored = await insertToken(db, { tokenHash, userId, ...scope, methods, auditIds, parentHash, lifetimeSeconds });
  const facts = stored ? await findToken(db, tokenHash) : null;
  // Read back through the same rules that every request meets: a user without a role in the scope gets no token.
  if (facts === null) {
    await deleteToken(db, tokenHash);
    return null;
  }
  return { secret, facts };
}

/** Throws `unauthorized` for every refusal, `bad_request` for a request that says too little. */
export async function login(db: Database, request: AuthRequest, lifetimeSeconds: number): Promise<IssuedToken> {
  const user = await proveUser(db, request.identity);
  const scope = await wantedScope(db, request);
  const unscoped: WantedScope = { projectId: null, domainId: null };
  if (scope !== 'default') {
    const issued = await issue(db, user, scope, lifetimeSeconds);
    if (issued === null) throw refuseLogin();
    return issued;
  }
  const preferred =
    user.defaultProjectId === null
      ? null
      : await issue(db, user, { projectId: user.defaultProjectId, domainId: null }, lifetimeSeconds).catch(
          ignoreGoneProject,
        );
  const issued = preferred ?? (await issue(db, user, unscoped, lifetimeSeconds));
  if (issued === null) throw refuseLogin();
  return issued;
}

// The default project is a preference, not a reference: it may have been deleted since (SQLSTATE 23503).
function ignoreGoneProject(thrown: unknown): null {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === '23503') return null;
  throw thrown;
}
