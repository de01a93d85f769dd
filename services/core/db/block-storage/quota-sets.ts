// The quota set of a project and the values of a quota class: limits by resource with what is used of each, and their change.
//
// Race: a limit is lowered to what is in use while a create is accepted. The change takes the lock that every demand takes, so it
// counts what the other has added, or the other sees the new limit.
import { ServiceError } from '../../domain/errors.js';
import type { Database, Executor } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { loadBackupUsage } from './backup-quota.js';
import { lockQuota } from './quota-demand.js';
import {
  type CountedUsage,
  countGroups,
  loadLimits,
  loadTypeNames,
  loadUsage,
  quotaResources,
  storeLimits,
  unused,
} from './quota-limits.js';

export interface QuotaUse {
  readonly limit: number;
  /** What rows have: GiB or a number of things. */
  readonly inUse: number;
  /** What accepted operations will add: growth, or a change of type. */
  readonly reserved: number;
}

type Use = Omit<QuotaUse, 'limit'>;

function usesOf(usage: CountedUsage, suffix: string): [string, Use][] {
  return (['volumes', 'snapshots', 'gigabytes'] as const).map((kind) => [
    `${kind}${suffix}`,
    { inUse: usage[kind], reserved: usage.reserved[kind] },
  ]);
}

/**
 * Every resource by name, those of each volume type included (of those that `seenBy` knows; null: all). What is not counted here has 0
 * in use.
 */
export async function loadQuotaUse(
  db: Executor,
  projectId: string,
  seenBy: string | null = null,
): Promise<Map<string, QuotaUse>> {
  const types = await loadTypeNames(db, seenBy);
  const limits = await loadLimits(db, projectId, quotaResources(types));
  const usage = await loadUsage(db, projectId);
  const kept = await loadBackupUsage(db, projectId);
  const uses = new Map<string, Use>([
    ...usesOf(usage, ''),
    ['backups', { inUse: kept.backups, reserved: 0 }],
    ['backup_gigabytes', { inUse: kept.gigabytes, reserved: 0 }],
    ['groups', { inUse: await countGroups(db, projectId), reserved: 0 }],
    ...types.flatMap((type) => usesOf(usage.byType.get(type.id) ?? unused, `_${type.name}`)),
  ]);
  return new Map(
    [...limits].map(([name, limit]) => [name, { limit, ...(uses.get(name) ?? { inUse: 0, reserved: 0 }) }] as const),
  );
}

export async function loadQuotaLimits(
  db: Executor,
  projectId: string,
  seenBy: string | null = null,
): Promise<Map<string, number>> {
  return loadLimits(db, projectId, quotaResources(await loadTypeNames(db, seenBy)));
}

/** Names of all resources that a quota can limit now. */
export async function loadQuotaResources(db: Executor): Promise<string[]> {
  return quotaResources(await loadTypeNames(db));
}

/** Throws `bad_request` for a limit below what is in use, and changes nothing then. Source of the text: cinder/api/contrib/quotas.py. */
export async function changeProjectLimits(
  database: Database,
  projectId: string,
  wanted: ReadonlyMap<string, number>,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockQuota(tx, projectId);
    const uses = await loadQuotaUse(tx, projectId);
    for (const [name, limit] of wanted) {
      const use = uses.get(name);
      const used = (use?.inUse ?? 0) + (use?.reserved ?? 0);
      if (limit < 0 || limit >= used) continue;
      throw new ServiceError(
        'bad_request',
        `Quota ${name} limit must be equal or greater than existing resources. Current usage is ${used} and the requested limit is ${limit}.`,
      );
    }
    await storeLimits(tx, projectId, wanted);
  });
}

/** The class `default` is everybody's; every other falls back to it. Cinder stores other classes too and gives them to nobody. */
function ownerOf(className: string): string | null {
  return className === 'default' ? null : `class:${className}`;
}

export async function loadClassLimits(
  db: Executor,
  className: string,
  seenBy: string | null = null,
): Promise<Map<string, number>> {
  return loadLimits(db, ownerOf(className), quotaResources(await loadTypeNames(db, seenBy)));
}

export async function changeClassLimits(
  database: Database,
  className: string,
  wanted: ReadonlyMap<string, number>,
): Promise<void> {
  await storeLimits(database, ownerOf(className), wanted);
}
