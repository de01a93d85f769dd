// Answers of the example cloud for images. They keep no state, but for an image that is gone.
import { createHash } from 'node:crypto';
import type { CloudAnswer, SeenRequest } from './recording-cloud.js';
import { projectId } from './recording-cloud.js';

type Answers = Record<string, (request: SeenRequest) => CloudAnswer>;

export const imageId = '5d0c5b6e-0a0e-4a8d-9a51-3c1a52ac6d01';
export const imageBytes = Buffer.from('a disk');
const time = '2026-11-21T01:32:34Z';

/** With the hash of what `imageDownloadImage` answers. */
export function sampleImage(changes: object = {}): Readonly<Record<string, unknown>> {
  return {
    ...{ id: imageId, name: 'debian', status: 'active', visibility: 'shared', protected: false, os_hidden: false },
    ...{ owner: projectId, container_format: 'bare', disk_format: 'qcow2', min_disk: 0, min_ram: 0 },
    ...{ size: imageBytes.length, virtual_size: null, checksum: createHash('md5').update(imageBytes).digest('hex') },
    ...{ os_hash_algo: 'sha512', os_hash_value: createHash('sha512').update(imageBytes).digest('hex') },
    ...{ tags: ['tested'], created_at: time, updated_at: time, os_distro: 'debian' },
    ...{ self: `/v2/images/${imageId}`, file: `/v2/images/${imageId}/file`, schema: '/v2/schemas/image' },
    ...changes,
  };
}

const member = {
  ...{ image_id: imageId, member_id: projectId, status: 'pending', created_at: time, updated_at: time },
  schema: '/v2/schemas/member',
};

export function imageAnswers(): Answers {
  return {
    imageListVersions: () => ({
      status: 300,
      body: { versions: [{ id: 'v2.9', status: 'CURRENT', links: [{ rel: 'self', href: 'http://localhost/v2/' }] }] },
    }),
    uploadVolumeToImage: () => ({
      status: 202,
      body: {
        'os-volume_upload_image': {
          ...{
            id: imageId,
            updated_at: null,
            status: 'uploading',
            display_description: null,
            size: 1,
            volume_type: null,
          },
          ...{ image_id: imageId, container_format: 'bare', disk_format: 'raw', image_name: 'kept' },
          ...{ visibility: 'private', protected: false },
        },
      },
    }),
    reimageVolume: () => ({ status: 202 }),
    imageListImages: ({ query }) => ({
      status: 200,
      body: {
        images: [sampleImage(query['name'] === undefined ? {} : { name: query['name'] })],
        ...{ first: '/v2/images', schema: '/v2/schemas/images' },
      },
    }),
    imageShowImage: () => ({ status: 200, body: sampleImage() }),
    imageCreateImage: () => ({
      status: 201,
      body: sampleImage({ status: 'queued', size: null, checksum: null, os_hash_algo: null, os_hash_value: null }),
    }),
    imageUpdateImage: () => ({ status: 200, body: sampleImage() }),
    imageDeleteImage: () => ({ status: 204 }),
    imageUploadImage: () => ({ status: 204 }),
    imageDownloadImage: () => ({
      ...{ status: 200, body: imageBytes, unchecked: true },
      headers: { 'content-type': 'application/octet-stream' },
    }),
    imageDeactivateImage: () => ({ status: 204 }),
    imageReactivateImage: () => ({ status: 204 }),
    imageListMembers: () => ({ status: 200, body: { members: [member], schema: '/v2/schemas/members' } }),
    imageAddMember: () => ({ status: 200, body: member }),
    imageUpdateMember: () => ({ status: 200, body: { ...member, status: 'accepted' } }),
    imageRemoveMember: () => ({ status: 204 }),
  };
}
