// Keys for the backups of encrypted volumes. What such a backup holds is sealed with a key that is made of the volume's own (HKDF with SHA-256), so
// that the store has nothing in plain, no other key has to be configured, and the key store alone decides who can read it. The volume's key
// stays in the key store as long as a backup names it.
import { hkdf } from 'node:crypto';
import { promisify } from 'node:util';
import { asServiceError } from '../../services/core/domain/errors.js';
import { type KeyStore, noKeyStore } from '../key-store/key-store.js';
import type { BackupKeys } from './backup-store.js';
import type { BackupKey } from './seal.js';

const KEY_BYTES = 32;
/** So that it is another key than that of the layers, whatever both are made of. */
const PURPOSE = 'saggar backup objects';

async function readVolumeKey(keys: KeyStore, id: string): Promise<BackupKey> {
  const passphrase = await keys.readKey(id);
  const secret = await promisify(hkdf)('sha256', Buffer.from(passphrase.reveal(), 'hex'), '', PURPOSE, KEY_BYTES);
  return { id, secret: Buffer.from(secret) };
}

/**
 * `keyId`: of the volume that is backed up; null when it is not encrypted, and then what is configured seals as ever. What is read may be sealed
 * by either. Errors: those of `readKey`.
 */
export async function backupKeysFor(configured: BackupKeys, keys: KeyStore, keyId: string | null): Promise<BackupKeys> {
  const known = new Map<string, Promise<BackupKey | null>>();
  const current = keyId === null ? configured.current : await readVolumeKey(keys, keyId);
  return {
    current,
    find: async (id) => {
      if (current?.id === id) return current;
      const ofStore = await configured.find(id);
      if (ofStore !== null || keys === noKeyStore) return ofStore;
      const asked = known.get(id) ?? readVolumeKey(keys, id).catch(nullWhenMissing);
      known.set(id, asked);
      return asked;
    },
  };
}

function nullWhenMissing(thrown: unknown): null {
  if (asServiceError(thrown).code === 'not_found') return null;
  throw thrown;
}
