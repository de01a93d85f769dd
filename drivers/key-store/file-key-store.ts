// Keys as files of one directory, each sealed with a master key (AES-256-GCM). The sealed text is bound to the key's id, so that files that
// were exchanged open nothing. Both kinds of workers reach the directory; whoever has one of the two, the directory or the master key's
// file, has nothing.
//
//   make:    <id>.new (0600) -> fsync -> link as <id>.key, which never replaces one -> fsync of the directory
//   remove:  unlink -> fsync of the directory
//
// File calls here are few and short, and of a local directory: a share is never meant to be one.
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { link, open, readFile, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import { isUuid } from '../../services/core/domain/ids.js';
import { type KeyBits, type KeyStore, keyBits, type Passphrase, passphraseOf } from './key-store.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const MASTER_KEY_BYTES = 32;
const VERSION = 1;
/** A sealed key is some 200 bytes. */
const MOST_BYTES = 4096;

export interface FileKeyStoreOptions {
  /** Absolute path; made with mode 0700 when it is missing. */
  readonly directory: string;
  /** Holds at least 32 characters of secret text; of mode 0600. */
  readonly masterKeyFile: string;
}

/** How a file of the store reads, as JSON. */
interface SealedKey {
  readonly version: number;
  /** base64 */
  readonly nonce: string;
  readonly sealed: string;
  readonly tag: string;
}

/** Throws an Error when the master key cannot be read, or may be read by others: the process should not start then. */
export function openFileKeyStore({ directory, masterKeyFile }: FileKeyStoreOptions): KeyStore {
  if ((statSync(masterKeyFile).mode & 0o077) !== 0) {
    throw new Error(`${masterKeyFile} must be readable by its owner alone (chmod 600)`);
  }
  const text = readFileSync(masterKeyFile, 'utf8').trim();
  if (text.length < MASTER_KEY_BYTES) {
    throw new Error(`${masterKeyFile} must hold a secret of at least ${MASTER_KEY_BYTES} characters`);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  return new FileKeyStore(directory, createHash('sha256').update(`saggar key store\0${text}`).digest());
}

class FileKeyStore implements KeyStore {
  readonly #masterKey: Buffer;

  constructor(
    private readonly directory: string,
    masterKey: Buffer,
  ) {
    this.#masterKey = masterKey;
  }

  async ensureKey(id: string, bits: KeyBits): Promise<string> {
    const file = this.fileOf(id);
    if ((await tryRead(file)) === null) await this.make(file, id, bits);
    const key = await this.unseal(id);
    const found = key.length * 8;
    key.fill(0);
    if (found === bits) return id;
    throw new ServiceError('conflict', 'A key of that id exists and has another length.', { context: { id, found } });
  }

  async readKey(id: string): Promise<Passphrase> {
    const key = await this.unseal(id);
    const passphrase = passphraseOf(key);
    key.fill(0);
    return passphrase;
  }

  async removeKey(id: string): Promise<void> {
    try {
      await unlink(this.fileOf(id));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw offline(thrown);
    }
    await syncDirectory(this.directory);
  }

  private fileOf(id: string): string {
    if (!isUuid(id)) throw new ServiceError('bad_request', 'The id of a key is a UUID.');
    return path.join(this.directory, `${id}.key`);
  }

  /** Whoever comes second finds the first one's key. */
  private async make(file: string, id: string, bits: KeyBits): Promise<void> {
    if (!(keyBits as readonly number[]).includes(bits))
      throw new ServiceError('bad_request', 'No key has that length.');
    const key = randomBytes(bits / 8);
    const content = this.seal(id, key);
    key.fill(0);
    const fresh = path.join(this.directory, `${id}.${randomUUID()}.new`);
    try {
      const handle = await open(fresh, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await link(fresh, file).catch((thrown: unknown) => {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      });
      await rm(fresh, { force: true });
      await syncDirectory(this.directory);
    } catch (thrown) {
      await rm(fresh, { force: true }).catch(() => undefined);
      throw offline(thrown);
    }
  }

  private seal(id: string, key: Buffer): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#masterKey, nonce);
    cipher.setAAD(Buffer.from(id));
    const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
    const file: SealedKey = {
      version: VERSION,
      nonce: nonce.toString('base64'),
      sealed: sealed.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
    };
    return `${JSON.stringify(file)}\n`;
  }

  private async unseal(id: string): Promise<Buffer> {
    const text = await tryRead(this.fileOf(id));
    if (text === null) {
      throw new ServiceError('not_found', 'The key of an encrypted volume is not in the key store.', {
        context: { keyId: id },
      });
    }
    try {
      const { version, nonce, sealed, tag } = JSON.parse(text) as SealedKey;
      if (version !== VERSION) throw new Error('another version');
      const cipher = createDecipheriv(CIPHER, this.#masterKey, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
      cipher.setAAD(Buffer.from(id));
      cipher.setAuthTag(Buffer.from(tag, 'base64'));
      return Buffer.concat([cipher.update(Buffer.from(sealed, 'base64')), cipher.final()]);
    } catch {
      // Without the cause: nothing of what was read goes into a log.
      throw new ServiceError('chain_mismatch', 'The key of an encrypted volume cannot be opened.', {
        context: { keyId: id },
      });
    }
  }
}

/** null when there is none. */
async function tryRead(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8');
    return text.slice(0, MOST_BYTES);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw offline(thrown);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function offline(cause: unknown): ServiceError {
  return cause instanceof ServiceError
    ? cause
    : new ServiceError('backend_offline', 'The key store does not answer.', { cause });
}
