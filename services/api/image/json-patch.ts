// The changes of an image as Glance takes them: JSON patch in two of its drafts, on the fields of an image alone (no pointer goes deeper).
// All of them apply, or none. Pure. Texts and order of the refusals: glance/api/v2/images.py.
import type { ImageFields } from '../../core/db/image/image-change.js';
import { ServiceError } from '../../core/domain/errors.js';
import { isImageField } from '../../core/domain/image.js';
import { demandAllowed, demandProperty, demandWritable, parseField } from './image-fields.js';

/** By media type: which draft of the patch format. */
export const patchTypes = {
  'application/openstack-images-v2.0-json-patch': 4,
  'application/openstack-images-v2.1-json-patch': 10,
} as const;
export type PatchDraft = (typeof patchTypes)[keyof typeof patchTypes];

const operations = ['add', 'remove', 'replace'] as const;
type OperationName = (typeof operations)[number];

export interface ImagePatch {
  readonly op: OperationName;
  readonly field: string;
  readonly value: unknown;
  readonly draft: PatchDraft;
}

const bad = (text: string): ServiceError => new ServiceError('bad_request', text);

function operationOf(raw: Readonly<Record<string, unknown>>, draft: PatchDraft): { op: OperationName; path: unknown } {
  const known = operations.join(', ');
  if (draft === 4) {
    const named = operations.filter((one) => Object.hasOwn(raw, one));
    const [op] = named;
    if (op === undefined || named.length > 1) {
      const count = op === undefined ? 'exactly' : 'only';
      throw bad(`Operation objects must contain ${count} one member named "add", "remove", or "replace".`);
    }
    return { op, path: raw[op] };
  }
  const said = raw['op'];
  if (said === undefined || said === null) {
    throw bad(`Unable to find \`op\` in JSON Schema change. It must be one of the following: ${known}.`);
  }
  const op = operations.find((one) => one === said);
  if (op === undefined) {
    const shown = String(said).slice(0, 64);
    throw bad(`Invalid operation: \`${shown}\`. It must be one of the following: ${known}.`);
  }
  if (!Object.hasOwn(raw, 'path')) throw bad("Unable to find 'path' in JSON Schema change");
  return { op, path: raw['path'] };
}

/** The parts of a JSON pointer. */
function splitPointer(pointer: unknown): string[] {
  const text = typeof pointer === 'string' ? pointer : String(pointer);
  const shown = `Pointer \`${text.slice(0, 255)}\``;
  if (typeof pointer !== 'string' || !text.startsWith('/')) throw bad(`${shown} does not start with "/".`);
  if (/\/\s*\//.test(text.slice(1))) throw bad(`${shown} contains adjacent "/".`);
  if (text.length > 1 && text.endsWith('/')) throw bad(`${shown} end with "/".`);
  if (/~(?![01])/.test(text)) throw bad(`${shown} contains "~" not part of a recognized escape sequence.`);
  const parts = text.replace(/^\/+/, '').split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').trim());
}

/** Throws `bad_request` for what is no list of operations, `forbidden` for fields that clients do not write. */
export function parsePatch(body: unknown, draft: PatchDraft): ImagePatch[] {
  if (!Array.isArray(body)) throw bad('Request body must be a JSON array of operation objects.');
  return body.map((raw: unknown) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw bad('Operations must be JSON objects.');
    const entry = raw as Readonly<Record<string, unknown>>;
    const { op, path } = operationOf(entry, draft);
    const parts = splitPointer(path);
    const [field = ''] = parts;
    if (field !== '') demandWritable(field);
    if (parts.length !== 1 || field === '') {
      throw bad(`Invalid JSON pointer for this resource: '/${parts.join('/').slice(0, 255)}'`);
    }
    if (op !== 'remove' && !Object.hasOwn(entry, 'value')) {
      throw bad(`Operation "${op}" requires a member named "value".`);
    }
    return { op, field, value: entry['value'], draft };
  });
}

interface Patched {
  readonly fields: ImageFields;
  readonly status: string;
}

function patchField({ fields, status }: Patched, { op, field, value, draft }: ImagePatch, who: Who): ImageFields {
  if (!isImageField(field)) return fields;
  if (op === 'remove') throw new ServiceError('forbidden', `Property ${field} may not be removed.`);
  if (op === 'add' && draft === 4) throw new ServiceError('conflict', `Property ${field} already present.`);
  const change = parseField(field, value);
  demandAllowed(change, fields, who);
  const isFormat = field === 'disk_format' || field === 'container_format';
  if (isFormat && status !== 'queued' && fields[field] !== change[field]) {
    throw new ServiceError('forbidden', `Attribute ${field} can be only replaced for a queued image.`);
  }
  return { ...fields, ...change };
}

function patchProperty(fields: ImageFields, { op, field, value, draft }: ImagePatch): ImageFields {
  const isThere = Object.hasOwn(fields.properties, field);
  if (op === 'add' && draft === 4 && isThere) {
    throw new ServiceError('conflict', `Property ${field.slice(0, 255)} already present.`);
  }
  if (op !== 'add' && !isThere) {
    throw new ServiceError('conflict', `Property ${field.slice(0, 255)} does not exist.`);
  }
  const { [field]: _present, ...others } = fields.properties;
  if (op === 'remove') return { ...fields, properties: others };
  return { ...fields, properties: { ...fields.properties, [field]: demandProperty(field, value) } };
}

interface Who {
  readonly isAdmin: boolean;
  readonly projectId: string;
}

/** The fields after all changes, in their order. Throws `bad_request`, `forbidden`, `conflict`. */
export function applyPatch(image: Patched, patches: readonly ImagePatch[], who: Who): ImageFields {
  let { fields } = image;
  for (const patch of patches) {
    fields = isImageField(patch.field)
      ? patchField({ fields, status: image.status }, patch, who)
      : patchProperty(fields, patch);
  }
  return fields;
}
