// Discovery: the root answers 300 with the one version there is, /v3 shows it alone. No token is needed.
// Clients ask for the document with and without a slash at the end.
import { defineRoute, type Route } from '../shell/route.js';
import type { IdentityApi } from './identity-api.js';

function versionDocument(identityUrl: string) {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${identityUrl}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

export function versionRoutes({ identityUrl }: IdentityApi): readonly Route[] {
  const version = versionDocument(identityUrl);
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      operationId: 'identityListVersions',
      policy: 'none',
      success: 300,
      handler: () => ({ body: { versions: { values: [version] } }, headers: { Location: `${identityUrl}/v3/` } }),
    }),
    ...['/v3', '/v3/'].map((path) =>
      defineRoute({
        method: 'GET',
        path,
        operationId: 'identityShowVersion',
        policy: 'none',
        success: 200,
        handler: () => ({ body: { version } }),
      }),
    ),
  ];
}
