// Small things clients ask about a server for display. There is no network, so there are no interfaces and no groups.

import type { ServerRecord } from '../../core/db/compute/servers.js';
import { loadServer } from '../../core/db/compute/servers.js';
import type { PolicyRule } from '../auth/policy.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, visibleProject } from './compute-api.js';

interface ServerFact {
  readonly path: string;
  readonly operationId: string;
  view(server: ServerRecord): object;
}

const facts: readonly ServerFact[] = [
  { path: 'metadata', operationId: 'computeListServerMetadata', view: ({ metadata }) => ({ metadata }) },
  { path: 'os-security-groups', operationId: 'computeListServerSecurityGroups', view: () => ({ security_groups: [] }) },
  { path: 'os-interface', operationId: 'computeListServerInterfaces', view: () => ({ interfaceAttachments: [] }) },
  { path: 'ips', operationId: 'computeListServerAddresses', view: () => ({ addresses: {} }) },
];
const rule: PolicyRule = 'server:show';

export function serverFactRoutes(api: ComputeApi): readonly Route[] {
  return facts.map(({ path, operationId, view }) =>
    defineRoute({
      method: 'GET',
      path: `/v2.1/servers/{server_id}/${path}`,
      operationId,
      policy: rule,
      success: 200,
      handler: async (context, { param }) => ({
        body: view(await loadServer(api.database, param('server_id'), visibleProject(context))),
      }),
    }),
  );
}
