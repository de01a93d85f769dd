// The JSON schemas that Glance answers with: python-glanceclient builds its model of an image from them. Data; made of the same rules that
// the requests are judged by. Source of the shape: glance/api/v2/images.py and image_members.py.
import { containerFormats, diskFormats, imageVisibilities, memberStatuses } from '../../core/domain/image.js';

type Property = Readonly<Record<string, unknown>>;

const read = (property: Property): Property => ({ ...property, readOnly: true });
const text = (description: string, more: Property = {}): Property => ({ type: 'string', description, ...more });
const textOrNull = (description: string, more: Property = {}): Property => ({
  type: ['null', 'string'],
  description,
  ...more,
});

const imageProperties: Readonly<Record<string, Property>> = {
  id: text('An identifier for the image', {
    pattern: '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$',
  }),
  name: textOrNull('Descriptive name for the image', { maxLength: 255 }),
  status: read(
    text('Status of the image', {
      enum: ['queued', 'saving', 'active', 'killed', 'deleted', 'pending_delete', 'deactivated'],
    }),
  ),
  visibility: text('Who may see the image', { enum: imageVisibilities }),
  protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
  os_hidden: { type: 'boolean', description: 'If true, the image is in no list unless it is asked for.' },
  checksum: read(textOrNull('md5 hash of image contents.', { maxLength: 32 })),
  os_hash_algo: read(textOrNull('Algorithm of os_hash_value', { maxLength: 64 })),
  os_hash_value: read(textOrNull('Digest of the image contents by os_hash_algo, in hex', { maxLength: 128 })),
  owner: textOrNull('Owner of the image', { maxLength: 255 }),
  size: read({ type: ['null', 'integer'], description: 'Size of image file in bytes' }),
  virtual_size: read({ type: ['null', 'integer'], description: 'Virtual size of image in bytes' }),
  container_format: textOrNull('Format of the container', { enum: [null, ...containerFormats] }),
  disk_format: textOrNull('Format of the disk', { enum: [null, ...diskFormats] }),
  created_at: read(text('Date and time of image registration')),
  updated_at: read(text('Date and time of the last image modification')),
  tags: {
    type: 'array',
    description: 'List of strings related to the image',
    items: { type: 'string', maxLength: 255 },
  },
  min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image.' },
  min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image.' },
  self: read(text('An image self url')),
  file: read(text('An image file url')),
  schema: read(text('An image schema url')),
};

export const imageSchema = {
  name: 'image',
  properties: imageProperties,
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
};

const memberSchema = {
  name: 'member',
  properties: {
    member_id: text('An identifier for the image member (projectId)'),
    image_id: text('An identifier for the image'),
    status: text('The status of this image member', { enum: memberStatuses }),
    created_at: text('Date and time of image member creation'),
    updated_at: text('Date and time of last modification of image member'),
    schema: read({ type: 'string' }),
  },
};

/** A list with pages, or one without. */
function collectionOf(name: string, items: object, paged: boolean): object {
  const link = { type: 'string' };
  const links = [
    { rel: 'first', href: '{first}' },
    { rel: 'next', href: '{next}' },
    { rel: 'describedby', href: '{schema}' },
  ];
  return {
    name,
    properties: { [name]: { type: 'array', items }, ...(paged ? { first: link, next: link } : {}), schema: link },
    links: paged ? links : links.slice(2),
  };
}

/** By the last part of its path. */
export const schemas = {
  image: imageSchema,
  images: collectionOf('images', imageSchema, true),
  member: memberSchema,
  members: collectionOf('members', memberSchema, false),
} as const;
