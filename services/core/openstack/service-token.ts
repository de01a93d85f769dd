// The token of this service's own account at a Keystone, by which it asks about other people's tokens or works at a Glance. Got at the first question, renewed before it ends (by
// one request, however many wait for it), and thrown away when the Keystone no longer takes it.
// The secret's file is read at every login, so that a changed password needs no restart. Secrets never reach a log.
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { ServiceError } from '../domain/errors.js';
import type { KeystoneConfig, KeystoneServiceConfig } from '../runtime/config-types.js';
import { ServiceHttp } from './service-http.js';

interface OwnToken {
  readonly secret: string;
  /** On the monotonic clock, milliseconds. */
  readonly renewAt: number;
  readonly endsAt: number;
}

/** keystonemiddleware's words. The reason is for the log alone. */
export function keystoneOffline(reason: string, cause?: unknown): ServiceError {
  return new ServiceError('identity_offline', 'The Keystone service is temporarily unavailable.', {
    context: { reason },
    cause,
  });
}

/** With the version, whether or not the configuration names it. */
export function versionedUrl(authUrl: string): string {
  return authUrl.endsWith('/v3') ? authUrl : `${authUrl}/v3`;
}

/** Throws when the file of the authority cannot be read. */
export async function openKeystone(config: Omit<KeystoneConfig, 'publicAuthUrl'>): Promise<ServiceHttp> {
  return new ServiceHttp({
    baseUrl: versionedUrl(config.authUrl),
    ca: config.caFile === null ? null : await readFile(config.caFile, 'utf8'),
    timeoutMs: config.timeoutSeconds * 1000,
    offline: keystoneOffline,
  });
}

/** null when the body is none that a Keystone sends. */
function tryReadLifeMs(body: unknown): number | null {
  const token = (body as { token?: { issued_at?: unknown; expires_at?: unknown } } | undefined)?.token;
  const [issued, expires] = [Date.parse(String(token?.issued_at)), Date.parse(String(token?.expires_at))];
  return Number.isNaN(issued) || Number.isNaN(expires) ? null : expires - issued;
}

/** A renewal is tried this long before the end, or when four fifths of a short life are over. */
const RENEW_BEFORE_MS = 300_000;
/** After the Keystone refused our account: another try at once would not be taken, and may lock the account. */
const PAUSE_AFTER_REFUSAL_MS = 5_000;

async function readSecret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
}

/** The body of the login. Throws when a file cannot be read. */
async function loginBody(service: KeystoneServiceConfig): Promise<object> {
  const { applicationCredentialId: id, applicationCredentialSecretFile, username, passwordFile } = service;
  if (id !== null && applicationCredentialSecretFile !== null) {
    const secret = await readSecret(applicationCredentialSecretFile);
    return { auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } };
  }
  if (username === null || passwordFile === null) throw new Error('keystone.service names no account');
  const user = { name: username, domain: { name: service.userDomain }, password: await readSecret(passwordFile) };
  const scope = { project: { name: service.project, domain: { name: service.projectDomain } } };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope } };
}

export class ServiceToken {
  private own: OwnToken | null = null;
  private underWay: Promise<OwnToken> | null = null;
  private refusedUntil = 0;

  constructor(
    private readonly http: ServiceHttp,
    private readonly service: KeystoneServiceConfig,
    private readonly logger: Logger,
  ) {}

  /** Throws `identity_offline` when there is none to be had. */
  async current(): Promise<string> {
    const now = performance.now();
    if (this.own !== null && now < this.own.renewAt) return this.own.secret;
    try {
      return (await this.renew()).secret;
    } catch (thrown) {
      if (this.own !== null && performance.now() < this.own.endsAt) return this.own.secret;
      throw thrown;
    }
  }

  /** The Keystone did not take this one; a newer one, got meanwhile by another request, stays. */
  forget(secret: string): void {
    if (this.own?.secret === secret) this.own = null;
  }

  private renew(): Promise<OwnToken> {
    this.underWay ??= this.logIn().finally(() => {
      this.underWay = null;
    });
    return this.underWay;
  }

  private async logIn(): Promise<OwnToken> {
    const askedAt = performance.now();
    if (askedAt < this.refusedUntil) throw keystoneOffline('it refused the account of this service a moment ago');
    const body = await loginBody(this.service).catch((cause: unknown) => {
      this.logger.error({ err: cause }, 'keystone.service: the secret cannot be read');
      throw keystoneOffline('the secret of this service cannot be read', cause);
    });
    const answer = await this.http.ask({ method: 'POST', path: '/auth/tokens?nocatalog', body });
    const secret = answer.headers['x-subject-token'];
    // From the two times of the answer and our monotonic clock: clocks that differ between the hosts do no harm.
    const lifeMs = answer.status === 201 ? tryReadLifeMs(answer.body) : null;
    if (lifeMs === null || typeof secret !== 'string') {
      this.refusedUntil = performance.now() + PAUSE_AFTER_REFUSAL_MS;
      this.logger.error({ status: answer.status }, 'keystone.service: the Keystone refuses this account');
      throw keystoneOffline(`it answered ${answer.status} to the login of this service`);
    }
    const endsAt = askedAt + lifeMs;
    this.own = { secret, endsAt, renewAt: endsAt - Math.min(RENEW_BEFORE_MS, lifeMs / 5) };
    return this.own;
  }
}
