// Which pools a volume fits: by the extra specs of its type and by room. Pure.
//
// Extra specs are compared as Cinder's capabilities filter does: unscoped keys and those of the scope `capabilities` must match what the
// pool reports, other scopes belong to drivers. Source: cinder/scheduler/filters/{capabilities_filter,capacity_filter}.py.
import { GIB } from '../../domain/size.js';
import { type Capability, specMatches } from './spec-match.js';

/** What a worker reports about a pool. */
export interface PoolCapabilities {
  readonly volumeBackendName: string;
  readonly vendorName: string;
  readonly driverVersion: string;
  readonly storageProtocol: string;
  readonly reservedPercentage: number;
  /** `auto` follows from what is promised and what is used. */
  readonly maxOverSubscriptionRatio: number | 'auto';
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

/** GiB to two decimals; Cinder's word for what is not known. */
function shownGib(bytes: number | null): number | 'unknown' {
  return bytes === null ? 'unknown' : Math.round((bytes / GIB) * 100) / 100;
}

/** What Cinder calls the capabilities of a pool. */
export interface CinderCapabilities {
  readonly volume_backend_name: string;
  readonly vendor_name: string;
  readonly driver_version: string;
  readonly storage_protocol: string;
  readonly pool_name: string;
  readonly total_capacity_gb: number | 'unknown';
  readonly free_capacity_gb: number | 'unknown';
  readonly allocated_capacity_gb: number;
  readonly provisioned_capacity_gb: number;
  readonly reserved_percentage: number;
  readonly max_over_subscription_ratio: number | 'auto';
  readonly thin_provisioning_support: boolean;
  readonly thick_provisioning_support: boolean;
  readonly multiattach: boolean;
  readonly QoS_support: boolean;
}

/** The capabilities under Cinder's names, as get_pools shows them and types select by them. */
export function capabilitiesInCinderWords(pool: PoolRecord): CinderCapabilities {
  const { capabilities: c } = pool;
  return {
    volume_backend_name: c.volumeBackendName,
    vendor_name: c.vendorName,
    driver_version: c.driverVersion,
    storage_protocol: c.storageProtocol,
    pool_name: pool.share,
    total_capacity_gb: shownGib(pool.total_bytes),
    free_capacity_gb: shownGib(pool.free_bytes),
    allocated_capacity_gb: pool.provisioned_gib,
    provisioned_capacity_gb: pool.provisioned_gib,
    reserved_percentage: c.reservedPercentage,
    max_over_subscription_ratio: c.maxOverSubscriptionRatio,
    thin_provisioning_support: c.thinProvisioning,
    thick_provisioning_support: c.thickProvisioning,
    multiattach: true,
    QoS_support: false,
  };
}

export type ExtraSpecs = Readonly<Record<string, string | null>>;

/** True when the pool is what the type asks for. Nothing reported has parts, so a key with further scopes is never met. */
export function poolMatchesSpecs(pool: PoolRecord, specs: ExtraSpecs): boolean {
  const reported: Readonly<Record<string, Capability>> = { ...capabilitiesInCinderWords(pool) };
  return Object.entries(specs).every(([key, wanted]) => {
    const scopes = key.split(':');
    if (scopes.length > 1 && scopes[0] !== 'capabilities') return true;
    const capability = scopes.length > 1 ? scopes.slice(1).join(':') : key;
    const actual = Object.hasOwn(reported, capability) ? reported[capability] : undefined;
    return actual !== undefined && wanted !== null && specMatches(actual, wanted);
  });
}

/** Cinder's ratio for `auto` while nothing is promised. */
const INITIAL_AUTO_RATIO = 20;

/** How often the capacity may be promised. Source: calculate_max_over_subscription_ratio in cinder/volume/volume_utils.py. */
export function overSubscriptionRatio(pool: PoolRecord): number {
  const { maxOverSubscriptionRatio: ratio, thinProvisioning } = pool.capabilities;
  if (!thinProvisioning) return 1;
  if (ratio !== 'auto') return ratio;
  if (pool.provisioned_gib === 0 || pool.total_bytes === null || pool.free_bytes === null) return INITIAL_AUTO_RATIO;
  const usedGib = (pool.total_bytes - pool.free_bytes) / GIB;
  return 1 + pool.provisioned_gib / (usedGib + 1);
}

/** GiB that the pool may still promise; infinite while its size is unknown. */
export function virtualFreeGib(pool: PoolRecord): number {
  if (pool.total_bytes === null) return Number.POSITIVE_INFINITY;
  const usable = (pool.total_bytes / GIB) * (1 - pool.capabilities.reservedPercentage / 100);
  return usable * overSubscriptionRatio(pool) - pool.provisioned_gib;
}

/** GiB that are really free beyond the reserve, times what thin files may overcommit; as Cinder's capacity filter counts. */
function realFreeGib(pool: PoolRecord): number {
  if (pool.total_bytes === null || pool.free_bytes === null) return Number.POSITIVE_INFINITY;
  const free = pool.free_bytes - (pool.total_bytes * pool.capabilities.reservedPercentage) / 100;
  return (free / GIB) * overSubscriptionRatio(pool);
}

export function poolHasRoom(pool: PoolRecord, sizeGib: number): boolean {
  return virtualFreeGib(pool) >= sizeGib && realFreeGib(pool) >= sizeGib;
}
