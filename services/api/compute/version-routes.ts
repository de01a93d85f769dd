// Discovery of the compute API: a list at the root, one object at /v2.1. No token is needed.

import { defineRoute, type Route } from '../shell/route.js';
import { computeVersions } from './microversions.js';

function versionEntry(apiUrl: string) {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: computeVersions.max,
    min_version: computeVersions.min,
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${apiUrl}/v2.1/` }],
  };
}

function documentRoute(path: '/v2.1' | '/v2.1/'): Route {
  return defineRoute({
    method: 'GET',
    path,
    operationId: 'computeShowVersion',
    policy: 'none',
    success: 200,
    handler: ({ apiUrl }) => {
      const mediaTypes = [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }];
      return { body: { version: { ...versionEntry(apiUrl), 'media-types': mediaTypes } } };
    },
  });
}

/** Clients ask for the document with and without a slash at the end. */
export function versionRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      operationId: 'computeListVersions',
      policy: 'none',
      success: 200,
      handler: ({ apiUrl }) => ({ body: { versions: [versionEntry(apiUrl)] } }),
    }),
    documentRoute('/v2.1'),
    documentRoute('/v2.1/'),
  ];
}
