// What was done to a server, and how it ended. Source: nova/api/openstack/compute/instance_actions.py.
import type { components } from '../../../api-spec/generated/compute.js';
import { listInstanceActions } from '../../core/db/compute/instance-actions.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { InstanceAction, InstanceActionEvent } from '../../core/domain/instance-actions.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, visibleProject } from './compute-api.js';
import { limitOf, markerOf, maxLimit } from './list-query.js';
import { has } from './microversions.js';
import { changedSinceOf } from './server-query.js';
import { naiveMicroseconds } from './times.js';

type Schemas = components['schemas'];

const path = '/v2.1/servers/{server_id}/os-instance-actions';

function time(naive: string): string {
  return naiveMicroseconds(naive) ?? naive;
}

function viewAction(action: InstanceAction, serverId: string, context: RequestContext): Schemas['InstanceAction'] {
  return {
    action: action.action,
    instance_uuid: serverId,
    message: action.message,
    project_id: action.projectId,
    request_id: action.requestId,
    start_time: time(action.startedAt),
    user_id: action.userId,
    ...(has(context.microversion, 'action-pages') ? { updated_at: time(action.updatedAt) } : {}),
  };
}

function viewEvent(event: InstanceActionEvent, context: RequestContext): Schemas['InstanceActionEvent'] {
  return {
    event: event.event,
    start_time: time(event.startedAt),
    finish_time: naiveMicroseconds(event.finishedAt),
    result: event.result,
    // For administrators alone, as in Nova; of ours there is no trace, but the reason.
    ...(context.isAdmin ? { traceback: event.error } : {}),
  };
}

async function actionsOf({ database }: ComputeApi, context: RequestContext, id: string) {
  const alsoGone = has(context.microversion, 'action-of-gone-server');
  return listInstanceActions(database, id, { projectId: visibleProject(context), alsoGone });
}

interface Page {
  readonly actions: readonly InstanceAction[];
  readonly isFull: boolean;
}

function pageOf(all: readonly InstanceAction[], query: URLSearchParams): Page {
  const from = changedSinceOf(query);
  const changed = from === undefined ? all : all.filter((one) => one.updatedAt >= from);
  const marker = markerOf(query);
  const at = marker === undefined ? -1 : changed.findIndex((one) => one.requestId === marker);
  if (marker !== undefined && at < 0)
    throw new ServiceError('bad_request', `marker [${marker.slice(0, 64)}] not found`);
  const limit = limitOf(query);
  const actions = changed.slice(at + 1, at + 1 + limit);
  return { actions, isFull: limit > 0 && actions.length === limit };
}

function nextLink(context: RequestContext, query: URLSearchParams, { actions, isFull }: Page): Schemas['Links'] | null {
  const last = actions.at(-1);
  if (!isFull || last === undefined) return null;
  const next = new URLSearchParams(query);
  next.set('marker', last.requestId);
  return [{ rel: 'next', href: `${context.apiUrl}${context.path}?${next.toString()}` }];
}

function listRoute(api: ComputeApi): Route {
  return defineRoute({
    method: 'GET',
    path,
    operationId: 'computeListInstanceActions',
    policy: 'server:show',
    success: 200,
    handler: async (context, { param, query }) => {
      const id = param('server_id');
      const all = await actionsOf(api, context, id);
      const paged = has(context.microversion, 'action-pages');
      const page = paged ? pageOf(all, query) : { actions: all.slice(0, maxLimit), isFull: false };
      const links = nextLink(context, query, page);
      const instanceActions = page.actions.map((one) => viewAction(one, id, context));
      return { body: { instanceActions, ...(links === null ? {} : { links }) } };
    },
  });
}

function showRoute(api: ComputeApi): Route {
  return defineRoute({
    method: 'GET',
    path: `${path}/{request_id}`,
    operationId: 'computeShowInstanceAction',
    policy: 'server:show',
    success: 200,
    handler: async (context, { param }) => {
      const [id, requestId] = [param('server_id'), param('request_id')];
      const action = (await actionsOf(api, context, id)).find((one) => one.requestId === requestId);
      if (action === undefined)
        throw new ServiceError(
          'not_found',
          `Action for request_id ${requestId.slice(0, 64)} on instance ${id} not found`,
        );
      const showsEvents = context.isAdmin || has(context.microversion, 'action-events');
      const events = showsEvents ? { events: action.events.map((one) => viewEvent(one, context)) } : {};
      return { body: { instanceAction: { ...viewAction(action, id, context), ...events } } };
    },
  });
}

export function instanceActionRoutes(api: ComputeApi): readonly Route[] {
  return [listRoute(api), showRoute(api)];
}
