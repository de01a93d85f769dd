// Snapshots: list, create, show, update, delete, actions.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { createSnapshot, deleteSnapshot, updateSnapshotFields } from '../../core/db/block-storage/snapshot-change.js';
import { unmanageSnapshot } from '../../core/db/block-storage/snapshot-custody.js';
import { reportSnapshotStatus, resetSnapshotStatus } from '../../core/db/block-storage/snapshot-report.js';
import {
  countSnapshots,
  listSnapshots,
  loadSnapshot,
  snapshotCollection,
} from '../../core/db/block-storage/snapshot-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { snapshotStatuses } from '../../core/domain/snapshot.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { type ListQuery, type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { passes } from './microversions.js';
import { readId, readNames, refuseUnknownKeys } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';
import { viewSnapshot, viewSnapshotBase, viewSnapshotSummary } from './snapshot-view.js';

type Schemas = components['schemas'];

const listRules: ListRules = {
  columns: snapshotCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.snapshot,
};

function parseSnapshotList(context: RequestContext, query: URLSearchParams): ListQuery {
  const wanted = parseListQuery(context, query, listRules);
  if (!passes(context, 'snapshot-sort-name') && wanted.page.sorts.some((sort) => sort.column === 'name')) {
    throw new ServiceError('bad_request', 'Invalid input received: Invalid sort key');
  }
  return wanted;
}

/** Below 3.66 a volume in use needs `force`; from there on it does not, and saying no to it is an error. */
function readForce(context: RequestContext, force: Schemas['SnapshotCreate']['snapshot']['force']): boolean {
  const given = force === undefined || force === null ? null : parseBoolean('force', force);
  if (!passes(context, 'snapshot-in-use-unforced')) return given ?? false;
  if (given === false) {
    throw new ServiceError(
      'bad_request',
      "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward compatability, however, when the 'force' flag is passed with a value evaluating to True, it is silently ignored.",
    );
  }
  return true;
}

function listRoute({ database }: BlockStorageApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v3/snapshots/detail' : '/v3/snapshots',
    operationId: detail ? 'listSnapshotsDetail' : 'listSnapshots',
    policy: 'snapshot:list',
    success: 200,
    handler: (context, { query }) =>
      respondWithList(context, query, parseSnapshotList(context, query), {
        key: 'snapshots',
        linksKey: 'snapshots_links',
        list: (page) => listSnapshots(database, page),
        count: (page) => countSnapshots(database, page),
        view: (snapshot) => (detail ? viewSnapshot(snapshot, context) : viewSnapshotSummary(snapshot, context)),
      }),
  });
}

async function respondWithBase(api: BlockStorageApi, context: RequestContext, id: string): Promise<{ body: object }> {
  const snapshot = await loadSnapshot(api.database, id, visibleProject(context));
  return { body: { snapshot: viewSnapshotBase(snapshot, context) } };
}

function actionRoutes({ database }: BlockStorageApi): Route[] {
  const action = { method: 'POST', path: '/v3/snapshots/{snapshot_id}/action', success: 202 } as const;
  return [
    defineRoute<Schemas['SnapshotResetStatus']>({
      ...action,
      action: 'os-reset_status',
      operationId: 'resetSnapshotStatus',
      policy: 'snapshot:reset-status',
      async handler(_context, { param, body }) {
        const status = body['os-reset_status'].status.toLowerCase();
        if (!(snapshotStatuses as readonly string[]).includes(status)) {
          throw new ServiceError(
            'bad_request',
            `Invalid input for field/attribute status. Value: ${status}. '${status}' is not one of the known statuses`,
          );
        }
        await resetSnapshotStatus(database, param('snapshot_id'), status);
        return {};
      },
    }),
    defineRoute<Schemas['SnapshotStatusReport']>({
      ...action,
      action: 'os-update_snapshot_status',
      operationId: 'updateSnapshotStatus',
      policy: 'snapshot:update-status',
      async handler(context, { param, body }) {
        const { status, progress } = body['os-update_snapshot_status'];
        // A service acts for every project; the policy lets nobody else get here.
        const anyProject = context.isServiceToken || context.roles.includes('service');
        const report = { status, progress: progress ?? null };
        const projectId = anyProject ? null : visibleProject(context);
        await reportSnapshotStatus(database, param('snapshot_id'), projectId, report, context);
        return {};
      },
    }),
    defineRoute({
      ...action,
      action: 'os-unmanage',
      operationId: 'unmanageSnapshot',
      policy: 'snapshot:unmanage',
      async handler(context, { param }) {
        await unmanageSnapshot(database, param('snapshot_id'), requesterOf(context));
        return {};
      },
    }),
    defineRoute({
      ...action,
      action: 'os-force_delete',
      operationId: 'forceDeleteSnapshot',
      policy: 'snapshot:force-delete',
      async handler(context, { param }) {
        await deleteSnapshot(database, param('snapshot_id'), true, requesterOf(context));
        return {};
      },
    }),
  ];
}

function writeRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute<Schemas['SnapshotCreate']>({
      method: 'POST',
      path: '/v3/snapshots',
      operationId: 'createSnapshot',
      policy: 'snapshot:create',
      success: 202,
      async handler(context, { body: { snapshot } }) {
        refuseUnknownKeys('snapshot', snapshot, creatableKeys);
        const { name = null, description = null } = readNames(snapshot);
        const wish = {
          // Cinder looks for a volume called None, and so says that there is none.
          volumeId: readId(snapshot.volume_id) ?? 'None',
          name,
          description,
          metadata: snapshot.metadata ?? {},
          inUseAllowed: readForce(context, snapshot.force),
        };
        return respondWithBase(api, context, await createSnapshot(database, wish, requesterOf(context)));
      },
    }),
    defineRoute<Schemas['SnapshotUpdate']>({
      method: 'PUT',
      path: '/v3/snapshots/{snapshot_id}',
      operationId: 'updateSnapshot',
      policy: 'snapshot:update',
      success: 200,
      async handler(context, { param, body: { snapshot } }) {
        const id = param('snapshot_id');
        await updateSnapshotFields(database, id, visibleProject(context), readNames(snapshot));
        return respondWithBase(api, context, id);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/snapshots/{snapshot_id}',
      operationId: 'deleteSnapshot',
      policy: 'snapshot:delete',
      success: 202,
      async handler(context, { param }) {
        await deleteSnapshot(database, param('snapshot_id'), false, requesterOf(context));
        return {};
      },
    }),
  ];
}

/** Cinder's schema refuses every other key, whatever the version. */
const creatableKeys = ['volume_id', 'name', 'display_name', 'description', 'force', 'metadata'];

export function snapshotRoutes(api: BlockStorageApi): Route[] {
  return [
    listRoute(api, false),
    listRoute(api, true),
    ...writeRoutes(api),
    ...actionRoutes(api),
    defineRoute({
      method: 'GET',
      path: '/v3/snapshots/{snapshot_id}',
      operationId: 'showSnapshot',
      policy: 'snapshot:show',
      success: 200,
      async handler(context, { param }) {
        const snapshot = await loadSnapshot(api.database, param('snapshot_id'), visibleProject(context));
        return { body: { snapshot: viewSnapshot(snapshot, context) } };
      },
    }),
  ];
}
