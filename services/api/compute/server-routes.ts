// Servers: list, create, show, rename, delete. What a server lacks here (network, image, key pair) is empty, not missing.
import { randomBytes } from 'node:crypto';
import type { components } from '../../../api-spec/generated/compute.js';
import { zoneExists } from '../../core/db/compute/compute-hosts.js';
import { type FlavorRecord, findFlavor } from '../../core/db/compute/flavors.js';
import { changeServer, deleteServer, type ServerChange } from '../../core/db/compute/server-actions.js';
import { createServer } from '../../core/db/compute/server-create.js';
import { listServers, loadServer } from '../../core/db/compute/servers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { sizeRootDisk } from './block-device-mapping.js';
import { type ComputeApi, requesterOf, visibleProject } from './compute-api.js';
import { nextLinks } from './list-query.js';
import { refuseNewerFields } from './microversions.js';
import { readServerQuery } from './server-query.js';
import { readServerRequest } from './server-request.js';
import { resourceLinks, viewServer, viewServerSummary } from './server-view.js';

type Schemas = components['schemas'];

function listRoute(api: ComputeApi, detail: boolean): Route {
  const path = detail ? '/v2.1/servers/detail' : '/v2.1/servers';
  return defineRoute({
    method: 'GET',
    path,
    operationId: detail ? 'computeListServersDetail' : 'computeListServers',
    policy: 'server:list',
    success: 200,
    handler: async (context, { query }) => {
      const { apiUrl, isAdmin, microversion } = context;
      const { projectId } = requireScope(context);
      const wish = readServerQuery(query, { projectId, isAdmin, microversion });
      const servers = await listServers(api.database, wish);
      const shown = servers.map((one) => (detail ? viewServer(one, context) : viewServerSummary(one, apiUrl)));
      const links = nextLinks(`${apiUrl}${path}`, query, wish.limit, servers);
      return { body: { servers: shown, ...(links === null ? {} : { servers_links: links }) } };
    },
  });
}

async function demandFlavor(api: ComputeApi, id: string, isAdmin: boolean): Promise<FlavorRecord> {
  const flavor = await findFlavor(api.database, id);
  if (flavor !== null && (flavor.isPublic || isAdmin)) return flavor;
  throw new ServiceError('bad_request', `Flavor ${id} could not be found.`);
}

async function demandZone(api: ComputeApi, zone: string | null): Promise<void> {
  if (zone === null || (await zoneExists(api.database, zone))) return;
  throw new ServiceError('bad_request', 'The requested availability zone is not available');
}

async function create(api: ComputeApi, context: RequestContext, body: Schemas['ServerCreate']['server']) {
  const { projectId, userId } = requireScope(context);
  const { flavorId, disks: wanted, ...wish } = readServerRequest(body, context.microversion);
  const flavor = await demandFlavor(api, flavorId, context.isAdmin);
  await demandZone(api, wish.zone);
  const disks = sizeRootDisk(wanted, wish.imageId, flavor.diskGib);
  const { isAdmin, requestId } = context;
  const images = context.images === null ? {} : { images: context.images };
  return createServer(api.database, { ...wish, disks, flavor, projectId, userId, isAdmin, requestId, ...images });
}

function createRoute(api: ComputeApi): Route {
  return defineRoute<Schemas['ServerCreate']>({
    method: 'POST',
    path: '/v2.1/servers',
    operationId: 'computeCreateServer',
    policy: 'server:create',
    success: 202,
    handler: async (context, { body }) => {
      const id = await create(api, context, body.server);
      const links = resourceLinks(context.apiUrl, `servers/${id}`);
      // Nova always names a password; nothing carries it into the guest here, whose console is its only door.
      const adminPass = body.server.adminPass ?? randomBytes(9).toString('base64url');
      const diskConfig = body.server['OS-DCF:diskConfig'] ?? 'MANUAL';
      const server = { id, links, adminPass, 'OS-DCF:diskConfig': diskConfig, security_groups: [{ name: 'default' }] };
      return { body: { server }, headers: { Location: `${context.apiUrl}/v2.1/servers/${id}` } };
    },
  });
}

interface ServerUpdate {
  readonly server: { readonly name?: string; readonly description?: string | null };
}

function readChange({ server: { name, description } }: ServerUpdate): ServerChange {
  return {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(description === undefined ? {} : { description }),
  };
}

function singleRoutes(api: ComputeApi): readonly Route[] {
  const { database } = api;
  const path = '/v2.1/servers/{server_id}';
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'computeShowServer',
      policy: 'server:show',
      success: 200,
      handler: async (context, { param }) => {
        const server = await loadServer(database, param('server_id'), visibleProject(context));
        return { body: { server: viewServer(server, context) } };
      },
    }),
    defineRoute<ServerUpdate>({
      method: 'PUT',
      path,
      operationId: 'computeUpdateServer',
      policy: 'server:update',
      success: 200,
      handler: async (context, { param, body }) => {
        const id = param('server_id');
        refuseNewerFields(context, body.server, { description: 'server-description' });
        await changeServer(database, id, requesterOf(context), readChange(body));
        const server = await loadServer(database, id, visibleProject(context));
        return { body: { server: viewServer(server, context) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'computeDeleteServer',
      policy: 'server:delete',
      success: 204,
      handler: async (context, { param }) => {
        await deleteServer(database, param('server_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

export function serverRoutes(api: ComputeApi): readonly Route[] {
  return [listRoute(api, false), listRoute(api, true), createRoute(api), ...singleRoutes(api)];
}
