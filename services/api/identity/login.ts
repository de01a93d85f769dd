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
import { ServiceError } from '../../core/domain/errors.js';
import { newAuditId, newTokenSecret, tryHashToken } from '../auth/token-secret.js';
import { type AuthRequest, domainReference, reference, refuseLogin } from './auth-request.js';
import { type ProvenUser, proveUser } from './prove-user.js';

export interface IssuedToken {
  readonly secret: string;
  readonly facts: TokenFacts;
}

/** In seconds. */
export interface TokenLife {
  readonly tokenSeconds: number;
  /** How long after its expiry a token may still be accepted together with a service's. */
  readonly allowExpiredSeconds: number;
}

interface WantedScope {
  readonly projectId: string | null;
  readonly domainId: string | null;
}

async function wantedScope(db: Database, { scope }: AuthRequest): Promise<WantedScope | 'default'> {
  if (scope === undefined) return 'default';
  if (scope === 'unscoped' || scope.unscoped !== undefined) return { projectId: null, domainId: null };
  if (scope.project !== undefined) {
    const projectId = await findProjectId(db, reference(scope.project) satisfies ProjectReference);
    if (projectId === null) throw refuseLogin();
    return { projectId, domainId: null };
  }
  if (scope.domain !== undefined) {
    const domainId = await findDomainId(db, domainReference(scope.domain));
    if (domainId === null) throw refuseLogin();
    return { projectId: null, domainId };
  }
  // `system`: nobody has a role on the whole system here, so Keystone would refuse as well.
  throw refuseLogin();
}

async function issue(db: Database, user: ProvenUser, scope: WantedScope, life: TokenLife): Promise<IssuedToken | null> {
  const secret = newTokenSecret();
  const tokenHash = tryHashToken(secret);
  if (tokenHash === null) throw new ServiceError('internal', 'A new token does not look like one.');
  const { userId, methods, parentHash, parentAuditId, boundTo, passwordHash } = user;
  const token = {
    ...{ tokenHash, userId, ...scope, methods, parentHash, passwordHash, lifetimeSeconds: life.tokenSeconds },
    auditIds: [newAuditId(), ...(parentAuditId === null ? [] : [parentAuditId])],
    applicationCredentialId: boundTo?.applicationCredentialId ?? null,
  };
  const stored = await insertToken(db, token, life.allowExpiredSeconds);
  const facts = stored ? await findToken(db, tokenHash) : null;
  // Read back through the same rules that every request meets: a user without a role in the scope gets no token.
  if (facts === null) {
    await deleteToken(db, tokenHash);
    return null;
  }
  return { secret, facts };
}

/** An application credential's project cannot be chosen: Keystone refuses a scope with it, and a token of it stays in it. */
function boundScope(user: ProvenUser, wanted: WantedScope | 'default'): WantedScope | 'default' {
  const { boundTo, methods } = user;
  if (boundTo === null) return wanted;
  const own = { projectId: boundTo.projectId, domainId: null };
  const mayName = methods.includes('token') && wanted !== 'default' && wanted.projectId === own.projectId;
  if (wanted !== 'default' && !mayName) throw refuseLogin();
  return own;
}

/** Throws `unauthorized` for every refusal, `bad_request` for a request that says too little. */
export async function login(db: Database, request: AuthRequest, life: TokenLife): Promise<IssuedToken> {
  const user = await proveUser(db, request.identity);
  const scope = boundScope(user, await wantedScope(db, request));
  if (scope !== 'default') {
    const issued = await issue(db, user, scope, life);
    if (issued === null) throw refuseLogin();
    return issued;
  }
  const preferred =
    user.defaultProjectId === null
      ? null
      : await issue(db, user, { projectId: user.defaultProjectId, domainId: null }, life).catch(ignoreGoneProject);
  const issued = preferred ?? (await issue(db, user, { projectId: null, domainId: null }, life));
  if (issued === null) throw refuseLogin();
  return issued;
}

// The default project is a preference, not a reference: it may have been deleted since (SQLSTATE 23503).
function ignoreGoneProject(thrown: unknown): null {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === '23503') return null;
  throw thrown;
}
