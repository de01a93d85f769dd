// Images as records: creation, lists, one of them, changes, deletion, taking out of use and back.
import type { components } from '../../../api-spec/generated/image.js';
import { changeImage, createImage, fieldsOf, type ImageFields, setActive } from '../../core/db/image/image-change.js';
import { deleteImage } from '../../core/db/image/image-delete.js';
import { listImages, loadImage } from '../../core/db/image/image-rows.js';
import { newId } from '../../core/domain/ids.js';
import { isImageField } from '../../core/domain/image.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ImageApi, viewerOf } from './image-api.js';
import { demandAllowed, demandProperty, demandWritable, parseField } from './image-fields.js';
import { viewImage } from './image-view.js';
import { applyPatch, parsePatch, patchTypes } from './json-patch.js';
import { parseImageList } from './list-query.js';

type CreateBody = components['schemas']['ImageCreate'] & Record<string, unknown>;

/** What Glance begins with. */
function blankFields(projectId: string): ImageFields {
  return {
    name: null,
    project_id: projectId,
    visibility: 'shared',
    protected: false,
    hidden: false,
    container_format: null,
    disk_format: null,
    min_disk: 0,
    min_ram: 0,
    properties: {},
    tags: [],
  };
}

function wantedFields({ id: _id, ...body }: CreateBody, context: RequestContext): ImageFields {
  const viewer = viewerOf(context);
  let fields = blankFields(viewer.projectId);
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    demandWritable(name);
    if (isImageField(name)) fields = { ...fields, ...parseField(name, value) };
    else properties[name] = demandProperty(name, value);
  }
  demandAllowed(fields, null, viewer);
  return { ...fields, properties };
}

/** The request's own parameters with another marker, as Glance repeats them. */
function pagePath(query: URLSearchParams, marker: string | null): string {
  const page = new URLSearchParams(query);
  page.delete('marker');
  if (marker !== null) page.set('marker', marker);
  const text = page.toString();
  return `/v2/images${text === '' ? '' : `?${text}`}`;
}

function recordRoutes({ database }: ImageApi): readonly Route[] {
  return [
    defineRoute<CreateBody>({
      method: 'POST',
      path: '/v2/images',
      operationId: 'imageCreateImage',
      policy: 'image:create',
      success: 201,
      handler: async (context, { body }) => {
        const image = await createImage(database, body.id?.toLowerCase() ?? newId(), wantedFields(body, context));
        return { body: viewImage(image), headers: { Location: `${context.apiUrl}/v2/images/${image.id}` } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/images',
      operationId: 'imageListImages',
      policy: 'image:list',
      success: 200,
      handler: async (context, { query }) => {
        const { listed, ...page } = parseImageList(query);
        const images = await listImages(database, viewerOf(context), listed, page);
        const last = images.length === page.limit ? images.at(-1) : undefined;
        return {
          body: {
            images: images.map(viewImage),
            first: pagePath(query, null),
            ...(last === undefined ? {} : { next: pagePath(query, last.id) }),
            schema: '/v2/schemas/images',
          },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v2/images/{image_id}',
      operationId: 'imageShowImage',
      policy: 'image:show',
      success: 200,
      handler: async (context, { param }) => ({
        body: viewImage(await loadImage(database, param('image_id'), viewerOf(context))),
      }),
    }),
    defineRoute<readonly unknown[]>({
      method: 'PATCH',
      path: '/v2/images/{image_id}',
      operationId: 'imageUpdateImage',
      policy: 'image:update',
      success: 200,
      mediaTypes: Object.keys(patchTypes),
      handler: async (context, { param, body, header }) => {
        const type = (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
        const patches = parsePatch(body, type === 'application/openstack-images-v2.0-json-patch' ? 4 : 10);
        const viewer = viewerOf(context);
        const image = await changeImage(database, param('image_id'), viewer, (present) =>
          applyPatch({ fields: fieldsOf(present), status: present.status }, patches, viewer),
        );
        return { body: viewImage(image) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v2/images/{image_id}',
      operationId: 'imageDeleteImage',
      policy: 'image:delete',
      success: 204,
      handler: async (context, { param }) => {
        await deleteImage(database, param('image_id'), viewerOf(context));
        return {};
      },
    }),
  ];
}

function actionRoutes({ database }: ImageApi): readonly Route[] {
  return (['deactivate', 'reactivate'] as const).map((action) =>
    defineRoute({
      method: 'POST',
      path: `/v2/images/{image_id}/actions/${action}`,
      operationId: action === 'deactivate' ? 'imageDeactivateImage' : 'imageReactivateImage',
      policy: 'image:deactivate',
      success: 204,
      handler: async (context, { param }) => {
        await setActive(database, param('image_id'), viewerOf(context), action === 'reactivate');
        return {};
      },
    }),
  );
}

export function imageRoutes(api: ImageApi): readonly Route[] {
  return [...recordRoutes(api), ...actionRoutes(api)];
}
