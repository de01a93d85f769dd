// The key store that a configuration asks for.
import { readFileSync, statSync } from 'node:fs';
import { BarbicanKeyStore, type BarbicanOptions } from './barbican-key-store.js';
import { openFileKeyStore } from './file-key-store.js';
import { type KeyStore, noKeyStore } from './key-store.js';

/** As `KeyStoreConfig` of services/core/runtime/config-types.ts, which drivers do not import. */
export interface KeyStoreOptions {
  readonly mode: 'file' | 'barbican';
  readonly directory: string | null;
  readonly masterKeyFile: string | null;
  readonly barbican: (Omit<BarbicanOptions, 'password'> & { readonly passwordFile: string }) | null;
}

/** null: the worker serves volumes that are not encrypted. Throws an Error when what is configured cannot be used. */
export function openKeyStore(options: KeyStoreOptions | null): KeyStore {
  if (options === null) return noKeyStore;
  const { mode, directory, masterKeyFile, barbican } = options;
  if (mode === 'file') {
    if (directory === null || masterKeyFile === null) {
      throw new Error('keyStore: the mode file needs keyStore.directory and keyStore.masterKeyFile');
    }
    return openFileKeyStore({ directory, masterKeyFile });
  }
  if (barbican === null) throw new Error('keyStore: the mode barbican needs keyStore.barbican');
  const { passwordFile, ...rest } = barbican;
  if ((statSync(passwordFile).mode & 0o077) !== 0) {
    throw new Error(`${passwordFile} must be readable by its owner alone (chmod 600)`);
  }
  return new BarbicanKeyStore({ ...rest, password: readFileSync(passwordFile, 'utf8').trim() });
}
