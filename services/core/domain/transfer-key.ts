// The key of an offered volume: whoever knows it may take the volume, so it is told once and kept only as a salted digest.
// 64 random bits cannot be guessed through an API, so a plain keyed hash is enough; a slow one would only slow the service.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface TransferKey {
  /** 16 hex digits, as Cinder makes them (volume_transfer_key_length). */
  readonly authKey: string;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

function digestOf(authKey: string, salt: Buffer): Buffer {
  return createHmac('sha256', salt).update(authKey, 'utf8').digest();
}

export function newTransferKey(): TransferKey {
  const authKey = randomBytes(8).toString('hex');
  const salt = randomBytes(16);
  return { authKey, salt, digest: digestOf(authKey, salt) };
}

/** Takes the same time whether the key is nearly right or all wrong. */
export function transferKeyFits(authKey: string, salt: Buffer, digest: Buffer): boolean {
  const given = digestOf(authKey, salt);
  return given.length === digest.length && timingSafeEqual(given, digest);
}
