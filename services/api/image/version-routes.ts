// Discovery: the versions of Glance's API that this one answers as. 2.9 is the newest before several stores and the image cache.
import { defineRoute, type Route } from '../shell/route.js';

const supported = ['2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0'];

function versionsBody(apiUrl: string): object {
  const links = [{ rel: 'self', href: `${apiUrl}/v2/` }];
  return {
    versions: [
      { id: 'v2.9', status: 'CURRENT', links },
      ...supported.map((version) => ({ id: `v${version}`, status: 'SUPPORTED', links })),
    ],
  };
}

export const versionRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/',
    operationId: 'imageListVersions',
    policy: 'none',
    success: 300,
    handler: ({ apiUrl }) => ({ body: versionsBody(apiUrl) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/versions',
    operationId: 'imageListVersionsPlain',
    policy: 'none',
    success: 200,
    handler: ({ apiUrl }) => ({ body: versionsBody(apiUrl) }),
  }),
];
