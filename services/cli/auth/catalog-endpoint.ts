// Finds the URL of a service in the catalog that came with the token, by the names that services have carried over the years.
// The version part is appended when the catalog gives an unversioned URL, and a trailing slash is dropped.
import { CliError } from '../cli-error.js';
import type { AuthSettings } from './auth-settings.js';
import type { CatalogEndpoint, Login } from './keystone-login.js';

export interface WantedService {
  /** For messages: `block storage`. */
  readonly name: string;
  /** Types in the order of preference. */
  readonly types: readonly string[];
  /** Begins with a slash: `/v3`. */
  readonly versionPath: string;
}

export const services = {
  volume: { name: 'block storage', types: ['block-storage', 'volumev3', 'block-store', 'volume'], versionPath: '/v3' },
  compute: { name: 'compute', types: ['compute'], versionPath: '/v2.1' },
  image: { name: 'image', types: ['image'], versionPath: '/v2' },
  admin: { name: 'administration', types: ['saggar-admin'], versionPath: '/v1' },
  identity: { name: 'identity', types: ['identity'], versionPath: '/v3' },
} as const satisfies Record<string, WantedService>;

/** Endpoints of one service in our region and of our interface, in the order of preference. */
export function endpointsOf(login: Login, wanted: WantedService, settings: AuthSettings): readonly CatalogEndpoint[] {
  return wanted.types.flatMap((type) =>
    login.catalog
      .filter((entry) => entry.type === type)
      .flatMap((entry) => entry.endpoints)
      .filter((endpoint) => isOurs(endpoint, settings)),
  );
}

export function isOurs(endpoint: CatalogEndpoint, { endpointInterface, region }: AuthSettings): boolean {
  if (endpoint.interface !== endpointInterface) return false;
  return region === null || (endpoint.region_id ?? endpoint.region) === region;
}

/** The URL with its version part. Errors: CliError that says what the catalog has. */
export function findEndpoint(login: Login, wanted: WantedService, settings: AuthSettings): string {
  const [found] = endpointsOf(login, wanted, settings);
  if (found !== undefined) return withVersion(found.url.replace(/\/+$/, ''), wanted.versionPath);
  const place = `${settings.endpointInterface} endpoint${settings.region === null ? '' : ` in region ${settings.region}`}`;
  const present = [...new Set(login.catalog.map((entry) => entry.type))].join(', ');
  throw new CliError(
    `The catalog has no ${wanted.name} service with a ${place}.`,
    login.projectId === null
      ? 'The token has no project: set OS_PROJECT_NAME.'
      : `It has: ${present || 'nothing'}. Check OS_REGION_NAME and OS_INTERFACE.`,
  );
}

function withVersion(url: string, versionPath: string): string {
  const [, major] = /^\/(v\d+)/.exec(versionPath) ?? [];
  return new RegExp(`/${major}(\\.\\d+)?(/|$)`).test(new URL(url).pathname) ? url : url + versionPath;
}
