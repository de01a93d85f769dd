// The token by which this service asks a Keystone about other people's tokens. Got at the first question, renewed before it ends (by
// one request, however many wait for it), and thrown away when the Keystone no longer takes it.
// The secret's file is read at every login, so that a changed password needs no restart. Secrets never reach a log.
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { KeystoneServiceConfig } from '../../../core/runtime/config-types.js';
import { type KeystoneHttp, keystoneOffline } from './keystone-http.js';
import { tryParseTokenBody } from './token-body.js';

interface OwnToken {
  readonly secret: string;
  /** On the monotonic clock, milliseconds. */
  readonly renewAt: number;
  readonly endsAt: number;
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
  if (username === null || passwordFile === null) throw new Error('identity.keystone.service names no account');
  const user = { name: username, domain: { name: service.userDomain }, password: await readSecret(passwordFile) };
  const scope = { project: { name: service.project, domain: { name: service.projectDomain } } };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope } };
}

export class ServiceToken {
  private own: OwnToken | null = null;
  private underWay: Promise<OwnToken> | null = null;
  private refusedUntil = 0;

  constructor(
    private readonly http: KeystoneHttp,
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
      this.logger.error({ err: cause }, 'identity.keystone.service: the secret cannot be read');
      throw keystoneOffline('the secret of this service cannot be read', cause);
    });
    const answer = await this.http.ask({ method: 'POST', path: '/auth/tokens?nocatalog', body });
    const secret = answer.headers['x-subject-token'];
    const facts = answer.status === 201 ? tryParseTokenBody(answer.body, Date.now()) : null;
    if (facts === null || typeof secret !== 'string') {
      this.refusedUntil = performance.now() + PAUSE_AFTER_REFUSAL_MS;
      this.logger.error({ status: answer.status }, 'identity.keystone.service: the Keystone refuses this account');
      throw keystoneOffline(`it answered ${answer.status} to the login of this service`);
    }
    // From the two times of the answer and our monotonic clock: clocks that differ between the hosts do no harm.
    const lifeMs = Date.parse(`${facts.expiresAt}Z`) - Date.parse(`${facts.issuedAt}Z`);
    const endsAt = askedAt + lifeMs;
    this.own = { secret, endsAt, renewAt: endsAt - Math.min(RENEW_BEFORE_MS, lifeMs / 5) };
    return this.own;
  }
}
