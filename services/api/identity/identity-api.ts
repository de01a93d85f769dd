// What the handlers of the identity API need, gathered once at start.
import type { Database } from '../../core/db/connection.js';
import type { TokenValidator } from '../auth/token-validator.js';
import type { FailedLogins } from '../limits/failed-logins.js';
import type { CatalogOptions } from './catalog.js';
import type { TokenLife } from './login.js';

export interface IdentityApi {
  readonly database: Database;
  readonly validator: TokenValidator;
  readonly catalog: CatalogOptions;
  readonly life: TokenLife;
  /** The public base without a version, e.g. http://10.0.0.1:8776/identity */
  readonly identityUrl: string;
  /** Without it, passwords may be guessed without end. */
  readonly failedLogins?: FailedLogins;
}
