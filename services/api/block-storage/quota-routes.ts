// Limits, quotas of projects, and the default quotas. Backups and groups have limits, because clients ask for them, and no usage.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  deleteLimits,
  loadLimits,
  loadTypeNames,
  loadUsage,
  type ProjectUsage,
  quotaResources,
  storeLimits,
  type TypeName,
} from '../../core/db/block-storage/quota-limits.js';
import type { Executor } from '../../core/db/connection.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { passes } from './microversions.js';

type Schemas = components['schemas'];

/** What is in use of each resource, by name; 0 for what is not kept here. */
function usageByName(usage: ProjectUsage, types: readonly TypeName[]): Map<string, number> {
  const used = new Map<string, number>([
    ['volumes', usage.volumes],
    ['snapshots', usage.snapshots],
    ['gigabytes', usage.gigabytes],
  ]);
  for (const type of types) {
    const own = usage.byType.get(type.id);
    for (const kind of ['volumes', 'snapshots', 'gigabytes'] as const)
      used.set(`${kind}_${type.name}`, own?.[kind] ?? 0);
  }
  return used;
}

function readLimits(body: Schemas['QuotaInput'], resources: readonly string[]): Map<string, number> {
  const limits = new Map<string, number>();
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === 'tenant_id') continue;
    if (!resources.includes(name)) unknown.push(name.slice(0, 64));
    else limits.set(name, Number(value));
  }
  if (unknown.length > 0) throw new ServiceError('bad_request', `Bad key(s) in quota set: ${unknown.join(', ')}`);
  if (limits.size === 0) throw new ServiceError('bad_request', 'Invalid input received: the quota set names no quota.');
  return limits;
}

async function demandNotBelowUse(db: Executor, projectId: string, limits: ReadonlyMap<string, number>): Promise<void> {
  const used = usageByName(await loadUsage(db, projectId), await loadTypeNames(db));
  for (const [name, limit] of limits) {
    const inUse = used.get(name) ?? 0;
    if (limit < 0 || limit >= inUse) continue;
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Quota limit ${limit} for ${name} must be greater than or equal to what is in use, ${inUse}.`,
    );
  }
}

function quotaSetRoutes({ database }: BlockStorageApi): Route[] {
  const path = '/v3/os-quota-sets/{target_project_id}';
  const resourcesNow = async (): Promise<string[]> => quotaResources(await loadTypeNames(database));
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showQuotaSet',
      policy: 'quota:show',
      success: 200,
      async handler(context, { param, query }) {
        const id = param('target_project_id');
        authorize('quota:show', context, { projectId: id });
        const types = await loadTypeNames(database);
        const limits = await loadLimits(database, id, quotaResources(types));
        const asked = query.get('usage');
        if (asked === null || !parseBoolean('usage', asked))
          return { body: { quota_set: { id, ...Object.fromEntries(limits) } } };
        const used = usageByName(await loadUsage(database, id), types);
        const shown = [...limits].map(([name, limit]) => [name, { limit, in_use: used.get(name) ?? 0, reserved: 0 }]);
        return { body: { quota_set: { id, ...Object.fromEntries(shown) } } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${path}/defaults`,
      operationId: 'showQuotaDefaults',
      policy: 'quota:show',
      success: 200,
      async handler(context, { param }) {
        const id = param('target_project_id');
        authorize('quota:show', context, { projectId: id });
        const limits = await loadLimits(database, null, await resourcesNow());
        return { body: { quota_set: { id, ...Object.fromEntries(limits) } } };
      },
    }),
    defineRoute<Schemas['QuotaSetUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateQuotaSet',
      policy: 'quota:update',
      success: 200,
      async handler(_context, { param, body }) {
        const id = param('target_project_id');
        const resources = await resourcesNow();
        const wanted = readLimits(body.quota_set, resources);
        await demandNotBelowUse(database, id, wanted);
        await storeLimits(database, id, wanted);
        return { body: { quota_set: Object.fromEntries(await loadLimits(database, id, resources)) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteQuotaSet',
      policy: 'quota:update',
      success: 200,
      async handler(_context, { param }) {
        await deleteLimits(database, param('target_project_id'), await resourcesNow());
        return {};
      },
    }),
  ];
}

function quotaClassRoutes({ database }: BlockStorageApi): Route[] {
  const path = '/v3/os-quota-class-sets/{class_name}';
  const demandDefault = (name: string): void => {
    // Cinder keeps other classes and uses them nowhere; here there is one.
    if (name !== 'default')
      throw new ServiceError('not_found', `Quota class ${name.slice(0, 255)} could not be found.`);
  };
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showQuotaClass',
      policy: 'quota-class:show',
      success: 200,
      async handler(_context, { param }) {
        const id = param('class_name');
        demandDefault(id);
        const limits = await loadLimits(database, null, quotaResources(await loadTypeNames(database)));
        return { body: { quota_class_set: { id, ...Object.fromEntries(limits) } } };
      },
    }),
    defineRoute<Schemas['QuotaClassUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateQuotaClass',
      policy: 'quota-class:update',
      success: 200,
      async handler(_context, { param, body }) {
        demandDefault(param('class_name'));
        const resources = quotaResources(await loadTypeNames(database));
        await storeLimits(database, null, readLimits(body.quota_class_set, resources));
        return { body: { quota_class_set: Object.fromEntries(await loadLimits(database, null, resources)) } };
      },
    }),
  ];
}

/** Administrators may ask for another project's from 3.39 on. */
function limitsProject(context: RequestContext, query: URLSearchParams): string {
  const asked = query.get('project_id') ?? query.get('tenant_id');
  const own = requireScope(context).projectId;
  return asked !== null && context.isAdmin && passes(context, 'limits-project') ? asked : own;
}

export function quotaRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/limits',
      operationId: 'showLimits',
      policy: 'limits:show',
      success: 200,
      async handler(context, { query }) {
        const projectId = limitsProject(context, query);
        const limits = await loadLimits(database, projectId, quotaResources([]));
        const usage = await loadUsage(database, projectId);
        const limit = (name: string): number => limits.get(name) ?? -1;
        const absolute = {
          maxTotalVolumes: limit('volumes'),
          maxTotalSnapshots: limit('snapshots'),
          maxTotalVolumeGigabytes: limit('gigabytes'),
          maxTotalBackups: limit('backups'),
          maxTotalBackupGigabytes: limit('backup_gigabytes'),
          totalVolumesUsed: usage.volumes,
          totalGigabytesUsed: usage.gigabytes,
          totalSnapshotsUsed: usage.snapshots,
          totalBackupsUsed: 0,
          totalBackupGigabytesUsed: 0,
        };
        return { body: { limits: { rate: [], absolute } } };
      },
    }),
    ...quotaSetRoutes(api),
    ...quotaClassRoutes(api),
  ];
}
