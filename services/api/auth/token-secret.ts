// The secret half of a token: made, recognised and hashed here only. 256 random bits; the database sees the hash alone.
import { createHash, randomBytes } from 'node:crypto';

/** Random text for people to paste: a word that begins with a dash would be taken for an option of a command (one in 64 would). */
export function randomWord(bytes: number): string {
  for (;;) {
    const word = randomBytes(bytes).toString('base64url');
    if (!word.startsWith('-')) return word;
  }
}

/** A fresh secret, as clients send it in X-Auth-Token. */
export function newTokenSecret(): string {
  return randomWord(32);
}

/** A Keystone audit id: names a token in logs and does not open it. */
export function newAuditId(): string {
  return randomBytes(16).toString('base64url');
}

/** SHA-256 of the secret; null for text that no token of ours can be (so that junk costs no query). */
export function tryHashToken(secret: string): Buffer | null {
  return /^[A-Za-z0-9_-]{43}$/.test(secret) ? createHash('sha256').update(secret).digest() : null;
}
