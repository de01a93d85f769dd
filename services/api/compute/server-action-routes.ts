// Actions on a server: the one key of the body names the action.

import type { components } from '../../../api-spec/generated/compute.js';
import { findComputeUrl } from '../../core/db/compute/compute-hosts.js';
import { deleteServer, rebootServer, startServer, stopServer } from '../../core/db/compute/server-actions.js';
import { loadServer } from '../../core/db/compute/servers.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, requesterOf, visibleProject } from './compute-api.js';
import { readConsoleOutput } from './console-output.js';

type Schemas = components['schemas'];

const action = { method: 'POST', path: '/v2.1/servers/{server_id}/action' } as const;

/** What Nova strips from console text: control characters other than tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const unprintable = /[\x00-\x08\x0b-\x1f]/g;

function linesOf(length: number | string | null | undefined): number | null {
  const wish = length === null || length === undefined ? -1 : Number(length);
  if (wish < -1) throw new ServiceError('bad_request', 'Console log length must not be less than -1.');
  return wish === -1 ? null : wish;
}

async function consoleText(
  api: ComputeApi,
  context: RequestContext,
  id: string,
  lines: number | null,
): Promise<string> {
  const server = await loadServer(api.database, id, visibleProject(context));
  if (server.compute_host === null || server.vm_state === 'building') {
    throw new ServiceError('server_state', `Instance ${id} is not ready`);
  }
  if (lines === 0) return '';
  const workerUrl = await findComputeUrl(api.database, server.compute_host);
  if (workerUrl === null) {
    throw new ServiceError(
      'hypervisor_offline',
      'The console of the server cannot be read: its compute worker is down.',
    );
  }
  const text = await readConsoleOutput({ workerUrl, serverId: id, lines }, { ticketSecret: api.ticketSecret });
  return text.replace(unprintable, '');
}

function powerRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute<unknown>({
      ...action,
      action: 'os-start',
      operationId: 'computeStartServer',
      policy: 'server:start',
      success: 202,
      handler: async (context, { param }) => {
        await startServer(database, param('server_id'), requesterOf(context));
        return {};
      },
    }),
    defineRoute<unknown>({
      ...action,
      action: 'os-stop',
      operationId: 'computeStopServer',
      policy: 'server:stop',
      success: 202,
      handler: async (context, { param }) => {
        await stopServer(database, param('server_id'), requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['ServerReboot']>({
      ...action,
      action: 'reboot',
      operationId: 'computeRebootServer',
      policy: 'server:reboot',
      success: 202,
      handler: async (context, { param, body }) => {
        const hard = body.reboot.type.toUpperCase() === 'HARD';
        await rebootServer(database, param('server_id'), requesterOf(context), hard);
        return {};
      },
    }),
    defineRoute<unknown>({
      ...action,
      action: 'forceDelete',
      operationId: 'computeForceDeleteServer',
      policy: 'server:delete',
      success: 202,
      handler: async (context, { param }) => {
        await deleteServer(database, param('server_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

function consoleRoute(api: ComputeApi): Route {
  return defineRoute<Schemas['ServerConsole']>({
    ...action,
    action: 'os-getConsoleOutput',
    operationId: 'computeReadConsole',
    // It waits for a worker, and the text is long: no transaction is to be held open for it, and none of it stored.
    readsOnly: true,
    policy: 'server:console-output',
    success: 200,
    handler: async (context, { param, body }) => {
      const lines = linesOf(body['os-getConsoleOutput'].length);
      return { body: { output: await consoleText(api, context, param('server_id'), lines) } };
    },
  });
}

export function serverActionRoutes(api: ComputeApi): readonly Route[] {
  return [...powerRoutes(api), consoleRoute(api)];
}
