// Keystone's extras: attributes of projects and users that the service has no meaning for are kept and shown again (`email`).
// Bounded, and never able to shadow an attribute that has a meaning.
import { ServiceError } from '../../core/domain/errors.js';

const MAX_BYTES = 16_384;

/** The attributes of the body that are none of the known ones. Throws `bad_request` when they are too large. */
export function readExtras(body: object, known: readonly string[]): Record<string, unknown> {
  const own = new Set([
    ...known,
    'id',
    'links',
    'password',
    'password_hash',
    'password_expires_at',
    'is_domain',
    'options',
  ]);
  const extras = Object.fromEntries(Object.entries(body).filter(([name]) => !own.has(name) && name !== '__proto__'));
  if (JSON.stringify(extras).length > MAX_BYTES) {
    throw new ServiceError(
      'bad_request',
      `Attributes without a meaning to the service may take ${MAX_BYTES} bytes at most.`,
    );
  }
  return extras;
}
