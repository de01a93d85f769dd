// Every route of the compute API. Fixed paths stand before those with a parameter in the same place (`/servers/detail`).
import type { Route } from '../shell/route.js';
import { assistedRoutes } from './assisted-routes.js';
import { attachmentRoutes } from './attachment-routes.js';
import type { ComputeApi } from './compute-api.js';
import { factRoutes } from './fact-routes.js';
import { flavorRoutes } from './flavor-routes.js';
import { instanceActionRoutes } from './instance-action-routes.js';
import { quotaRoutes } from './quota-routes.js';
import { serverActionRoutes } from './server-action-routes.js';
import { serverFactRoutes } from './server-fact-routes.js';
import { serverRoutes } from './server-routes.js';
import { snapshotProxyRoutes } from './snapshot-proxy-routes.js';
import { tagRoutes } from './tag-routes.js';
import { versionRoutes } from './version-routes.js';
import { volumeProxyRoutes } from './volume-proxy-routes.js';

export function computeRoutes(api: ComputeApi): readonly Route[] {
  return [
    ...versionRoutes(),
    ...flavorRoutes(api),
    ...serverRoutes(api),
    ...serverActionRoutes(api),
    ...serverFactRoutes(api),
    ...instanceActionRoutes(api),
    ...tagRoutes(api),
    ...attachmentRoutes(api),
    ...assistedRoutes(api),
    ...volumeProxyRoutes(api),
    ...snapshotProxyRoutes(api),
    ...factRoutes(api),
    ...quotaRoutes(api),
  ];
}
