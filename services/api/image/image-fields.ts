// What a client may write into an image, field by field: one table for creation and for changes. Pure.
// Texts: glance/api/v2/images.py, glance/domain/__init__.py; what does not fit is worded as Glance's schema does.
import type { ImageFields } from '../../core/db/image/image-change.js';
import { ServiceError } from '../../core/domain/errors.js';
import {
  containerFormats,
  diskFormats,
  type ImageField,
  imageVisibilities,
  readonlyImageFields,
  reservedImageFields,
  reservedImagePrefix,
} from '../../core/domain/image.js';
import { pythonRepr } from '../shell/python-repr.js';

const MAX_TEXT = 255;
const MAX_INTEGER = 2 ** 31 - 1;

function misfit(why: string): ServiceError {
  return new ServiceError('bad_request', `Provided object does not match schema 'image': ${why}`);
}

function asText(value: unknown, maxLength = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string') throw misfit(`${pythonRepr(value)} is not of type 'string'`);
  if (value.length > maxLength) throw misfit(`${pythonRepr(value)} is too long`);
  return value;
}

function asTextOrNull(value: unknown, words: readonly string[] | null): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') throw misfit(`${pythonRepr(value)} is not of type 'null', 'string'`);
  if (words === null) return asText(value, MAX_TEXT);
  if (words.includes(value)) return value;
  throw misfit(`${pythonRepr(value)} is not one of [None, ${words.map(pythonRepr).join(', ')}]`);
}

function asWord<T extends string>(value: unknown, words: readonly T[]): T {
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw misfit(`${pythonRepr(value)} is not one of [${words.map(pythonRepr).join(', ')}]`);
}

function asFlag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw misfit(`${pythonRepr(value)} is not of type 'boolean'`);
}

function asCount(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw misfit(`${pythonRepr(value)} is not of type 'integer'`);
  }
  if (value < 0) throw new ServiceError('bad_request', `Attribute ${name} must be a positive integer or zero.`);
  if (value > MAX_INTEGER) throw misfit(`${value} is greater than the maximum of ${MAX_INTEGER}`);
  return value;
}

export function parseTag(value: unknown): string {
  return asText(value, MAX_TEXT);
}

function asTags(value: unknown): string[] {
  if (!Array.isArray(value)) throw misfit(`${pythonRepr(value)} is not of type 'array'`);
  return value.map(parseTag);
}

/** The field's name in the API to the change of the row. */
const rules: { readonly [F in ImageField]: (value: unknown) => Partial<ImageFields> } = {
  name: (value) => ({ name: asTextOrNull(value, null) }),
  visibility: (value) => ({ visibility: asWord(value, imageVisibilities) }),
  protected: (value) => ({ protected: asFlag(value) }),
  os_hidden: (value) => ({ hidden: asFlag(value) }),
  container_format: (value) => ({ container_format: asTextOrNull(value, containerFormats) }),
  disk_format: (value) => ({ disk_format: asTextOrNull(value, diskFormats) }),
  min_disk: (value) => ({ min_disk: asCount('min_disk', value) }),
  min_ram: (value) => ({ min_ram: asCount('min_ram', value) }),
  // An image without an owner would be nobody's to delete.
  owner: (value) => (value === null ? {} : { project_id: asText(value, MAX_TEXT) }),
  tags: (value) => ({ tags: asTags(value) }),
};

export function parseField(field: ImageField, value: unknown): Partial<ImageFields> {
  return rules[field](value);
}

/** Throws `forbidden` for what no client may write. */
export function demandWritable(name: string): void {
  if (readonlyImageFields.has(name)) throw new ServiceError('forbidden', `Attribute '${name}' is read-only.`);
  if (reservedImageFields.has(name) || name.startsWith(reservedImagePrefix) || name === '__proto__') {
    throw new ServiceError('forbidden', `Attribute '${name.slice(0, MAX_TEXT)}' is reserved.`);
  }
}

/** A custom property's name and value. */
export function demandProperty(name: string, value: unknown): string {
  if (name.length > MAX_TEXT) {
    throw new ServiceError('bad_request', 'Custom property should not be greater than 255 characters.');
  }
  return asText(value, 65_535);
}

/** What only administrators may choose. Throws `forbidden`. */
export function demandAllowed(
  change: Partial<ImageFields>,
  present: Pick<ImageFields, 'visibility' | 'project_id'> | null,
  who: { readonly isAdmin: boolean; readonly projectId: string },
): void {
  if (who.isAdmin) return;
  if (change.visibility === 'public' && present?.visibility !== 'public') {
    throw new ServiceError('forbidden', 'You are not authorized to complete publicize_image action.');
  }
  const owner = present?.project_id ?? who.projectId;
  if (change.project_id !== undefined && change.project_id !== owner) {
    throw new ServiceError(
      'forbidden',
      present === null
        ? `You are not permitted to create images owned by '${change.project_id.slice(0, MAX_TEXT)}'.`
        : "Owner can't be updated by non admin.",
    );
  }
}
