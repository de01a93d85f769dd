// Refuses what would go over a quota. Two requests of one project could both count before either adds its rows; an advisory lock that
// ends with the transaction lets the second count what the first has added.
import { ServiceError } from '../../domain/errors.js';
import type { Transaction } from '../connection.js';
import { loadLimits, loadUsage, type PerTypeResource, type TypeName, type Usage } from './quota-limits.js';

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
function refusal(kind: PerTypeResource, resource: string, limit: number, wish: QuotaWish, used: number): ServiceError {
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
        `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed ${resource} quota. Requested ${wish.gigabytes}G, quota is ${limit}G and ${used}G has been consumed.`,
      );
  }
}

function check(limits: ReadonlyMap<string, number>, suffix: string, wish: QuotaWish, used: Usage): void {
  for (const kind of ['volumes', 'snapshots', 'gigabytes'] as const) {
    const resource = `${kind}${suffix}`;
    const limit = limits.get(resource) ?? -1;
    if (limit < 0 || wish[kind] === 0 || used[kind] + wish[kind] <= limit) continue;
    throw refusal(kind, resource, limit, wish, used[kind]);
  }
}

/** Throws `over_quota`. The project's quota stays locked until the transaction ends. */
export async function demandQuota(tx: Transaction, projectId: string, wish: QuotaWish): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 3))', [`volume-quota:${projectId}`]);
  const suffix = wish.type === null ? null : `_${wish.type.name}`;
  const names = ['volumes', 'snapshots', 'gigabytes', 'per_volume_gigabytes'];
  if (suffix !== null) names.push(`volumes${suffix}`, `snapshots${suffix}`, `gigabytes${suffix}`);
  const limits = await loadLimits(tx, projectId, names);
  const perVolume = limits.get('per_volume_gigabytes') ?? -1;
  if (perVolume >= 0 && wish.volumeSizeGib !== null && wish.volumeSizeGib > perVolume) {
    throw new ServiceError(
      'over_quota',
      `VolumeSizeExceedsLimit: Requested volume size ${wish.volumeSizeGib}G is larger than maximum allowed limit ${perVolume}G.`,
    );
  }
  const usage = await loadUsage(tx, projectId);
  check(limits, '', wish, usage);
  const none: Usage = { volumes: 0, snapshots: 0, gigabytes: 0 };
  if (suffix !== null && wish.type !== null) check(limits, suffix, wish, usage.byType.get(wish.type.id) ?? none);
}
