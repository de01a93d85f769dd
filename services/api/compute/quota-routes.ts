// Quotas of the compute API. Instances, cores and memory are counted; what does not exist here (networks, key pairs, files to
// inject) is shown with a limit of zero in the versions whose shape has it.
import {
  type ComputeQuota,
  computeResources,
  deleteComputeLimits,
  loadComputeLimits,
  loadComputeUsage,
  loadDefaultLimits,
  storeComputeLimits,
} from '../../core/db/compute/quota.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import type { RequestContext } from '../request-context.js';
import { tryBoolean } from '../shell/boolean-text.js';
import type { Microversion } from '../shell/microversion.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { ComputeApi } from './compute-api.js';
import { has } from './microversions.js';

const path = '/v2.1/os-quota-sets/{project_id}';

function absentResources(version: Microversion): readonly string[] {
  return [
    ...['metadata_items', 'key_pairs', 'server_groups', 'server_group_members'],
    ...(has(version, 'limits-without-network')
      ? []
      : ['floating_ips', 'fixed_ips', 'security_groups', 'security_group_rules']),
    ...(has(version, 'personality-gone')
      ? []
      : ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes']),
  ];
}

/** Servers may carry this many properties; it is a limit of the schema, not of a project. */
const METADATA_ITEMS = 128;

function viewQuota(limits: ComputeQuota, version: Microversion): Record<string, number> {
  const absent = absentResources(version).map((name) => [name, name === 'metadata_items' ? METADATA_ITEMS : 0]);
  return { ...limits, ...(Object.fromEntries(absent) as Record<string, number>) };
}

function viewDetail(limits: ComputeQuota, usage: ComputeQuota, version: Microversion): Record<string, object> {
  const entries = Object.entries(viewQuota(limits, version)).map(([name, limit]) => {
    const inUse = computeResources.find((resource) => resource === name);
    return [name, { limit, in_use: inUse === undefined ? 0 : usage[inUse], reserved: 0 }];
  });
  return Object.fromEntries(entries) as Record<string, object>;
}

/** The project of the path. Throws `not_found` when it is not the caller's, administrators excepted. */
function projectOf(context: RequestContext, param: (name: string) => string): string {
  const projectId = param('project_id');
  authorize('compute-quota:show', context, { projectId });
  return projectId;
}

function readingRoutes({ database }: ComputeApi): readonly Route[] {
  const get = { method: 'GET', policy: 'compute-quota:show', success: 200 } as const;
  return [
    defineRoute({
      ...get,
      path,
      operationId: 'computeShowQuota',
      handler: async (context, { param }) => {
        const id = projectOf(context, param);
        const limits = await loadComputeLimits(database, id);
        return { body: { quota_set: { id, ...viewQuota(limits, context.microversion) } } };
      },
    }),
    defineRoute({
      ...get,
      path: `${path}/defaults`,
      operationId: 'computeShowQuotaDefaults',
      handler: async (context, { param }) => {
        const id = projectOf(context, param);
        const limits = await loadDefaultLimits(database);
        return { body: { quota_set: { id, ...viewQuota(limits, context.microversion) } } };
      },
    }),
    defineRoute({
      ...get,
      path: `${path}/detail`,
      operationId: 'computeShowQuotaDetail',
      handler: async (context, { param }) => {
        const id = projectOf(context, param);
        const [limits, usage] = [await loadComputeLimits(database, id), await loadComputeUsage(database, id)];
        return { body: { quota_set: { id, ...viewDetail(limits, usage, context.microversion) } } };
      },
    }),
  ];
}

type QuotaWish = { readonly [name in keyof ComputeQuota | 'force']?: unknown };

function readLimits(wish: QuotaWish): Partial<ComputeQuota> {
  const given = computeResources.filter((resource) => wish[resource] !== undefined);
  return Object.fromEntries(given.map((resource) => [resource, Number(wish[resource])]));
}

function changingRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute<{ readonly quota_set: QuotaWish }>({
      method: 'PUT',
      path,
      operationId: 'computeUpdateQuota',
      policy: 'compute-quota:update',
      success: 200,
      handler: async ({ microversion }, { param, body: { quota_set: wish } }) => {
        const projectId = param('project_id');
        const force = tryBoolean(wish.force) ?? false;
        await database.transaction((tx) => storeComputeLimits(tx, projectId, readLimits(wish), force));
        // Unlike the reading calls, this answer names no project. Source: nova, api-ref "Update Quotas".
        return { body: { quota_set: viewQuota(await loadComputeLimits(database, projectId), microversion) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'computeDeleteQuota',
      policy: 'compute-quota:update',
      success: 202,
      handler: async (_context, { param }) => {
        await deleteComputeLimits(database, param('project_id'));
        return {};
      },
    }),
  ];
}

const classPath = '/v2.1/os-quota-class-sets/{class_name}';

/** Limits of a class are stored beside those of projects. Only `default` has an effect, as in Nova. */
function classKey(param: (name: string) => string): string {
  const name = param('class_name');
  if (name.length <= 255) return `class:${name}`;
  throw new ServiceError('not_found', 'Quota class could not be found.');
}

function classRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: classPath,
      operationId: 'computeShowQuotaClass',
      policy: 'compute-quota-class:show',
      success: 200,
      handler: async ({ microversion }, { param }) => {
        const limits = await loadComputeLimits(database, classKey(param));
        return { body: { quota_class_set: { id: param('class_name'), ...viewQuota(limits, microversion) } } };
      },
    }),
    defineRoute<{ readonly quota_class_set: QuotaWish }>({
      method: 'PUT',
      path: classPath,
      operationId: 'computeUpdateQuotaClass',
      policy: 'compute-quota-class:update',
      success: 200,
      handler: async ({ microversion }, { param, body: { quota_class_set: wish } }) => {
        const key = classKey(param);
        // Forced: a class has no usage that it could fall below.
        await database.transaction((tx) => storeComputeLimits(tx, key, readLimits(wish), true));
        return { body: { quota_class_set: viewQuota(await loadComputeLimits(database, key), microversion) } };
      },
    }),
  ];
}

export function quotaRoutes(api: ComputeApi): readonly Route[] {
  return [...readingRoutes(api), ...changingRoutes(api), ...classRoutes(api)];
}
