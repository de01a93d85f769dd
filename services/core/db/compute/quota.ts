// Quotas of the compute API: instances, cores, memory. Usage is counted from the rows themselves, so it cannot drift; two
// requests of one project are kept from counting side by side by an advisory lock that ends with the transaction.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';

export interface ComputeQuota {
  readonly instances: number;
  readonly cores: number;
  /** MiB */
  readonly ram: number;
}

/** Nova's defaults. Source: nova/conf/quota.py. */
const defaults: ComputeQuota = { instances: 10, cores: 20, ram: 51_200 };
export const computeResources = ['instances', 'cores', 'ram'] as const;
export type ComputeResource = (typeof computeResources)[number];

export async function loadComputeUsage(db: Executor, projectId: string): Promise<ComputeQuota> {
  const row: ComputeQuota | undefined = await db('servers')
    .where({ project_id: projectId })
    .first(
      db.raw('count(*)::int as instances'),
      db.raw(`coalesce(sum((flavor->>'vcpus')::int), 0)::int as cores`),
      db.raw(`coalesce(sum((flavor->>'ram_mib')::int), 0)::int as ram`),
    );
  return row ?? { instances: 0, cores: 0, ram: 0 };
}

/** The project's own limits over those of the default class over Nova's defaults; -1 means no limit. */
export async function loadComputeLimits(db: Executor, projectId: string): Promise<ComputeQuota> {
  const rows: { project_id: string; resource: string; hard_limit: number }[] = await db('quota_limits')
    .whereIn('project_id', ['class:default', projectId])
    .whereIn('resource', [...computeResources])
    .select('project_id', 'resource', 'hard_limit');
  const limit = (resource: ComputeResource): number =>
    rows.find((row) => row.project_id === projectId && row.resource === resource)?.hard_limit ??
    rows.find((row) => row.resource === resource)?.hard_limit ??
    defaults[resource];
  return { instances: limit('instances'), cores: limit('cores'), ram: limit('ram') };
}

/** Throws `forbidden` (Nova answers 403 for quotas) when the wish does not fit; the project stays locked until the commit. */
export async function demandComputeQuota(tx: Transaction, projectId: string, wish: ComputeQuota): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 2))', [`compute-quota:${projectId}`]);
  const [usage, limits] = [await loadComputeUsage(tx, projectId), await loadComputeLimits(tx, projectId)];
  for (const resource of computeResources) {
    const limit = limits[resource];
    if (limit < 0 || usage[resource] + wish[resource] <= limit) continue;
    throw new ServiceError(
      'forbidden',
      `Quota exceeded for ${resource}: Requested ${wish[resource]}, but already used ${usage[resource]} of ${limit} ${resource}`,
    );
  }
}

/** What a project without limits of its own gets. */
export function loadDefaultLimits(db: Executor): Promise<ComputeQuota> {
  return loadComputeLimits(db, 'class:default');
}

/**
 * Sets limits of the project. Throws `bad_request` for one below what is used already, unless forced (then nothing new starts
 * until enough has gone).
 */
export async function storeComputeLimits(
  tx: Transaction,
  projectId: string,
  limits: Partial<ComputeQuota>,
  force: boolean,
): Promise<void> {
  const usage = await loadComputeUsage(tx, projectId);
  for (const resource of computeResources) {
    const limit = limits[resource];
    if (limit === undefined) continue;
    if (!force && limit >= 0 && limit < usage[resource]) {
      throw new ServiceError(
        'bad_request',
        `Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${usage[resource]}.`,
      );
    }
    await tx('quota_limits')
      .insert({ project_id: projectId, resource, hard_limit: limit })
      .onConflict(['project_id', 'resource'])
      .merge();
  }
}

export async function deleteComputeLimits(db: Executor, projectId: string): Promise<void> {
  await db('quota_limits')
    .where({ project_id: projectId })
    .whereIn('resource', [...computeResources])
    .delete();
}
