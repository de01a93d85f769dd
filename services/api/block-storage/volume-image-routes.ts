// Actions that have to do with boot images: the metadata of the image that a volume came from, a volume that becomes an image, and a volume
// that gets an image's content.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { loadImageMetadata, setImageMetadata, unsetImageMetadata } from '../../core/db/block-storage/image-metadata.js';
import { reimageVolume } from '../../core/db/block-storage/volume-reimage.js';
import { loadVolume, type VolumeRecord } from '../../core/db/block-storage/volume-rows.js';
import { type UploadWish, uploadVolume } from '../../core/db/block-storage/volume-to-image.js';
import { loadType, type VolumeTypeRecord } from '../../core/db/block-storage/volume-types.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { gates, passes } from './microversions.js';
import { naiveTimeOrNull } from './naive-time.js';
import { viewType } from './type-routes.js';

type Schemas = components['schemas'];
const action = { method: 'POST', path: '/v3/volumes/{volume_id}/action' } as const;

/** Cinder keeps a value in 65535 bytes of UTF-8; the schema can only count characters. Throws `bad_request`. */
function demandShortValues(values: Readonly<Record<string, string>>): void {
  const long = Object.entries(values).find(([, value]) => Buffer.byteLength(value) > 65_535);
  if (long === undefined) return;
  throw new ServiceError(
    'bad_request',
    `Invalid input for field/attribute ${long[0]}. Value: (text). '${long[0]}' is longer than 65535 bytes`,
  );
}

function metadataRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeSetImageMetadata']>({
      ...action,
      action: 'os-set_image_metadata',
      operationId: 'setVolumeImageMetadata',
      policy: 'volume:image-metadata',
      success: 200,
      async handler(context, { param, body }) {
        const { metadata } = body['os-set_image_metadata'];
        demandShortValues(metadata);
        const all = await setImageMetadata(database, param('volume_id'), visibleProject(context), metadata);
        return { body: { metadata: all } };
      },
    }),
    defineRoute({
      ...action,
      action: 'os-show_image_metadata',
      operationId: 'showVolumeImageMetadata',
      readsOnly: true,
      policy: 'volume:show',
      success: 200,
      async handler(context, { param }) {
        return { body: { metadata: await loadImageMetadata(database, param('volume_id'), visibleProject(context)) } };
      },
    }),
    defineRoute<Schemas['VolumeUnsetImageMetadata']>({
      ...action,
      action: 'os-unset_image_metadata',
      operationId: 'unsetVolumeImageMetadata',
      policy: 'volume:image-metadata',
      success: 200,
      async handler(context, { param, body }) {
        const { key } = body['os-unset_image_metadata'];
        await unsetImageMetadata(database, param('volume_id'), visibleProject(context), key);
        return {};
      },
    }),
  ];
}

type UploadBody = Schemas['VolumeUploadImage']['os-volume_upload_image'];

/** Who may do what, before anything else is looked at. Throws `forbidden`, `bad_request`. */
function readUpload(body: UploadBody, context: RequestContext): UploadWish {
  const withVisibility = passes(context, 'upload-image-visibility');
  const newer = withVisibility
    ? undefined
    : (['visibility', 'protected'] as const).find((key) => body[key] !== undefined);
  if (newer !== undefined) {
    throw new ServiceError('bad_request', `Additional properties are not allowed ('${newer}' was unexpected)`);
  }
  const visibility = body.visibility ?? 'private';
  if (withVisibility && visibility === 'public') authorize('volume:upload-public', context);
  return {
    name: body.image_name,
    force: body.force == null ? false : parseBoolean('force', body.force),
    diskFormat: body.disk_format ?? 'raw',
    containerFormat: body.container_format ?? 'bare',
    // Below 3.1 Glance chooses, and it chooses `shared`.
    visibility: withVisibility ? visibility : 'shared',
    isProtected: withVisibility && body.protected != null && parseBoolean('protected', body.protected),
  };
}

function viewUpload(
  volume: VolumeRecord,
  type: VolumeTypeRecord | null,
  imageId: string,
  wish: UploadWish,
  context: RequestContext,
): Schemas['UploadedImage'] {
  return {
    id: volume.id,
    updated_at: naiveTimeOrNull(volume.updated_at),
    status: 'uploading',
    display_description: volume.description,
    size: volume.size_gib,
    volume_type:
      type === null
        ? null
        : {
            id: type.id,
            name: type.name,
            description: type.description,
            is_public: type.is_public,
            extra_specs: { ...viewType(type, context, 'read').extra_specs },
            qos_specs_id: context.isAdmin ? type.qos_specs_id : null,
            deleted: false,
            deleted_at: null,
          },
    image_id: imageId,
    container_format: wish.containerFormat,
    disk_format: wish.diskFormat,
    image_name: wish.name,
    ...(passes(context, 'upload-image-visibility') ? { protected: wish.isProtected, visibility: wish.visibility } : {}),
  };
}

function storeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeUploadImage']>({
      ...action,
      action: 'os-volume_upload_image',
      operationId: 'uploadVolumeToImage',
      policy: 'volume:upload-image',
      success: 202,
      async handler(context, { param, body }) {
        const id = param('volume_id');
        await loadVolume(database, id, visibleProject(context));
        const wish = readUpload(body['os-volume_upload_image'], context);
        const { imageId, diskFormat } = await uploadVolume(database, id, wish, requesterOf(context));
        const made = { ...wish, diskFormat };
        const volume = await loadVolume(database, id, visibleProject(context));
        const { volume_type_id: typeId } = volume;
        const type = typeId === null ? null : await loadType(database, typeId, { isAdmin: true, byName: false });
        return { body: { 'os-volume_upload_image': viewUpload(volume, type, imageId, made, context) } };
      },
    }),
    defineRoute<Schemas['VolumeReimage']>({
      ...action,
      action: 'os-reimage',
      operationId: 'reimageVolume',
      since: gates.reimage,
      policy: 'volume:upload-image',
      success: 202,
      async handler(context, { param, body }) {
        const { image_id: imageId, reimage_reserved: reserved } = body['os-reimage'];
        const wish = { imageId, reimageReserved: reserved != null && parseBoolean('reimage_reserved', reserved) };
        await reimageVolume(database, param('volume_id'), wish, requesterOf(context));
        return {};
      },
    }),
  ];
}

export function volumeImageRoutes(api: BlockStorageApi): Route[] {
  return [...metadataRoutes(api), ...storeRoutes(api)];
}
