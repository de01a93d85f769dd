// Reads the body of Keystone's GET and POST /v3/auth/tokens. Pure. What is needed must be there and of the right type; whatever else
// a Keystone says is ignored.
// Source of the form: Keystone API reference, "Validate and show information for token".
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { NamedId, TokenFacts } from '../../../core/db/identity/tokens.js';

const text = { type: 'string', minLength: 1 } as const;
const named = { type: 'object', required: ['id', 'name'], properties: { id: text, name: text } } as const;
const inDomain = { ...named, required: ['id', 'name', 'domain'], properties: { ...named.properties, domain: named } };

const validate = new Ajv2020({ strict: false }).compile({
  type: 'object',
  required: ['token'],
  properties: {
    token: {
      type: 'object',
      required: ['user', 'issued_at', 'expires_at'],
      properties: {
        user: inDomain,
        project: inDomain,
        domain: named,
        roles: { type: 'array', items: named },
        methods: { type: 'array', items: text },
        audit_ids: { type: 'array', items: { type: ['string', 'null'] } },
        issued_at: text,
        expires_at: text,
        application_credential: { ...named, properties: { ...named.properties, restricted: { type: 'boolean' } } },
      },
    },
  },
});

interface KeystoneToken {
  readonly user: TokenFacts['user'];
  readonly project?: NonNullable<TokenFacts['project']>;
  readonly domain?: NamedId;
  readonly roles?: readonly NamedId[];
  readonly methods?: readonly string[];
  readonly audit_ids?: readonly (string | null)[];
  readonly issued_at: string;
  readonly expires_at: string;
  readonly application_credential?: NamedId & { readonly restricted?: boolean };
}

function namedId({ id, name }: NamedId): NamedId {
  return { id, name };
}

function namedInDomain({ id, name, domain }: NamedId & { readonly domain: NamedId }) {
  return { id, name, domain: namedId(domain) };
}

/** Keystone's times end in Z, the rest of the program's are naive UTC. */
function naive(time: string): string {
  return time.replace(/Z$/, '');
}

/** null when the body is none that a Keystone sends. `nowMs`: the wall clock, by which the remaining life is counted. */
export function tryParseTokenBody(body: unknown, nowMs: number): TokenFacts | null {
  if (!validate(body)) return null;
  const { token } = body as { readonly token: KeystoneToken };
  const expires = Date.parse(token.expires_at);
  if (Number.isNaN(expires)) return null;
  const credential = token.application_credential;
  return {
    user: namedInDomain(token.user),
    project: token.project === undefined ? null : namedInDomain(token.project),
    domain: token.domain === undefined ? null : namedId(token.domain),
    roles: (token.roles ?? []).map(namedId),
    methods: token.methods ?? [],
    auditIds: (token.audit_ids ?? []).filter((id) => id !== null),
    issuedAt: naive(token.issued_at),
    expiresAt: naive(token.expires_at),
    remainingMs: expires - nowMs,
    applicationCredential:
      credential === undefined ? null : { ...namedId(credential), restricted: credential.restricted ?? true },
  };
}
