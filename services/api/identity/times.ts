// Keystone's spelling of times: microseconds and a Z (`2026-11-21T01:32:34.000000Z`), unlike Cinder's naive ones.
import { ServiceError } from '../../core/domain/errors.js';

/** From the database's naive UTC text (fraction of 0 to 6 digits). */
export function zuluMicroseconds(naive: string): string {
  const [seconds = '', fraction = ''] = naive.split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

/** The same without the Z: how Keystone spells times that are not a token's. */
export function naiveMicroseconds(naive: string): string {
  return zuluMicroseconds(naive).slice(0, -1);
}

const expiryForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)Z?$/;

/** A client's time in UTC, the Z optional, as naive text for the database. Throws `bad_request` for other text and for the past. */
export function parseExpiry(text: string, now: Date = new Date()): string {
  const [, date = '', time = ''] = expiryForm.exec(text) ?? [];
  const moment = new Date(`${date}T${time}Z`);
  // A date that does not exist (February 30) is moved by Date; its text then differs.
  if (Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(date)) {
    throw new ServiceError(
      'bad_request',
      "Timestamp not in expected format. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error: 'expires_at'.",
    );
  }
  if (moment <= now) {
    throw new ServiceError(
      'bad_request',
      "The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.",
    );
  }
  return `${date}T${time}`;
}
