// Actions that have to do with boot images: the metadata of the image that a volume came from. Copying a volume to an image or an image
// onto a volume needs an image store, which this service does not have; both are refused with the reason.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { loadImageMetadata, setImageMetadata, unsetImageMetadata } from '../../core/db/block-storage/image-metadata.js';
import { loadVolume } from '../../core/db/block-storage/volume-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, visibleProject } from './block-storage-api.js';
import { gates } from './microversions.js';

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

function withoutImages(): ServiceError {
  return new ServiceError('bad_request', 'Invalid input received: This service has no image store.');
}

function storeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeUploadImage']>({
      ...action,
      action: 'os-volume_upload_image',
      operationId: 'uploadVolumeToImage',
      policy: 'volume:upload-image',
      success: 202,
      async handler(context, { param }) {
        await loadVolume(database, param('volume_id'), visibleProject(context));
        throw withoutImages();
      },
    }),
    defineRoute<Schemas['VolumeReimage']>({
      ...action,
      action: 'os-reimage',
      operationId: 'reimageVolume',
      since: gates.reimage,
      policy: 'volume:upload-image',
      success: 202,
      async handler(context, { param }) {
        await loadVolume(database, param('volume_id'), visibleProject(context));
        throw withoutImages();
      },
    }),
  ];
}

export function volumeImageRoutes(api: BlockStorageApi): Route[] {
  return [...metadataRoutes(api), ...storeRoutes(api)];
}
