// OpenStack's spellings of yes and no, as oslo.utils knows them (strutils.bool_from_string with strict=True). Pure.
import { ServiceError } from '../../core/domain/errors.js';

const yes = ['1', 't', 'true', 'on', 'y', 'yes'];
const no = ['0', 'f', 'false', 'off', 'n', 'no'];

/** null when the value is neither. */
export function tryBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim().toLowerCase();
  return yes.includes(text) ? true : no.includes(text) ? false : null;
}

/** Throws `bad_request` with Cinder's words when the value is neither yes nor no. */
export function parseBoolean(name: string, value: unknown): boolean {
  const parsed = tryBoolean(value);
  if (parsed !== null) return parsed;
  throw new ServiceError('bad_request', `Value '${String(value).slice(0, 64)}' for '${name}' is not a boolean.`);
}
