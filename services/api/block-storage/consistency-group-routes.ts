// Consistency groups and their snapshots, as older clients know them: the groups and group snapshots of this service under other names, all
// of one group type. Source: cinder/api/contrib/consistencygroups.py, cgsnapshots.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { createConsistencyGroup, updateGroup } from '../../core/db/block-storage/group-change.js';
import { deleteGroup } from '../../core/db/block-storage/group-delete.js';
import { copyGroup } from '../../core/db/block-storage/group-from-source.js';
import {
  type GroupRecord,
  type GroupSnapshotRecord,
  groupCollection,
  groupSnapshotCollection,
  listGroupSnapshots,
  listGroups,
  loadGroup,
  loadGroupSnapshot,
} from '../../core/db/block-storage/group-rows.js';
import { createGroupSnapshot, deleteGroupSnapshot } from '../../core/db/block-storage/group-snapshot-change.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import {
  readCgsnapshotWish,
  readConsistencyCopyWish,
  readConsistencyUpdate,
  readConsistencyWish,
  readForce,
} from './consistency-group-request.js';
import { viewGroupSummary } from './group-view.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { naiveTime } from './naive-time.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];

const groupRules: ListRules = {
  columns: groupCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.group,
};
const snapshotRules: ListRules = {
  columns: groupSnapshotCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.group_snapshot,
};

function viewGroup(group: GroupRecord): Schemas['ConsistencyGroup'] {
  const { id, status, availability_zone, name, description } = group;
  const created_at = naiveTime(group.created_at);
  return { id, status, availability_zone, created_at, name, description, volume_types: [...group.volume_types] };
}

function viewSnapshot(found: GroupSnapshotRecord): Schemas['Cgsnapshot'] {
  const { id, group_id: consistencygroup_id, status, name, description } = found;
  return { id, consistencygroup_id, status, created_at: naiveTime(found.created_at), name, description };
}

function listRoutes({ database }: BlockStorageApi, detail: boolean): Route[] {
  const below = detail ? '/detail' : '';
  return [
    defineRoute({
      method: 'GET',
      path: `/v3/consistencygroups${below}`,
      operationId: detail ? 'listConsistencyGroupsDetail' : 'listConsistencyGroups',
      policy: 'group:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseListQuery(context, query, groupRules), {
          key: 'consistencygroups',
          linksKey: 'consistencygroup_links',
          list: (page) => listGroups(database, page, false),
          view: (group: GroupRecord) => (detail ? viewGroup(group) : viewGroupSummary(group)),
        }),
    }),
    defineRoute({
      method: 'GET',
      path: `/v3/cgsnapshots${below}`,
      operationId: detail ? 'listCgsnapshotsDetail' : 'listCgsnapshots',
      policy: 'group-snapshot:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseListQuery(context, query, snapshotRules), {
          key: 'cgsnapshots',
          linksKey: 'cgsnapshot_links',
          list: (page) => listGroupSnapshots(database, page),
          view: (one: GroupSnapshotRecord) => (detail ? viewSnapshot(one) : viewGroupSummary(one)),
        }),
    }),
  ];
}

function makeRoutes({ database }: BlockStorageApi): Route[] {
  const respond = async (context: RequestContext, id: string): Promise<{ body: object }> => ({
    body: { consistencygroup: viewGroupSummary(await loadGroup(database, id, visibleProject(context))) },
  });
  return [
    defineRoute<Schemas['ConsistencyGroupCreate']>({
      method: 'POST',
      path: '/v3/consistencygroups',
      operationId: 'createConsistencyGroup',
      policy: 'group:create',
      success: 202,
      async handler(context, { body }) {
        const wish = readConsistencyWish(body);
        return respond(context, await createConsistencyGroup(database, wish, context.isAdmin, requesterOf(context)));
      },
    }),
    defineRoute<Schemas['ConsistencyGroupFromSource']>({
      method: 'POST',
      path: '/v3/consistencygroups/create_from_src',
      operationId: 'createConsistencyGroupFromSource',
      policy: 'group:create',
      success: 202,
      async handler(context, { body }) {
        return respond(context, await copyGroup(database, readConsistencyCopyWish(body), requesterOf(context)));
      },
    }),
    defineRoute<Schemas['CgsnapshotCreate']>({
      method: 'POST',
      path: '/v3/cgsnapshots',
      operationId: 'createCgsnapshot',
      policy: 'group-snapshot:create',
      success: 202,
      async handler(context, { body }) {
        const id = await createGroupSnapshot(database, readCgsnapshotWish(body), requesterOf(context));
        const made = await loadGroupSnapshot(database, id, visibleProject(context));
        return { body: { cgsnapshot: viewGroupSummary(made) } };
      },
    }),
  ];
}

function changeRoutes({ database }: BlockStorageApi): Route[] {
  const path = '/v3/consistencygroups/{consistencygroup_id}';
  const update = (at: string, operationId: string): Route =>
    defineRoute<Schemas['ConsistencyGroupUpdate']>({
      method: 'PUT',
      path: at,
      operationId,
      policy: 'group:update',
      success: 202,
      async handler(context, { param, body }) {
        const wanted = readConsistencyUpdate(body, context);
        await updateGroup(database, param('consistencygroup_id'), wanted, requesterOf(context));
        return {};
      },
    });
  return [
    update(path, 'updateConsistencyGroup'),
    update(`${path}/update`, 'updateConsistencyGroupByAction'),
    defineRoute<Schemas['ConsistencyGroupDelete']>({
      method: 'POST',
      path: `${path}/delete`,
      operationId: 'deleteConsistencyGroup',
      policy: 'group:delete',
      success: 202,
      async handler(context, { param, body }) {
        await deleteGroup(database, param('consistencygroup_id'), readForce(body), requesterOf(context));
        return {};
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v3/cgsnapshots/{cgsnapshot_id}',
      operationId: 'deleteCgsnapshot',
      policy: 'group-snapshot:delete',
      success: 202,
      async handler(context, { param }) {
        await deleteGroupSnapshot(database, param('cgsnapshot_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

export function consistencyGroupRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    ...listRoutes(api, false),
    ...listRoutes(api, true),
    ...makeRoutes(api),
    ...changeRoutes(api),
    defineRoute({
      method: 'GET',
      path: '/v3/consistencygroups/{consistencygroup_id}',
      operationId: 'showConsistencyGroup',
      policy: 'group:show',
      success: 200,
      async handler(context, { param }) {
        const group = await loadGroup(database, param('consistencygroup_id'), visibleProject(context));
        return { body: { consistencygroup: viewGroup(group) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/cgsnapshots/{cgsnapshot_id}',
      operationId: 'showCgsnapshot',
      policy: 'group-snapshot:show',
      success: 200,
      async handler(context, { param }) {
        const found = await loadGroupSnapshot(database, param('cgsnapshot_id'), visibleProject(context));
        return { body: { cgsnapshot: viewSnapshot(found) } };
      },
    }),
  ];
}
