// Refuses what would go over a quota. Two requests of one project could both count before either adds its rows; an advisory lock that
// ends with the transaction lets the second count what the first has added.
import { ServiceError } from '../../domain/errors.js';
import type { Transaction } from '../connection.js';
import {
  countGroups,
  loadLimits,
  loadUsage,
  type PerTypeResource,
  type TypeName,
  type Usage,
  unused,
  wholeUsage,
} from './quota-limits.js';

/** What is wished for on top of what is there. */
export interface QuotaWish {
  readonly type: TypeName | null;
  readonly volumes: number;
  readonly snapshots: number;
  /** GiB */
  readonly gigabytes: number;
  /** The whole size of the one volume in GiB, for the limit of a single volume; null when no volume is made or grown. */
  readonly volumeSizeGib: number | null;
}

/** Texts: cinder/exception.py, prefixed by the exception's name as the API does. */
function refusal(kind: PerTypeResource, resource: string, limit: number, wished: Usage, used: Usage): ServiceError {
  switch (kind) {
    case 'volumes':
      return new ServiceError(
        'over_quota',
        `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota '${resource}'.`,
      );
    case 'snapshots':
      return new ServiceError(
        'over_quota',
        `SnapshotLimitExceeded: Maximum number of snapshots allowed (${limit}) exceeded for quota '${resource}'.`,
      );
    case 'gigabytes':
      return new ServiceError(
        'over_quota',
        `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed ${resource} quota. Requested ${wished.gigabytes}G, quota is ${limit}G and ${used.gigabytes}G has been consumed.`,
      );
  }
}

function check(limits: ReadonlyMap<string, number>, suffix: string, wished: Usage, used: Usage): void {
  for (const kind of ['volumes', 'snapshots', 'gigabytes'] as const) {
    const resource = `${kind}${suffix}`;
    const limit = limits.get(resource) ?? -1;
    if (limit < 0 || wished[kind] === 0 || used[kind] + wished[kind] <= limit) continue;
    throw refusal(kind, resource, limit, wished, used);
  }
}

function checkVolumeSize(limit: number, wishes: readonly QuotaWish[]): void {
  const size = Math.max(...wishes.map((wish) => wish.volumeSizeGib ?? 0));
  if (limit < 0 || size <= limit) return;
  throw new ServiceError(
    'over_quota',
    `VolumeSizeExceedsLimit: Requested volume size ${size}G is larger than maximum allowed limit ${limit}G.`,
  );
}

function sum(wishes: readonly Usage[]): Usage {
  const add = (kind: PerTypeResource): number => wishes.reduce((total, wish) => total + wish[kind], 0);
  return { volumes: add('volumes'), snapshots: add('snapshots'), gigabytes: add('gigabytes') };
}

/** One type with all that is wished for of it. */
interface TypedWish {
  readonly type: TypeName;
  readonly wished: Usage;
}

function byType(wishes: readonly QuotaWish[]): TypedWish[] {
  const types = new Map(wishes.flatMap((wish) => (wish.type === null ? [] : [[wish.type.id, wish.type] as const])));
  return [...types.values()].map((type) => ({
    type,
    wished: sum(wishes.filter((wish) => wish.type?.id === type.id)),
  }));
}

/** Held until the transaction ends: nobody else counts or changes the project's limits meanwhile. */
export async function lockQuota(tx: Transaction, projectId: string): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 3))', [`volume-quota:${projectId}`]);
}

async function demand(
  tx: Transaction,
  projectId: string,
  wishes: readonly QuotaWish[],
  withTotals: boolean,
): Promise<void> {
  await lockQuota(tx, projectId);
  const typed = byType(wishes);
  const kinds = ['volumes', 'snapshots', 'gigabytes'];
  const names = typed.flatMap(({ type }) => kinds.map((kind) => `${kind}_${type.name}`));
  const limits = await loadLimits(tx, projectId, [...kinds, 'per_volume_gigabytes', ...names]);
  const usage = await loadUsage(tx, projectId);
  if (withTotals) {
    checkVolumeSize(limits.get('per_volume_gigabytes') ?? -1, wishes);
    check(limits, '', sum(wishes), wholeUsage(usage));
  }
  for (const { type, wished } of typed) {
    check(limits, `_${type.name}`, wished, wholeUsage(usage.byType.get(type.id) ?? unused));
  }
}

/** All that one request adds to the project, together. Throws `over_quota`. The project's quota stays locked until the transaction ends. */
export function demandQuota(tx: Transaction, projectId: string, ...wishes: readonly QuotaWish[]): Promise<void> {
  return demand(tx, projectId, wishes, true);
}

/** One more group. Throws `over_quota`. The project's quota stays locked until the transaction ends. */
export async function demandGroupQuota(tx: Transaction, projectId: string): Promise<void> {
  await lockQuota(tx, projectId);
  const limit = (await loadLimits(tx, projectId, ['groups'])).get('groups') ?? -1;
  if (limit < 0 || (await countGroups(tx, projectId)) < limit) return;
  throw new ServiceError('over_quota', `GroupLimitExceeded: Maximum number of groups allowed (${limit}) exceeded`);
}

/**
 * What a volume that the project has already (and its snapshots) adds to the limits of another type when it changes to that type. The
 * project's totals stay as they are, so they are not demanded. Call it before the rows change. Throws `over_quota`.
 */
export function demandTypeQuota(tx: Transaction, projectId: string, type: TypeName, wished: Usage): Promise<void> {
  return demand(tx, projectId, [{ type, ...wished, volumeSizeGib: null }], false);
}
