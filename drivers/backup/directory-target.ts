// Backups in a directory, local or mounted (NFS): `<root>/<container>/<backup id>/<object>`. An object is written under a temporary name, made
// durable, and renamed; its directories are made durable too. Links are never followed below the root's own path.
import { randomUUID } from 'node:crypto';
import { constants, type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import { type BackupPlace, type BackupTarget, objectMissing, requirePlace } from './backup-target.js';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const PART = '.part-';

export class DirectoryTarget implements BackupTarget {
  readonly kind = 'directory';

  constructor(private readonly root: string) {}

  async put(place: BackupPlace, name: string, bytes: Uint8Array): Promise<void> {
    requirePlace(place, name);
    const directory = await this.ensureDirectory(place);
    const part = path.join(directory, `${PART}${randomUUID()}`);
    try {
      await named(async () => {
        const file = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
        await whole(file, async () => {
          await file.writeFile(bytes);
          await file.sync();
        });
        await rename(part, path.join(directory, name));
        await syncDirectory(directory);
      });
    } catch (thrown) {
      await rm(part, { force: true }).catch(() => undefined); // the first error is the one to tell
      throw thrown;
    }
  }

  async get(place: BackupPlace, name: string): Promise<Buffer> {
    requirePlace(place, name);
    const file = path.join(this.directoryOf(place), name);
    await this.demandPlain(place);
    return named(async () => {
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((thrown: unknown) => {
        if (codeOf(thrown) === 'ENOENT') throw objectMissing(name);
        throw thrown;
      });
      return whole(handle, () => handle.readFile());
    });
  }

  async list(place: BackupPlace): Promise<readonly string[]> {
    requirePlace(place);
    await this.demandPlain(place);
    const names = await named(() => readdir(this.directoryOf(place)).catch(absentIs([])));
    return names.filter((name) => !name.startsWith('.')).sort();
  }

  async removeAll(place: BackupPlace): Promise<void> {
    requirePlace(place);
    await this.demandPlain(place);
    await named(async () => {
      await rm(this.directoryOf(place), { recursive: true, force: true });
      await syncDirectory(path.dirname(this.directoryOf(place))).catch(absentIs(undefined));
    });
  }

  private directoryOf({ container, backupId }: BackupPlace): string {
    return path.join(this.root, container, backupId);
  }

  private async ensureDirectory(place: BackupPlace): Promise<string> {
    await this.demandPlain(place);
    const directory = this.directoryOf(place);
    await named(async () => {
      // Not the root itself: where it is not mounted, its parent must not be filled.
      await lstat(this.root);
      const first = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
      if (first === undefined) return;
      await syncDirectory(path.dirname(directory));
      await syncDirectory(this.root);
    });
    return directory;
  }

  /** Neither the container nor the backup's directory may be a link to somewhere else. */
  private async demandPlain(place: BackupPlace): Promise<void> {
    for (const directory of [path.join(this.root, place.container), this.directoryOf(place)]) {
      const facts = await named(() => lstat(directory).catch(absentIs(null)));
      if (facts === null || facts.isDirectory()) continue;
      throw new ServiceError('bad_request', 'The container of the backup is no directory.', { context: { directory } });
    }
  }
}

async function whole<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  await whole(handle, () => handle.sync());
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

function absentIs<T>(answer: T): (thrown: unknown) => T {
  return (thrown) => {
    if (codeOf(thrown) === 'ENOENT') return answer;
    throw thrown;
  };
}

/** The operating system's errors under our codes. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ServiceError) throw thrown;
    const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(thrown));
    throw full
      ? new ServiceError('no_space', 'The backup store has no space left.', { cause: thrown })
      : new ServiceError('backend_offline', 'The backup store does not answer.', { cause: thrown });
  }
}
