// The body Keystone gives for a token. Pure; the secret itself never comes here (it travels in X-Subject-Token).
import type { TokenFacts } from '../../core/db/identity/tokens.js';
import { buildCatalog, type CatalogEntry, type CatalogOptions } from './catalog.js';
import { zuluMicroseconds } from './times.js';

export interface TokenView {
  readonly methods: readonly string[];
  readonly user: TokenFacts['user'] & { readonly password_expires_at: null };
  readonly audit_ids: readonly string[];
  readonly expires_at: string;
  readonly issued_at: string;
  readonly project?: TokenFacts['project'];
  readonly is_domain?: boolean;
  readonly domain?: TokenFacts['domain'];
  readonly roles?: TokenFacts['roles'];
  readonly catalog?: readonly CatalogEntry[];
  readonly application_credential?: NonNullable<TokenFacts['applicationCredential']>;
}

/** `catalog: null` leaves the catalog out, as `?nocatalog` asks; unscoped tokens never have one. */
export function viewToken(facts: TokenFacts, catalog: CatalogOptions | null): TokenView {
  const base = {
    methods: facts.methods,
    user: { ...facts.user, password_expires_at: null },
    audit_ids: facts.auditIds,
    expires_at: zuluMicroseconds(facts.expiresAt),
    issued_at: zuluMicroseconds(facts.issuedAt),
    ...(facts.applicationCredential === null ? {} : { application_credential: facts.applicationCredential }),
  };
  if (facts.project === null && facts.domain === null) return base;
  return {
    ...base,
    ...(facts.project === null ? { domain: facts.domain } : { project: facts.project, is_domain: false }),
    roles: facts.roles,
    ...(catalog === null ? {} : { catalog: buildCatalog(catalog, facts.project?.id ?? null) }),
  };
}
