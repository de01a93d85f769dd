// Backups in a directory, local or mounted (NFS). An object is written under a temporary name, in pieces that keep nobody waiting, made durable, and
// renamed; its directories are made durable too. The file calls themselves are directory-files.ts.
import { randomUUID } from 'node:crypto';
import { type BackupPlace, type BackupTarget, objectTooLong, requirePlace } from './backup-target.js';
import { type DirectoryCalls, DirectoryFiles } from './directory-files.js';

const PIECE_BYTES = 1024 ** 2;

export class DirectoryTarget implements BackupTarget {
  readonly kind = 'directory';
  private readonly calls: DirectoryCalls;

  /** A path: file calls are made by this process itself, as tests do. */
  constructor(where: string | DirectoryCalls) {
    this.calls = typeof where === 'string' ? new DirectoryFiles(where) : where;
  }

  async put(place: BackupPlace, name: string, bytes: Uint8Array): Promise<void> {
    requirePlace(place, name);
    const part = `.part-${randomUUID()}`;
    try {
      for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
        await this.calls.append(place, part, bytes.subarray(at, at + PIECE_BYTES));
      }
      await this.calls.publish(place, part, name);
    } catch (thrown) {
      await this.calls.dropPart(place, part).catch(() => undefined); // the first error is the one to tell
      throw thrown;
    }
  }

  async get(place: BackupPlace, name: string, maxBytes: number): Promise<Buffer> {
    requirePlace(place, name);
    const pieces: Uint8Array[] = [];
    for (let at = 0; ; at += PIECE_BYTES) {
      const piece = await this.calls.read(place, name, at, PIECE_BYTES);
      if (at + piece.length > maxBytes) throw objectTooLong(name);
      pieces.push(piece);
      if (piece.length < PIECE_BYTES) return Buffer.concat(pieces);
    }
  }

  async list(place: BackupPlace): Promise<readonly string[]> {
    requirePlace(place);
    return this.calls.list(place);
  }

  async removeAll(place: BackupPlace): Promise<void> {
    requirePlace(place);
    await this.calls.removeAll(place);
  }
}
