// Discovery: the versions of the API, at its root without a token and below /v3 with one.
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { blockStorageVersions } from './microversions.js';

function versionEntry(context: RequestContext): object {
  return {
    id: 'v3.0',
    status: 'CURRENT',
    version: blockStorageVersions.max,
    min_version: blockStorageVersions.min,
    // The day of the newest microversion in Cinder.
    updated: '2023-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${context.apiUrl}/v3/` },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  };
}

export function versionRoutes(): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      operationId: 'listVersions',
      policy: 'none',
      success: 300,
      handler: (context) => ({ body: { versions: [versionEntry(context)] } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3',
      operationId: 'showVersion',
      policy: 'version:show',
      success: 200,
      handler: (context) => ({ body: { versions: [versionEntry(context)] } }),
    }),
  ];
}
