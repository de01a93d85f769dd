// Images and members as Glance shows them: flat, times in seconds with a Z, links without a host. Pure.
import type { components } from '../../../api-spec/generated/image.js';
import type { MemberRecord } from '../../core/db/image/image-members.js';
import type { ImageRecord } from '../../core/db/image/image-rows.js';

type Schemas = components['schemas'];

/** Of naive UTC with fractions. */
export function showTime(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

export function viewImage(image: ImageRecord): Schemas['Image'] {
  const self = `/v2/images/${image.id}`;
  const shown = {
    ...image.properties,
    name: image.name,
    disk_format: image.disk_format as Schemas['DiskFormat'],
    container_format: image.container_format as Schemas['ContainerFormat'],
    visibility: image.visibility,
    size: image.size,
    virtual_size: image.virtual_size,
    status: image.status,
    checksum: image.checksum,
    protected: image.protected,
    min_ram: image.min_ram,
    min_disk: image.min_disk,
    owner: image.project_id,
    os_hidden: image.hidden,
    os_hash_algo: image.os_hash_algo,
    os_hash_value: image.os_hash_value,
    id: image.id,
    created_at: showTime(image.created_at),
    updated_at: showTime(image.updated_at),
    tags: [...image.tags],
    self,
    file: `${self}/file`,
    schema: '/v2/schemas/image',
  };
  return shown as unknown as Schemas['Image'];
}

export function viewMember(member: MemberRecord): Schemas['Member'] {
  return {
    image_id: member.image_id,
    member_id: member.member,
    status: member.status,
    created_at: showTime(member.created_at),
    updated_at: showTime(member.updated_at),
    schema: '/v2/schemas/member',
  };
}
