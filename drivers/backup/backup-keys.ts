// The keys by which backups are sealed, from a file that only its owner may read: a line for each, `<id> <64 hexadecimal digits>`. The first
// seals what is written now; the others are there for what was written before. The id is stored with every object, a key never is.
import { open } from 'node:fs/promises';
import { isUuid } from '../../services/core/domain/ids.js';
import type { BackupKeys } from './backup-store.js';
import type { BackupKey } from './seal.js';

const GROUP_AND_OTHERS = 0o077;

export const noKeys: BackupKeys = { current: null, find: () => null };

/** Errors: an Error that names the file and the line, never what stands there. */
export async function readBackupKeys(file: string): Promise<BackupKeys> {
  const handle = await open(file, 'r');
  try {
    if (((await handle.stat()).mode & GROUP_AND_OTHERS) !== 0) {
      throw new Error(`${file} can be read by others than its owner`);
    }
    return parseBackupKeys(file, await handle.readFile('utf8'));
  } finally {
    await handle.close();
  }
}

export function parseBackupKeys(file: string, content: string): BackupKeys {
  const keys = new Map<string, BackupKey>();
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [id = '', hex = '', ...rest] = line.trim().split(/\s+/);
    if (!isUuid(id) || !/^[0-9a-fA-F]{64}$/.test(hex) || rest.length > 0 || keys.has(id)) {
      throw new Error(`${file}, line ${index + 1}: not a key, or one that is there already`);
    }
    keys.set(id, { id, secret: Buffer.from(hex, 'hex') });
  }
  const [current] = keys.values();
  if (current === undefined) throw new Error(`${file} has no key`);
  return { current, find: (id) => keys.get(id) ?? null };
}
