// The image API as one table: the part of Glance v2 that clients use. Errors are pages of HTML, as Glance's are, for clients that take them.
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import type { Route } from '../shell/route.js';
import { dataRoutes } from './data-routes.js';
import type { ImageApi } from './image-api.js';
import { imageRoutes } from './image-routes.js';
import { infoRoutes } from './info-routes.js';
import { memberRoutes, tagRoutes } from './member-routes.js';
import { versionRoutes } from './version-routes.js';

export function imageApiRoutes(api: ImageApi): readonly Route[] {
  return [
    ...versionRoutes,
    ...infoRoutes(api),
    ...imageRoutes(api),
    ...dataRoutes(api),
    ...tagRoutes(api),
    ...memberRoutes(api),
  ];
}

export function defineImageApi(api: ImageApi): ApiDefinition {
  return {
    name: 'image',
    prefix: '/image',
    document: readSpec('image') as OpenApiDocument,
    routes: imageApiRoutes(api),
    faults: 'page',
    versions: null,
    projectBehind: null,
  };
}
