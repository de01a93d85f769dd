// Who answers for tokens in this deployment, as the configuration says: the embedded identity service with its API, or a Keystone. With
// a Keystone no identity API is mounted here and the identity tables are not used.
import { readFile } from 'node:fs/promises';
import type { Database } from '../core/db/connection.js';
import { joinable } from '../core/db/joinable.js';
import { versionedUrl } from '../core/openstack/service-token.js';
import type { ApiConfig } from '../core/runtime/config-types.js';
import type { Logger } from '../core/runtime/logger.js';
import { createKeystoneValidator } from './auth/keystone/keystone-validator.js';
import { createEmbeddedTokenValidator, type TokenValidator } from './auth/token-validator.js';
import { bootstrapIdentity } from './identity/bootstrap.js';
import { defineIdentityApi, identityPrefix } from './identity/definition.js';
import { FailedLogins } from './limits/failed-logins.js';
import type { ApiDefinition } from './shell/api.js';

export interface IdentityService {
  readonly validator: TokenValidator;
  /** Where clients log in, for the header of a 401. */
  readonly loginUrl: string;
  readonly apis: readonly ApiDefinition[];
  close(): void;
}

function imageUrlOf({ images: { mode, glance } }: ApiConfig): { readonly imageUrl?: string } {
  return mode === 'embedded' || glance === null ? {} : { imageUrl: glance.publicUrl ?? glance.url };
}

async function openEmbedded(database: Database, config: ApiConfig, logger: Logger): Promise<IdentityService> {
  const { adminPasswordFile, cacheSeconds, allowExpiredSeconds, tokenSeconds, region } = config.identity;
  if (adminPasswordFile === null) throw new Error('identity.adminPasswordFile: is missing');
  const password = (await readFile(adminPasswordFile, 'utf8')).replace(/\r?\n$/, '');
  logger.info({ outcome: await bootstrapIdentity(database, password) }, 'identity is ready');
  const validator = createEmbeddedTokenValidator(database, { cacheSeconds, allowExpiredSeconds });
  const identityUrl = `${config.publicUrl}${identityPrefix}`;
  const api = defineIdentityApi({
    ...{ database: joinable(database), validator, identityUrl },
    catalog: { publicUrl: config.publicUrl, region, ...imageUrlOf(config) },
    life: { tokenSeconds, allowExpiredSeconds },
    ...(config.limits.enabled ? { failedLogins: new FailedLogins(config.limits.failedLogins) } : {}),
  });
  return { validator, loginUrl: identityUrl, apis: [api], close: () => undefined };
}

async function openKeystone(config: ApiConfig, logger: Logger): Promise<IdentityService> {
  const { keystone, cacheSeconds } = config.identity;
  if (keystone === null) throw new Error('identity.keystone: is missing');
  const validator = await createKeystoneValidator({ config: keystone, cacheSeconds, logger });
  const loginUrl = versionedUrl(keystone.publicAuthUrl ?? keystone.authUrl);
  logger.info({ keystone: loginUrl }, 'identity is a Keystone');
  return { validator, loginUrl, apis: [], close: () => validator.close() };
}

export function openIdentity(database: Database, config: ApiConfig, logger: Logger): Promise<IdentityService> {
  return config.identity.mode === 'embedded' ? openEmbedded(database, config, logger) : openKeystone(config, logger);
}
