// Group snapshots: list, create, show, delete, reset of the status. Source: cinder/api/v3/group_snapshots.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  type GroupSnapshotRecord,
  groupSnapshotCollection,
  listGroupSnapshots,
  loadGroupSnapshot,
} from '../../core/db/block-storage/group-rows.js';
import {
  createGroupSnapshot,
  deleteGroupSnapshot,
  resetGroupSnapshotStatus,
} from '../../core/db/block-storage/group-snapshot-change.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { readGroupStatus } from './group-request.js';
import { viewGroupSnapshot, viewGroupSummary } from './group-view.js';
import { type ListQuery, type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { readId } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];

const since = gates['group-snapshots'];
const path = '/v3/group_snapshots/{group_snapshot_id}';

const listRules: ListRules = {
  columns: groupSnapshotCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.group_snapshot,
};

/** Below 3.29 the list takes no parameters. */
function parseGroupSnapshotList(context: RequestContext, query: URLSearchParams): ListQuery {
  return parseListQuery(context, passes(context, 'group-snapshot-paging') ? query : new URLSearchParams(), listRules);
}

function listRoute({ database }: BlockStorageApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v3/group_snapshots/detail' : '/v3/group_snapshots',
    operationId: detail ? 'listGroupSnapshotsDetail' : 'listGroupSnapshots',
    since,
    policy: 'group-snapshot:list',
    success: 200,
    handler: (context, { query }) =>
      respondWithList(context, query, parseGroupSnapshotList(context, query), {
        key: 'group_snapshots',
        linksKey: 'group_snapshot_links',
        list: (page) => listGroupSnapshots(database, page),
        view: (one: GroupSnapshotRecord) => (detail ? viewGroupSnapshot(one, context) : viewGroupSummary(one)),
      }),
  });
}

export function groupSnapshotRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    listRoute(api, false),
    listRoute(api, true),
    defineRoute<Schemas['GroupSnapshotCreate']>({
      method: 'POST',
      path: '/v3/group_snapshots',
      operationId: 'createGroupSnapshot',
      since,
      policy: 'group-snapshot:create',
      success: 202,
      async handler(context, { body: { group_snapshot: asked } }) {
        const id = await createGroupSnapshot(
          database,
          {
            groupId: readId(asked.group_id) ?? '',
            name: asked.name?.trim() ?? null,
            description: asked.description?.trim() ?? null,
          },
          requesterOf(context),
        );
        const made = await loadGroupSnapshot(database, id, visibleProject(context));
        return { body: { group_snapshot: { ...viewGroupSummary(made), group_type_id: made.group_type_id } } };
      },
    }),
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showGroupSnapshot',
      since,
      policy: 'group-snapshot:show',
      success: 200,
      async handler(context, { param }) {
        const found = await loadGroupSnapshot(database, param('group_snapshot_id'), visibleProject(context));
        return { body: { group_snapshot: viewGroupSnapshot(found, context) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteGroupSnapshot',
      since,
      policy: 'group-snapshot:delete',
      success: 202,
      async handler(context, { param }) {
        await deleteGroupSnapshot(database, param('group_snapshot_id'), requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['GroupResetStatus']>({
      method: 'POST',
      path: `${path}/action`,
      action: 'reset_status',
      operationId: 'resetGroupSnapshotStatus',
      since: gates['group-snapshot-reset'],
      policy: 'group-snapshot:reset-status',
      success: 202,
      async handler(_context, { param, body }) {
        const status = readGroupStatus(body, 'GroupSnapshot');
        await resetGroupSnapshotStatus(database, param('group_snapshot_id'), status);
        return {};
      },
    }),
  ];
}
