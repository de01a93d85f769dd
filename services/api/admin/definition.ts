// The administration API as the shell serves it: what Saggar knows and can do beside Cinder's API, for administrators. It has no
// microversions: fields are only ever added.
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';
import { auditRoutes } from './audit-routes.js';
import { chainRoutes } from './chain-routes.js';
import { custodyRoutes } from './custody-routes.js';
import { exportRoutes } from './export-routes.js';
import { operationRoutes } from './operation-routes.js';
import { orphanRoutes } from './orphan-routes.js';
import { poolRoutes } from './pool-routes.js';

const versionRoute = defineRoute({
  method: 'GET',
  path: '/',
  operationId: 'adminListVersions',
  policy: 'none',
  success: 300,
  handler: ({ apiUrl }) => ({
    body: { versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ rel: 'self', href: `${apiUrl}/v1/` }] }] },
  }),
});

export function adminRoutes(api: AdminApi): Route[] {
  return [
    versionRoute,
    ...operationRoutes(api),
    ...chainRoutes(api),
    ...orphanRoutes(api),
    ...exportRoutes(api),
    ...custodyRoutes(api),
    ...poolRoutes(api),
    ...auditRoutes(api),
  ];
}

export function defineAdminApi(api: AdminApi): ApiDefinition {
  return {
    name: 'admin',
    prefix: '/admin',
    document: readSpec('admin') as OpenApiDocument,
    routes: adminRoutes(api),
    faults: 'fault',
    versions: null,
    projectBehind: null,
  };
}
