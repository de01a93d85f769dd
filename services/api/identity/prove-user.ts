// The first half of a login: who somebody is, by password, by an earlier token or by an application credential. One method at a
// time; a second factor is not offered.
import type { Database } from '../../core/db/connection.js';
import { findApplicationCredentialProof } from '../../core/db/identity/application-credentials.js';
import { findToken } from '../../core/db/identity/tokens.js';
import { findCredential } from '../../core/db/identity/users.js';
import { ServiceError } from '../../core/domain/errors.js';
import { tryHashToken } from '../auth/token-secret.js';
import { type AuthRequest, reference, refuseLogin } from './auth-request.js';
import { passwordFits } from './password-hash.js';

export interface ProvenUser {
  readonly userId: string;
  readonly defaultProjectId: string | null;
  readonly methods: readonly string[];
  readonly parentHash: Buffer | null;
  readonly parentAuditId: string | null;
  /** The stored text that the password fitted; null: it was another method. */
  readonly passwordHash: string | null;
  /** The only scope there can be: an application credential's project. */
  readonly boundTo: { readonly projectId: string; readonly applicationCredentialId: string } | null;
}

type Identity = AuthRequest['identity'];
type Prove = (db: Database, identity: Identity) => Promise<ProvenUser>;

function missing(name: string): ServiceError {
  return new ServiceError('bad_request', `'${name}' is a required property`);
}

const provers: Readonly<Record<string, Prove>> = {
  async password(db, { password }) {
    if (password === undefined) throw missing('password');
    const credential = await findCredential(db, reference(password.user));
    const fits = await passwordFits(password.user.password, credential?.passwordHash ?? null);
    if (credential === null || !fits) throw refuseLogin();
    const { userId, defaultProjectId, passwordHash } = credential;
    return {
      ...{ userId, defaultProjectId, methods: ['password'], passwordHash },
      ...{ parentHash: null, parentAuditId: null, boundTo: null },
    };
  },

  async token(db, { token }) {
    if (token === undefined) throw missing('token');
    const parentHash = tryHashToken(token.id);
    const facts = parentHash === null ? null : await findToken(db, parentHash);
    if (facts === null) throw refuseLogin();
    const { user, project, applicationCredential } = facts;
    return {
      userId: user.id,
      // A token without a scope asked for by token stays without: only a password login falls back to the user's project.
      defaultProjectId: null,
      methods: [...new Set(['token', ...facts.methods])],
      parentHash,
      passwordHash: null,
      parentAuditId: facts.auditIds.at(-1) ?? null,
      boundTo:
        applicationCredential === null || project === null
          ? null
          : { projectId: project.id, applicationCredentialId: applicationCredential.id },
    };
  },

  async application_credential(db, { application_credential: given }) {
    if (given === undefined) throw missing('application_credential');
    const found = await findApplicationCredentialProof(db, applicationCredentialReference(given));
    const fits = await passwordFits(given.secret, found?.secretHash ?? null);
    if (found === null || !fits) throw refuseLogin();
    return {
      ...{ userId: found.userId, defaultProjectId: null, methods: ['application_credential'] },
      ...{ passwordHash: null, parentHash: null, parentAuditId: null },
      boundTo: { projectId: found.projectId, applicationCredentialId: found.id },
    };
  },
};

function applicationCredentialReference(given: NonNullable<Identity['application_credential']>) {
  if (given.id !== undefined) return { id: given.id };
  if (given.name === undefined || given.user === undefined) {
    throw new ServiceError('bad_request', "Invalid input: 'id', or 'name' and 'user', are required properties.");
  }
  return { name: given.name, user: reference(given.user) };
}

/** Throws `unauthorized` for every wrong proof, `bad_request` for a request that says too little. */
export async function proveUser(db: Database, identity: Identity): Promise<ProvenUser> {
  const [method = '', ...more] = identity.methods;
  const prove = Object.hasOwn(provers, method) ? provers[method] : undefined;
  if (more.length > 0 || prove === undefined) throw refuseLogin();
  return prove(db, identity);
}
