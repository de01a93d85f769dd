// Which pools a volume fits: by the extra specs of its type and by room. Pure.
//
// Extra specs are compared as Cinder's capabilities filter does: unscoped keys and those of the scope `capabilities` must match what the
// pool reports, other scopes belong to drivers. Source: cinder/scheduler/filters/{capabilities_filter,extra_specs_ops}.py.
import { GIB } from '../../domain/size.js';

/** What a worker reports about a pool. */
export interface PoolCapabilities {
  readonly volumeBackendName: string;
  readonly vendorName: string;
  readonly driverVersion: string;
  readonly storageProtocol: string;
  readonly reservedPercentage: number;
  readonly maxOverSubscriptionRatio: number;
  readonly thinProvisioning: boolean;
  readonly thickProvisioning: boolean;
  readonly volumeFormat: 'raw' | 'qcow2';
  readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full';
}

export interface PoolRecord {
  readonly name: string;
  readonly backend_host: string;
  readonly share: string;
  readonly zone: string;
  readonly state: 'up' | 'down';
  readonly capabilities: PoolCapabilities;
  readonly total_bytes: number | null;
  readonly free_bytes: number | null;
  readonly provisioned_gib: number;
  readonly updated_at: string;
}

/** The capabilities under Cinder's names, as get_pools shows them and types select by them. */
export function capabilitiesInCinderWords(pool: PoolRecord): Record<string, string | number | boolean> {
  const { capabilities: c } = pool;
  return {
    volume_backend_name: c.volumeBackendName,
    vendor_name: c.vendorName,
    driver_version: c.driverVersion,
    storage_protocol: c.storageProtocol,
    pool_name: pool.share,
    reserved_percentage: c.reservedPercentage,
    max_over_subscription_ratio: c.maxOverSubscriptionRatio,
    thin_provisioning_support: c.thinProvisioning,
    thick_provisioning_support: c.thickProvisioning,
    multiattach: false,
    QoS_support: false,
  };
}

type Compare = (actual: string, wanted: string) => boolean;
const numbers =
  (test: (a: number, b: number) => boolean): Compare =>
  (actual, wanted) =>
    test(Number(actual), Number(wanted));

const operators: readonly (readonly [string, Compare])[] = [
  ['<is>', (actual, wanted) => /^(?:1|t|true|on|y|yes)$/i.test(actual) === /^(?:1|t|true|on|y|yes)$/i.test(wanted)],
  ['<in>', (actual, wanted) => actual.includes(wanted)],
  ['s==', (actual, wanted) => actual === wanted],
  ['s!=', (actual, wanted) => actual !== wanted],
  ['s<=', (actual, wanted) => actual <= wanted],
  ['s>=', (actual, wanted) => actual >= wanted],
  ['s<', (actual, wanted) => actual < wanted],
  ['s>', (actual, wanted) => actual > wanted],
  ['==', numbers((a, b) => a === b)],
  ['!=', numbers((a, b) => a !== b)],
  ['<=', numbers((a, b) => a <= b)],
  ['>=', numbers((a, b) => a >= b)],
  ['=', numbers((a, b) => a >= b)],
];

/** True when the reported value is what the extra spec asks for. */
export function specMatches(actual: string, wanted: string): boolean {
  if (wanted.startsWith('<or>'))
    return wanted.split('<or>').some((part) => part.trim() === actual && part.trim() !== '');
  for (const [word, compare] of operators) {
    if (wanted.startsWith(`${word} `)) return compare(actual, wanted.slice(word.length).trim());
  }
  // Python prints booleans with a capital letter, and types are written so.
  return actual.toLowerCase() === wanted.trim().toLowerCase();
}

export type ExtraSpecs = Readonly<Record<string, string | null>>;

/** True when the pool is what the type asks for. */
export function poolMatchesSpecs(pool: PoolRecord, specs: ExtraSpecs): boolean {
  const reported = capabilitiesInCinderWords(pool);
  return Object.entries(specs).every(([key, wanted]) => {
    const [scope, name, ...rest] = key.split(':');
    if (name !== undefined && (scope !== 'capabilities' || rest.length > 0)) return true;
    const capability = name ?? key;
    const actual = Object.hasOwn(reported, capability) ? reported[capability] : undefined;
    return actual !== undefined && wanted !== null && specMatches(String(actual), wanted);
  });
}

/** GiB that the pool may still promise; infinite while its size is unknown. */
export function virtualFreeGib(pool: PoolRecord): number {
  if (pool.total_bytes === null) return Number.POSITIVE_INFINITY;
  const { maxOverSubscriptionRatio, reservedPercentage, thinProvisioning } = pool.capabilities;
  const ratio = thinProvisioning ? maxOverSubscriptionRatio : 1;
  return (pool.total_bytes / GIB) * (1 - reservedPercentage / 100) * ratio - pool.provisioned_gib;
}

/** GiB that are really free beyond the reserve, times what thin files may overcommit; as Cinder's capacity filter counts. */
function realFreeGib(pool: PoolRecord): number {
  if (pool.total_bytes === null || pool.free_bytes === null) return Number.POSITIVE_INFINITY;
  const { maxOverSubscriptionRatio, reservedPercentage, thinProvisioning } = pool.capabilities;
  const free = pool.free_bytes - (pool.total_bytes * reservedPercentage) / 100;
  return (free / GIB) * (thinProvisioning ? maxOverSubscriptionRatio : 1);
}

export function poolHasRoom(pool: PoolRecord, sizeGib: number): boolean {
  return virtualFreeGib(pool) >= sizeGib && realFreeGib(pool) >= sizeGib;
}
