// The file calls of a backup store in a directory: `<root>/<container>/<backup id>/<object>`. Each call is short, stands for itself, and is done by a
// process of its own in the worker (directory-child.ts), because the directory may be an NFS mount that hangs. Links are never followed below the
// root's own path.
import { constants, type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import { type BackupPlace, objectMissing, requirePlace } from './backup-target.js';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const partPattern = /^\.part-[0-9a-f-]{36}$/;

/** A part is the temporary name of an object that is not complete yet. */
export interface DirectoryCalls {
  append(place: BackupPlace, part: string, bytes: Uint8Array): Promise<void>;
  /** Durable first, then under its name. */
  publish(place: BackupPlace, part: string, name: string): Promise<void>;
  dropPart(place: BackupPlace, part: string): Promise<void>;
  /** Fewer bytes than asked for: the object ends there. */
  read(place: BackupPlace, name: string, offset: number, length: number): Promise<Uint8Array>;
  list(place: BackupPlace): Promise<readonly string[]>;
  removeAll(place: BackupPlace): Promise<void>;
}

export class DirectoryFiles implements DirectoryCalls {
  constructor(private readonly root: string) {}

  async append(place: BackupPlace, part: string, bytes: Uint8Array): Promise<void> {
    const directory = await this.ensureDirectory(place);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
    await named(async () => {
      const file = await open(path.join(directory, requirePart(part)), flags, FILE_MODE);
      await whole(file, () => file.writeFile(bytes));
    });
  }

  async publish(place: BackupPlace, part: string, name: string): Promise<void> {
    requirePlace(place, name);
    await this.demandPlain(place);
    const directory = this.directoryOf(place);
    const source = path.join(directory, requirePart(part));
    await named(async () => {
      const file = await open(source, constants.O_WRONLY | constants.O_NOFOLLOW);
      await whole(file, () => file.sync());
      await rename(source, path.join(directory, name));
      await syncDirectory(directory);
    });
  }

  async dropPart(place: BackupPlace, part: string): Promise<void> {
    requirePlace(place);
    await this.demandPlain(place);
    await named(() => rm(path.join(this.directoryOf(place), requirePart(part)), { force: true }));
  }

  async read(place: BackupPlace, name: string, offset: number, length: number): Promise<Uint8Array> {
    requirePlace(place, name);
    const file = path.join(this.directoryOf(place), name);
    await this.demandPlain(place);
    return named(async () => {
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((thrown: unknown) => {
        if (codeOf(thrown) === 'ENOENT') throw objectMissing(name);
        throw thrown;
      });
      return whole(handle, () => readFully(handle, offset, length));
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
    requirePlace(place);
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

function requirePart(part: string): string {
  if (partPattern.test(part)) return part;
  throw new ServiceError('bad_request', 'The name of a container or object of a backup is unacceptable.');
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
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
