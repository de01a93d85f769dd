// Logs in at a Keystone v3 (our own or another) and keeps what the token says: who, in which project, with which roles, and the
// catalog. The token is held in memory only; it is never written to a file or a log.
import { ApiError, CliError } from '../cli-error.js';
import { readFault } from '../http/fault.js';
import type { HttpAnswer, HttpRequest } from '../http/http-call.js';
import type { AuthSettings, Credentials } from './auth-settings.js';

export interface CatalogEndpoint {
  readonly interface: string;
  readonly region?: string | null;
  readonly region_id?: string | null;
  readonly url: string;
}

export interface CatalogEntry {
  readonly id?: string;
  readonly type: string;
  readonly name?: string;
  readonly endpoints: readonly CatalogEndpoint[];
}

export interface Login {
  readonly token: string;
  readonly expiresAt: string;
  readonly userId: string;
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly roles: readonly string[];
  readonly catalog: readonly CatalogEntry[];
}

interface TokenBody {
  readonly token?: {
    readonly expires_at?: string;
    readonly user?: { readonly id?: string };
    readonly project?: { readonly id?: string; readonly name?: string };
    readonly roles?: readonly { readonly name: string }[];
    readonly catalog?: readonly CatalogEntry[];
  };
}

/** The v3 root of the identity service, whether or not the URL given ends with it. */
export function identityRoot(authUrl: string): string {
  return /\/v3$/.test(authUrl) ? authUrl : `${authUrl.replace(/\/v2\.0$/, '')}/v3`;
}

/** The body of POST /v3/auth/tokens. */
export function loginBody(settings: AuthSettings): unknown {
  const { method } = settings.credentials;
  return {
    auth: {
      identity: { methods: [method], [method]: proofOf(settings.credentials) },
      ...(settings.scope === null ? {} : { scope: settings.scope }),
    },
  };
}

function proofOf(credentials: Credentials): unknown {
  if (credentials.method === 'token') return { id: credentials.token };
  if (credentials.method === 'password') return { user: { ...credentials.user, password: credentials.password } };
  const { method: _, ...rest } = credentials;
  return rest;
}

/** Errors: ApiError 401 that names the user and the settings to check; CliError when the answer is no Keystone's. */
export async function logIn(
  settings: AuthSettings,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<Login> {
  const url = `${identityRoot(settings.authUrl)}/auth/tokens`;
  const answer = await send({ method: 'POST', url, headers: {}, body: loginBody(settings) });
  if (answer.status === 401) {
    throw new ApiError(
      401,
      `The identity service refused the login of ${describeUser(settings.credentials)}.`,
      'Check OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and their domains (OS_USER_DOMAIN_NAME, OS_PROJECT_DOMAIN_NAME).',
      requestIdOf(answer),
    );
  }
  if (answer.status >= 400) {
    const fault = readFault(answer.text) ?? `${url} answered without a reason.`;
    const cure = answer.status === 404 ? 'OS_AUTH_URL must be the URL of an identity service (Keystone v3).' : '';
    throw new ApiError(answer.status, fault, cure, requestIdOf(answer));
  }
  return readLogin(answer, url);
}

function readLogin(answer: HttpAnswer, url: string): Login {
  const secret = answer.headers['x-subject-token'];
  let body: TokenBody = {};
  try {
    body = JSON.parse(answer.text) as TokenBody;
  } catch {
    // The check below says what is wrong.
  }
  const { token } = body;
  if (typeof secret !== 'string' || token === undefined) {
    throw new CliError(`${url} did not answer with a token.`, 'Is OS_AUTH_URL the URL of an identity service?');
  }
  return {
    token: secret,
    expiresAt: token.expires_at ?? '',
    userId: token.user?.id ?? '',
    projectId: token.project?.id ?? null,
    projectName: token.project?.name ?? null,
    roles: (token.roles ?? []).map((role) => role.name),
    catalog: token.catalog ?? [],
  };
}

function describeUser(credentials: Credentials): string {
  if (credentials.method === 'token') return 'the given token';
  if (credentials.method === 'application_credential') {
    return `the application credential ${credentials.id ?? credentials.name ?? ''}`.trimEnd();
  }
  return `user '${credentials.user.name ?? credentials.user.id ?? ''}'`;
}

function requestIdOf(answer: HttpAnswer): string | null {
  const id = answer.headers['x-openstack-request-id'];
  return typeof id === 'string' ? id : null;
}
