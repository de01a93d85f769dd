// Where the keys of encrypted volumes are. A key is a row of random bytes with an id; nothing else is known of it here.
// Only workers reach a store. A key never passes broker or database, and never stands in an argument, an environment or a log: what is read
// is a `Passphrase`, which every way of turning it into text shows as `***`.
import { inspect } from 'node:util';
import { ServiceError } from '../../services/core/domain/errors.js';

/** Bits of a key: AES-128 or AES-256 in XTS, which takes two keys of that length. */
export const keyBits = [256, 512] as const;
export type KeyBits = (typeof keyBits)[number];

export interface KeyStore {
  /**
   * Makes a random key unless it is there already; answers the id under which it is read, which a store may choose itself. Asked again with the
   * same arguments it answers the same. Errors: `backend_offline` (the store does not answer), `conflict` (there, with other bits).
   */
  ensureKey(id: string, bits: KeyBits): Promise<string>;
  /**
   * Errors: `not_found`, `backend_offline`; `chain_mismatch` when what is stored is damaged, or was sealed by another master key.
   */
  readKey(id: string): Promise<Passphrase>;
  /** Forgets the key for good: what it has encrypted can be read no more. Absent is success. Errors: `backend_offline`. */
  removeKey(id: string): Promise<void>;
}

/** What opens the layers of a volume. */
export class Passphrase {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  /** Lower-case hexadecimal digits. Never pass them to a logger, an error, an argument or a message of ours. */
  reveal(): string {
    return this.#digits;
  }

  /** Of the key that it was made of, which is also how long the master key of a layer is. */
  get keyBytes(): number {
    return this.#digits.length / 2;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** The key's bytes as hexadecimal digits, as Cinder, Nova and os-brick make a passphrase of a key. */
export function passphraseOf(key: Uint8Array): Passphrase {
  return new Passphrase(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('hex'));
}

/** Of a worker that was told of no key store: it serves volumes that are not encrypted. */
export const noKeyStore: KeyStore = {
  ensureKey: refuse,
  readKey: refuse,
  removeKey: refuse,
};

function refuse(): Promise<never> {
  return Promise.reject(
    new ServiceError('backend_offline', 'This worker has no key store, so it cannot open encrypted volumes.'),
  );
}
