// The image API as far as it exists: discovery and an empty collection. It is here because clients look for an image service
// before every command about servers, even those that boot from volumes (python-openstackclient 6.0.0: `server list` and
// `server create --volume` end with "endpoint for image service not found" without one). No boot image is kept, so every id is
// unknown; nothing here pretends otherwise.
import { ServiceError } from '../../core/domain/errors.js';
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import { defineRoute, type Route } from '../shell/route.js';

function versionsBody(apiUrl: string): object {
  return { versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${apiUrl}/v2/` }] }] };
}

const versionRoutes: readonly Route[] = [
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

const imageRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v2/images',
    operationId: 'imageListImages',
    policy: 'image:list',
    success: 200,
    handler: () => ({ body: { images: [], first: '/v2/images', schema: '/v2/schemas/images' } }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/images/{image_id}',
    operationId: 'imageShowImage',
    policy: 'image:show',
    success: 200,
    handler: (_context, { param }) => {
      throw new ServiceError('not_found', `No image found with ID ${param('image_id')}`);
    },
  }),
];

export function defineImageApi(): ApiDefinition {
  return {
    name: 'image',
    prefix: '/image',
    document: readSpec('image') as OpenApiDocument,
    routes: [...versionRoutes, ...imageRoutes],
    faults: 'fault',
    versions: null,
    projectBehind: null,
  };
}
