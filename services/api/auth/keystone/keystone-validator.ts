// Tokens of a Keystone, validated as keystonemiddleware does: GET /v3/auth/tokens with our own token, the answer kept for a short
// while (token-validator.ts). While the Keystone is away, tokens that are kept go on and all others are 503.
// `allow_expired` (Keystone API reference, since 3.8): whether and for how long is the Keystone's own setting, allow_expired_window.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { TokenFacts } from '../../../core/db/identity/tokens.js';
import type { ServiceHttp } from '../../../core/openstack/service-http.js';
import { keystoneOffline, openKeystone, ServiceToken } from '../../../core/openstack/service-token.js';
import type { KeystoneConfig } from '../../../core/runtime/config-types.js';
import { createTokenValidator, type TokenQuestion, type TokenValidator } from '../token-validator.js';
import { tryParseTokenBody } from './token-body.js';

export interface KeystoneValidator extends TokenValidator {
  close(): void;
}

export interface KeystoneValidatorOptions {
  readonly config: KeystoneConfig;
  readonly cacheSeconds: number;
  readonly logger: Logger;
}

/** Short, because a Keystone of several nodes may know a new token a moment later on some. */
const REFUSAL_SECONDS = 2;

/** Any printable text may be a token of a Keystone; what it is worth only the Keystone knows. */
function tryHashKeystoneToken(secret: string): Buffer | null {
  return /^[!-~]{8,8192}$/.test(secret) ? createHash('sha256').update(secret).digest() : null;
}

class Questioner {
  private readonly serviceToken: ServiceToken;

  constructor(
    readonly http: ServiceHttp,
    config: KeystoneConfig,
    private readonly logger: Logger,
  ) {
    this.serviceToken = new ServiceToken(http, config.service, logger);
  }

  /** Throws `identity_offline`; a refused token of our own is renewed once. */
  async find(question: TokenQuestion, mayRenew = true): Promise<TokenFacts | null> {
    const own = await this.serviceToken.current();
    const { status, body } = await this.http.ask({
      method: 'GET',
      path: `/auth/tokens?nocatalog=1${question.allowExpired ? '&allow_expired=1' : ''}`,
      headers: { 'X-Auth-Token': own, 'X-Subject-Token': question.secret },
    });
    if (status === 404) return null;
    if (status === 401) {
      this.serviceToken.forget(own);
      if (mayRenew) return this.find(question, false);
    }
    const facts = status === 200 ? tryParseTokenBody(body, Date.now()) : null;
    if (facts !== null) return facts;
    // 403: the account has neither the role service nor admin in its project.
    this.logger.error({ status }, 'identity.keystone: the Keystone does not let this service validate tokens');
    throw keystoneOffline(`it answered ${status} to a validation`);
  }
}

/** Nothing is asked before the first token comes, so it does not matter which of the two services is up first. */
export async function createKeystoneValidator({
  config,
  cacheSeconds,
  logger,
}: KeystoneValidatorOptions): Promise<KeystoneValidator> {
  const http = await openKeystone(config);
  const questioner = new Questioner(http, config, logger);
  const validator = createTokenValidator((question) => questioner.find(question), {
    cacheSeconds,
    cacheRefusalSeconds: REFUSAL_SECONDS,
    tryHash: tryHashKeystoneToken,
  });
  return {
    validate: (secret, options) => validator.validate(secret, options),
    forgetAll: () => validator.forgetAll(),
    close: () => http.close(),
  };
}
