// The secret that signs tickets between the API and the workers (console reading, bulk data), shared by file. Both sides must read the
// file the same way: its text without surrounding white space, as UTF-8 bytes.
import { readFile } from 'node:fs/promises';

/** HS256 wants a key as long as its hash (RFC 7518, section 3.2). */
const MIN_BYTES = 32;

/** Throws when the file cannot be read or holds too little to be a secret. */
export async function readTicketSecret(file: string): Promise<Uint8Array> {
  const secret = new TextEncoder().encode((await readFile(file, 'utf8')).trim());
  if (secret.length < MIN_BYTES) throw new Error(`${file} must hold a secret of at least ${MIN_BYTES} characters`);
  return secret;
}
