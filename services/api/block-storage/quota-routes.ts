// Quotas of projects, and quota classes.
// Source: cinder/api/contrib/quotas.py, quota_classes.py, and cinder/api/validation/validators.py (quota_set).
import type { components } from '../../../api-spec/generated/block-storage.js';
import { deleteLimits } from '../../core/db/block-storage/quota-limits.js';
import {
  changeClassLimits,
  changeProjectLimits,
  loadClassLimits,
  loadQuotaLimits,
  loadQuotaResources,
  loadQuotaUse,
} from '../../core/db/block-storage/quota-sets.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';

type Schemas = components['schemas'];

/** Keys that clients send along and that are no quotas. */
const notQuotas = ['tenant_id', 'id'];

/** Throws `bad_request` that names every unknown key. */
function readLimits(body: Schemas['QuotaInput'], resources: readonly string[]): Map<string, number> {
  const entries = Object.entries(body).filter(([name]) => !notQuotas.includes(name));
  const unknown = entries.filter(([name]) => !resources.includes(name)).map(([name]) => name.slice(0, 64));
  if (unknown.length > 0) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Bad key(s) in quota set: ${unknown.slice(0, 32).join(', ')}`,
    );
  }
  const limits = new Map<string, number>();
  for (const [name, value] of entries) {
    const limit = typeof value === 'string' ? Number(value) : value;
    const reason = !Number.isInteger(limit)
      ? `${name} must be an integer`
      : Number(limit) < -1
        ? `${name} must be >= -1`
        : Number(limit) > 2 ** 31 - 1
          ? `${name} must be <= 2147483647`
          : null;
    if (reason !== null) throw new ServiceError('bad_request', reason);
    limits.set(name, Number(limit));
  }
  return limits;
}

/** Limits of classes are stored beside those of projects under names with a colon, which no project's id has. */
function readProject(id: string): string {
  if (id.length <= 255 && !id.includes(':')) return id;
  throw new ServiceError('bad_request', `Invalid input received: '${id.slice(0, 64)}' is no project id.`);
}

function readClass(name: string): string {
  if (name.length <= 255) return name;
  throw new ServiceError('bad_request', 'Invalid input received: quota_class_name has more than 255 characters.');
}

function readShown(context: RequestContext, id: string): string {
  authorize('quota:show', context, { projectId: id });
  return readProject(id);
}

/** Whose eyes private types are hidden from: administrators see all. */
function seenByOf(context: RequestContext): string | null {
  return context.isAdmin ? null : requireScope(context).projectId;
}

const path = '/v3/os-quota-sets/{target_project_id}';

function showRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showQuotaSet',
      policy: 'quota:show',
      success: 200,
      async handler(context, { param, query }) {
        const id = readShown(context, param('target_project_id'));
        const [asked, seenBy] = [query.get('usage'), seenByOf(context)];
        if (asked === null || !parseBoolean('usage', asked)) {
          return { body: { quota_set: { id, ...Object.fromEntries(await loadQuotaLimits(database, id, seenBy)) } } };
        }
        const shown = [...(await loadQuotaUse(database, id, seenBy))].map(([name, { limit, inUse, reserved }]) => [
          name,
          { limit, in_use: inUse, reserved },
        ]);
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
        const id = readShown(context, param('target_project_id'));
        const limits = await loadClassLimits(database, 'default', seenByOf(context));
        return { body: { quota_set: { id, ...Object.fromEntries(limits) } } };
      },
    }),
  ];
}

function changeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['QuotaSetUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateQuotaSet',
      policy: 'quota:update',
      success: 200,
      async handler(_context, { param, body }) {
        const id = readProject(param('target_project_id'));
        const wanted = readLimits(body.quota_set, await loadQuotaResources(database));
        await changeProjectLimits(database, id, wanted);
        return { body: { quota_set: Object.fromEntries(await loadQuotaLimits(database, id)) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteQuotaSet',
      policy: 'quota:update',
      success: 200,
      async handler(_context, { param }) {
        await deleteLimits(database, readProject(param('target_project_id')), await loadQuotaResources(database));
        return {};
      },
    }),
  ];
}

function classRoutes({ database }: BlockStorageApi): Route[] {
  const classPath = '/v3/os-quota-class-sets/{class_name}';
  return [
    defineRoute({
      method: 'GET',
      path: classPath,
      operationId: 'showQuotaClass',
      policy: 'quota-class:show',
      success: 200,
      async handler(_context, { param }) {
        const id = readClass(param('class_name'));
        return { body: { quota_class_set: { id, ...Object.fromEntries(await loadClassLimits(database, id)) } } };
      },
    }),
    defineRoute<Schemas['QuotaClassUpdate']>({
      method: 'PUT',
      path: classPath,
      operationId: 'updateQuotaClass',
      policy: 'quota-class:update',
      success: 200,
      async handler(_context, { param, body }) {
        const id = readClass(param('class_name'));
        await changeClassLimits(database, id, readLimits(body.quota_class_set, await loadQuotaResources(database)));
        return { body: { quota_class_set: Object.fromEntries(await loadClassLimits(database, id)) } };
      },
    }),
  ];
}

export function quotaRoutes(api: BlockStorageApi): Route[] {
  return [...showRoutes(api), ...changeRoutes(api), ...classRoutes(api)];
}
