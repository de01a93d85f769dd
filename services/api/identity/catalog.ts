// The service catalog, derived from the public URL of this deployment: pure, no rows. Ids are hashes of what they name, so
// they stay the same over restarts and replicas.
//
// Block storage is listed twice: `volumev3` is the name older clients know (python-cinderclient, tempest up to 2024),
// `block-storage` the one newer ones ask for (openstacksdk, gophercloud).
import { createHash } from 'node:crypto';

export interface CatalogOptions {
  /** Without a slash at the end, e.g. http://10.0.0.1:8776 */
  readonly publicUrl: string;
  readonly region: string;
  /** Where the image service is; default: its API is one of ours. */
  readonly imageUrl?: string;
}

export interface CatalogEndpoint {
  readonly id: string;
  readonly interface: 'public' | 'internal' | 'admin';
  readonly region: string;
  readonly region_id: string;
  readonly url: string;
}

export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly CatalogEndpoint[];
}

interface ServiceEntry {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  /** Below the public URL; `%(project_id)s` stands for the token's project. */
  readonly path: string;
}

export const catalogServices: readonly ServiceEntry[] = [
  { type: 'block-storage', name: 'saggar', description: 'Block storage', path: '/volume/v3/%(project_id)s' },
  { type: 'volumev3', name: 'cinderv3', description: 'Block storage (older name)', path: '/volume/v3/%(project_id)s' },
  { type: 'compute', name: 'nova', description: 'Compute', path: '/compute/v2.1' },
  { type: 'image', name: 'glance', description: 'Boot images', path: '/image' },
  { type: 'saggar-admin', name: 'saggar-admin', description: 'Administration of Saggar', path: '/admin/v1' },
  { type: 'identity', name: 'keystone', description: 'Identity', path: '/identity/v3' },
];

const interfaces = ['public', 'internal', 'admin'] as const;

function stableId(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}

/** The 32-hex id of a service of the catalog. */
export function serviceId(type: string): string {
  return stableId('service', type);
}

/** The endpoints of one service; an unscoped project part stays a template, as in Keystone's endpoint list. */
export function endpointsOf(
  service: ServiceEntry,
  options: CatalogOptions,
  projectId: string | null,
): CatalogEndpoint[] {
  const path = projectId === null ? service.path : service.path.replace('%(project_id)s', projectId);
  return interfaces.map((name) => ({
    id: stableId('endpoint', service.type, name, options.region),
    interface: name,
    region: options.region,
    region_id: options.region,
    url: service.type === 'image' && options.imageUrl !== undefined ? options.imageUrl : `${options.publicUrl}${path}`,
  }));
}

/** The catalog as a token of the project carries it; without a project, services whose URL needs one are left out. */
export function buildCatalog(options: CatalogOptions, projectId: string | null): CatalogEntry[] {
  return catalogServices
    .filter((service) => projectId !== null || !service.path.includes('%('))
    .map((service) => ({
      id: serviceId(service.type),
      type: service.type,
      name: service.name,
      endpoints: endpointsOf(service, options, projectId),
    }));
}
