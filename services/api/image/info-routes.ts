// What this deployment offers, told as it is: schemas; no import methods, no stores to choose from, no tasks; and how much room is left.
// Texts: glance/api/v2/discovery.py, image_data.py, images.py.
import { loadImageUsage } from '../../core/db/image/image-limits.js';
import { loadImage } from '../../core/db/image/image-rows.js';
import { imageLimitSettings } from '../../core/db/image-limit-settings.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ImageApi, viewerOf } from './image-api.js';
import { schemas } from './image-schema.js';

const MIB = 1024 ** 2;

const schemaIds = {
  image: 'imageShowImageSchema',
  images: 'imageShowImagesSchema',
  member: 'imageShowMemberSchema',
  members: 'imageShowMembersSchema',
} as const;

const schemaRoutes: readonly Route[] = (['image', 'images', 'member', 'members'] as const).map((name) =>
  defineRoute({
    method: 'GET',
    path: `/v2/schemas/${name}`,
    operationId: schemaIds[name],
    policy: 'image:list',
    success: 200,
    handler: () => ({ body: schemas[name] }),
  }),
);

export function infoRoutes({ database }: ImageApi): readonly Route[] {
  return [
    ...schemaRoutes,
    defineRoute({
      method: 'GET',
      path: '/v2/info/import',
      operationId: 'imageShowImportMethods',
      policy: 'image:list',
      success: 200,
      handler: () => ({
        body: { 'import-methods': { description: 'Import methods available.', type: 'array', value: [] } },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/info/stores',
      operationId: 'imageListStores',
      policy: 'image:list',
      success: 200,
      handler: () => {
        throw new ServiceError('not_found', 'Multi backend is not supported at this site.');
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/info/usage',
      operationId: 'imageShowUsage',
      policy: 'image:list',
      success: 200,
      handler: async (context) => {
        const { bytes, images, uploading } = await loadImageUsage(database, viewerOf(context).projectId);
        const { projectBytes } = imageLimitSettings(database);
        const limit = projectBytes < 0 ? -1 : Math.floor(projectBytes / MIB);
        return {
          body: {
            usage: {
              image_size_total: { limit, usage: Math.ceil(bytes / MIB) },
              image_count_total: { limit: -1, usage: images },
              image_stage_total: { limit: 0, usage: 0 },
              image_count_uploading: { limit: -1, usage: uploading },
            },
          },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/tasks',
      operationId: 'imageListTasks',
      policy: 'image:list-tasks',
      success: 200,
      handler: () => ({ body: { tasks: [], first: '/v2/tasks', schema: '/v2/schemas/tasks' } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/images/{image_id}/tasks',
      operationId: 'imageListImageTasks',
      policy: 'image:show',
      success: 200,
      handler: async (context, { param }) => {
        await loadImage(database, param('image_id'), viewerOf(context));
        return { body: { tasks: [] } };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/v2/images/{image_id}/stage',
      operationId: 'imageStageImage',
      policy: 'image:upload',
      success: 204,
      rawBody: true,
      handler: () => {
        throw new ServiceError('not_found', "'glance-direct' method is not available at this site.");
      },
    }),
    defineRoute<{ method?: { name?: unknown } }>({
      method: 'POST',
      path: '/v2/images/{image_id}/import',
      operationId: 'imageImportImage',
      policy: 'image:upload',
      success: 202,
      handler: (_context, { body }) => {
        if (body.method === undefined) {
          throw new ServiceError('bad_request', "Import request requires a 'method' field.");
        }
        const { name } = Object(body.method) as { name?: unknown };
        if (name === undefined) throw new ServiceError('bad_request', "Import request requires a 'name' field.");
        throw new ServiceError('bad_request', `Unknown import method name '${String(name).slice(0, 64)}'.`);
      },
    }),
  ];
}
