// Rules between fields of a body that its schema cannot say: the two spellings of names, sizes as digits, keys refused by version.
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { tryBoolean } from '../shell/boolean-text.js';
import { pythonText } from '../shell/python-repr.js';

interface Named {
  readonly name?: string | null;
  readonly display_name?: string | null;
  readonly description?: string | null;
  readonly display_description?: string | null;
}

function pick(wanted: string | null | undefined, older: string | null | undefined): string | null | undefined {
  const value = wanted === undefined ? older : wanted;
  return typeof value === 'string' ? value.trim() : value;
}

/** name and description under their newer or older names, trimmed; a key is missing when neither spelling was sent. */
export function readNames(body: Named): { name?: string | null; description?: string | null } {
  const name = pick(body.name, body.display_name);
  const description = pick(body.description, body.display_description);
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}

/** GiB from an integer or its digits. Throws `bad_request` when it is less than 1. */
export function readSize(field: string, value: number | string): number {
  const size = Number(value);
  if (Number.isInteger(size) && size >= 1 && size <= 2 ** 31 - 1) return size;
  throw new ServiceError(
    'bad_request',
    `Invalid input received: ${field} must be an integer between 1 and 2147483647.`,
  );
}

/** A canonical id of a text that the schema has found uuid-like. */
export function readId(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return tryCanonicalUuid(value) ?? value;
}

/** Throws `bad_request` for a key that is none of the known. */
export function refuseUnknownKeys(field: string, body: object, known: readonly string[]): void {
  const unknown = Object.keys(body).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((key) => `'${key.slice(0, 64)}'`).join(', ');
  const were = unknown.length === 1 ? 'was' : 'were';
  throw new ServiceError(
    'bad_request',
    `Invalid input for field/attribute ${field}. Value: ${pythonText(body)}. Additional properties are not allowed (${names} ${were} unexpected)`,
  );
}

/** The filter of types by who sees them. Throws `bad_request` in Cinder's words. */
export function readVisibility(asked: string): boolean {
  const visible = tryBoolean(asked);
  if (visible !== null) return visible;
  throw new ServiceError('bad_request', `Invalid is_public filter [${asked.slice(0, 64)}]`);
}
