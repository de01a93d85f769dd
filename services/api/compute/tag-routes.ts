// Tags of servers, since 2.26: words of the client's, in no order.
import { changeTags } from '../../core/db/compute/server-actions.js';
import { loadServer } from '../../core/db/compute/servers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, requesterOf, visibleProject } from './compute-api.js';
import { gates } from './microversions.js';

const all = { path: '/v2.1/servers/{server_id}/tags', since: gates['server-tags'] } as const;
const one = { path: '/v2.1/servers/{server_id}/tags/{tag}', since: gates['server-tags'] } as const;

function allTagsRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      ...all,
      method: 'GET',
      operationId: 'computeListServerTags',
      policy: 'server:show',
      success: 200,
      handler: async (context, { param }) => {
        const { tags } = await loadServer(database, param('server_id'), visibleProject(context));
        return { body: { tags } };
      },
    }),
    defineRoute<{ readonly tags: readonly string[] }>({
      ...all,
      method: 'PUT',
      operationId: 'computeReplaceServerTags',
      policy: 'server:update',
      success: 200,
      handler: async (context, { param, body }) => ({
        body: { tags: await changeTags(database, param('server_id'), requesterOf(context), () => body.tags) },
      }),
    }),
    defineRoute({
      ...all,
      method: 'DELETE',
      operationId: 'computeDeleteServerTags',
      policy: 'server:update',
      success: 204,
      handler: async (context, { param }) => {
        await changeTags(database, param('server_id'), requesterOf(context), () => []);
        return {};
      },
    }),
  ];
}

function missingTag(serverId: string, tag: string): ServiceError {
  return new ServiceError('not_found', `Instance ${serverId} has no tag '${tag}'`);
}

function oneTagRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      ...one,
      method: 'GET',
      operationId: 'computeCheckServerTag',
      policy: 'server:show',
      success: 204,
      handler: async (context, { param }) => {
        const [id, tag] = [param('server_id'), param('tag')];
        const { tags } = await loadServer(database, id, visibleProject(context));
        if (!tags.includes(tag)) throw missingTag(id, tag);
        return {};
      },
    }),
    defineRoute({
      ...one,
      method: 'PUT',
      operationId: 'computeAddServerTag',
      policy: 'server:update',
      success: 201,
      handler: async (context, { param }) => {
        const [id, tag] = [param('server_id'), param('tag')];
        if (!/^[^,/]{1,60}$/.test(tag)) throw new ServiceError('bad_request', `Invalid tag '${tag.slice(0, 60)}'`);
        const { tags } = await loadServer(database, id, visibleProject(context));
        if (tags.includes(tag)) return { status: 204 };
        await changeTags(database, id, requesterOf(context), (present) => [...present, tag]);
        return { headers: { Location: `${context.apiUrl}${context.path}` } };
      },
    }),
    defineRoute({
      ...one,
      method: 'DELETE',
      operationId: 'computeDeleteServerTag',
      policy: 'server:update',
      success: 204,
      handler: async (context, { param }) => {
        const [id, tag] = [param('server_id'), param('tag')];
        await changeTags(database, id, requesterOf(context), (present) => {
          if (!present.includes(tag)) throw missingTag(id, tag);
          return present.filter((word) => word !== tag);
        });
        return {};
      },
    }),
  ];
}

export function tagRoutes(api: ComputeApi): readonly Route[] {
  return [...allTagsRoutes(api), ...oneTagRoutes(api)];
}
