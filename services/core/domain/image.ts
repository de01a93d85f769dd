// What an image may be, as rules: its statuses, formats, who may see it, and which of its fields clients may change. Pure.
// Source of names and limits: glance/api/v2/images.py, glance/domain/__init__.py, glance's default configuration.

export const imageStatuses = [
  'queued',
  'saving',
  'active',
  'deactivated',
  'killed',
  'deleted',
  'pending_delete',
] as const;
export type ImageStatus = (typeof imageStatuses)[number];

export const imageVisibilities = ['community', 'public', 'private', 'shared'] as const;
export type ImageVisibility = (typeof imageVisibilities)[number];

export const memberStatuses = ['pending', 'accepted', 'rejected'] as const;
export type MemberStatus = (typeof memberStatuses)[number];

export const containerFormats = ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'] as const;
export const diskFormats = ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'] as const;
export type DiskFormat = (typeof diskFormats)[number];

/** From which status a deed may begin. */
export const imageAllowedFrom = {
  upload: ['queued'],
  deactivate: ['active', 'deactivated'],
  reactivate: ['deactivated', 'active'],
  download: ['active', 'deactivated'],
} as const satisfies Record<string, readonly ImageStatus[]>;

/** Glance's defaults: image_property_quota, image_tag_quota, image_member_quota. */
export const imageLimits = { properties: 128, tags: 128, members: 128 } as const;

/** What a client never writes. */
export const readonlyImageFields: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'direct_url',
  'self',
  'file',
  'schema',
  'id',
  'os_hash_algo',
  'os_hash_value',
]);

/** What stands for something else in Glance, and is no custom property. */
export const reservedImageFields: ReadonlySet<string> = new Set(['location', 'locations', 'deleted', 'deleted_at']);
export const reservedImagePrefix = 'os_glance';

/** Fields that have a column; every other key is a custom property. */
export const imageFields = [
  'name',
  'visibility',
  'protected',
  'os_hidden',
  'container_format',
  'disk_format',
  'min_disk',
  'min_ram',
  'owner',
  'tags',
] as const;
export type ImageField = (typeof imageFields)[number];

export function isImageField(name: string): name is ImageField {
  return (imageFields as readonly string[]).includes(name);
}

/** The format of the layer that keeps the bytes: only a bare qcow2 is opened as one; everything else is bytes. */
export function layerFormatOf(image: { disk_format: string | null; container_format: string | null }): 'raw' | 'qcow2' {
  return image.container_format === 'bare' && image.disk_format === 'qcow2' ? 'qcow2' : 'raw';
}

/** Whether what the bytes are must be what the client says: inside another container nothing shows it. */
export function isDetectable(image: { container_format: string | null }): boolean {
  return image.container_format === 'bare';
}
