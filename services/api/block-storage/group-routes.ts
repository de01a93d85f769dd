// Groups of volumes: list, show, create (also of a source), change, and their actions. There is no DELETE: a group is deleted by an action.
// Source: cinder/api/v3/groups.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { createGroup, resetGroupStatus, updateGroup } from '../../core/db/block-storage/group-change.js';
import { deleteGroup } from '../../core/db/block-storage/group-delete.js';
import { copyGroup } from '../../core/db/block-storage/group-from-source.js';
import { type GroupRecord, groupCollection, listGroups, loadGroup } from '../../core/db/block-storage/group-rows.js';
import { loadGroupType } from '../../core/db/block-storage/group-type-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { isReplicated } from '../../core/domain/group.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean, tryBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { readGroupCopyWish, readGroupStatus, readGroupUpdate, readGroupWish } from './group-request.js';
import { viewGroup, viewGroupSummary } from './group-view.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { resourceFilters } from './resource-filters.js';

type Schemas = components['schemas'];

const since = gates.groups;
const action = { method: 'POST', path: '/v3/groups/{group_id}/action' } as const;

const listRules: ListRules = {
  columns: groupCollection.columns,
  aliases: { tenant_id: 'project_id' },
  userFilters: resourceFilters.group,
  ignored: ['list_volume'],
};

function wantsVolumes(context: RequestContext, query: URLSearchParams): boolean {
  if (!passes(context, 'group-list-volume')) return false;
  const asked = query.get('list_volume');
  return asked !== null && parseBoolean('list_volume', asked);
}

function listRoute({ database }: BlockStorageApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v3/groups/detail' : '/v3/groups',
    operationId: detail ? 'listGroupsDetail' : 'listGroups',
    since,
    policy: 'group:list',
    success: 200,
    handler(context, { query }) {
      const withVolumes = detail && wantsVolumes(context, query);
      return respondWithList(context, query, parseListQuery(context, query, listRules), {
        key: 'groups',
        linksKey: 'group_links',
        list: (page) => listGroups(database, page, withVolumes),
        view: (group: GroupRecord) => (detail ? viewGroup(group, context, withVolumes) : viewGroupSummary(group)),
      });
    },
  });
}

function writeRoutes({ database }: BlockStorageApi): Route[] {
  const respond = async (context: RequestContext, id: string): Promise<{ body: object }> => ({
    body: { group: viewGroupSummary(await loadGroup(database, id, visibleProject(context))) },
  });
  return [
    defineRoute<Schemas['GroupCreate']>({
      method: 'POST',
      path: '/v3/groups',
      operationId: 'createGroup',
      since,
      policy: 'group:create',
      success: 202,
      async handler(context, { body }) {
        const id = await createGroup(database, readGroupWish(body), context.isAdmin, requesterOf(context));
        return respond(context, id);
      },
    }),
    defineRoute<Schemas['GroupFromSource']>({
      method: 'POST',
      path: '/v3/groups/action',
      operationId: 'createGroupFromSource',
      since: gates['group-snapshots'],
      policy: 'group:create',
      success: 202,
      async handler(context, { body }) {
        return respond(context, await copyGroup(database, readGroupCopyWish(body), requesterOf(context)));
      },
    }),
    defineRoute<Schemas['GroupUpdate']>({
      method: 'PUT',
      path: '/v3/groups/{group_id}',
      operationId: 'updateGroup',
      since,
      policy: 'group:update',
      success: 202,
      async handler(context, { param, body }) {
        await updateGroup(database, param('group_id'), readGroupUpdate(body), requesterOf(context));
        return {};
      },
    }),
  ];
}

function actionRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['GroupDelete']>({
      ...action,
      action: 'delete',
      operationId: 'deleteGroup',
      since,
      policy: 'group:delete',
      success: 202,
      async handler(context, { param, body }) {
        const asked = body.delete['delete-volumes'];
        const withVolumes = asked !== undefined && tryBoolean(String(asked)) === true;
        await deleteGroup(database, param('group_id'), withVolumes, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['GroupResetStatus']>({
      ...action,
      action: 'reset_status',
      operationId: 'resetGroupStatus',
      since: gates['group-reset'],
      policy: 'group:reset-status',
      success: 202,
      async handler(_context, { param, body }) {
        await resetGroupStatus(database, param('group_id'), readGroupStatus(body, 'Group'));
        return {};
      },
    }),
  ];
}

const replicationActions = [
  ['enable_replication', 'enableGroupReplication', 202],
  ['disable_replication', 'disableGroupReplication', 202],
  ['failover_replication', 'failoverGroupReplication', 202],
  ['list_replication_targets', 'listGroupReplicationTargets', 200],
] as const;

/** No backend here replicates, so every group is refused: as Cinder does for its type, or because of the backends. */
function replicationRoutes({ database }: BlockStorageApi): Route[] {
  return replicationActions.map(([name, operationId, success]) =>
    defineRoute({
      ...action,
      action: name,
      operationId,
      since: gates['group-replication'],
      policy: 'group:replication',
      success,
      async handler(context, { param }) {
        const group = await loadGroup(database, param('group_id'), visibleProject(context));
        const { group_specs: specs } = await loadGroupType(database, group.group_type_id, true);
        const why = isReplicated(specs)
          ? `Invalid Group: No backend of group ${group.id} replicates.`
          : `Invalid group type: Group ${group.id} is not a replication group type.`;
        throw new ServiceError('bad_request', why);
      },
    }),
  );
}

export function groupRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    listRoute(api, false),
    listRoute(api, true),
    ...writeRoutes(api),
    ...actionRoutes(api),
    ...replicationRoutes(api),
    defineRoute({
      method: 'GET',
      path: '/v3/groups/{group_id}',
      operationId: 'showGroup',
      since,
      policy: 'group:show',
      success: 200,
      async handler(context, { param, query }) {
        const withVolumes = wantsVolumes(context, query);
        const group = await loadGroup(database, param('group_id'), visibleProject(context), withVolumes);
        return { body: { group: viewGroup(group, context, withVolumes) } };
      },
    }),
  ];
}
