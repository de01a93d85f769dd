// Reads a backup: into a disk, or only to see that all of it is there and whole. Every chunk is compared with the SHA-256 in the manifest before
// anybody gets it. What the backup has as zeros is made zeros, wherever the disk came from.
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { OpenDisk } from '../image/disk-access.js';
import { type BackupManifest, type BackupStore, sha256 } from './backup-store.js';
import type { ChunkEntry } from './chunk-table.js';
import { spoilt } from './seal.js';
import type { BackupWork } from './write-backup.js';

/** One request may zero at most 4 GiB; less keeps the progress alive. */
const ZERO_BYTES = 256 * 1024 ** 2;
const WRITES_AT_ONCE = 8;

interface Wanted {
  readonly chunk: number;
  readonly entry: ChunkEntry;
}

/** Chunks by the object that holds them, so that each object is fetched once. */
function byObject(manifest: BackupManifest): Wanted[][] {
  const groups = new Map<number, Wanted[]>();
  for (const chunk of manifest.table.kept()) {
    const entry = manifest.table.get(chunk);
    if (entry === null) continue;
    const key = entry.source * 2 ** 32 + entry.object;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ chunk, entry }]);
    else group.push({ chunk, entry });
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Errors: `hostile_image` (a chunk or object is not what was stored), `not_found` (an object is missing), those of `take`. */
async function eachObject(
  store: BackupStore,
  manifest: BackupManifest,
  work: BackupWork,
  take: (chunks: readonly { readonly chunk: number; readonly data: Buffer }[]) => Promise<void>,
): Promise<void> {
  const groups = byObject(manifest);
  for (const [index, group] of groups.entries()) {
    if (work.signal.aborted) throw cancelledError();
    const first = group[0]?.entry;
    const place = first === undefined ? undefined : manifest.sources[first.source];
    if (first === undefined || place === undefined) throw spoilt('source');
    const { plain } = await store.getObject(place, first.object, work.signal);
    const pieces = group.map(({ chunk, entry }) => {
      const at = entry.slot * CHUNK_BYTES;
      const data = plain.subarray(at, at + manifest.table.lengthOf(chunk));
      if (!sha256(data).equals(entry.sha256)) throw spoilt('chunk');
      return { chunk, data };
    });
    await take(pieces);
    work.onProgress(Math.min(99, (100 * (index + 1)) / groups.length));
  }
}

/** Reads everything, changes nothing. */
export async function verifyBackup(store: BackupStore, manifest: BackupManifest, work: BackupWork): Promise<void> {
  await eachObject(store, manifest, work, () => Promise.resolve());
}

/** The disk shows the backup afterwards, and zeros behind its end. `mayBeHoles`: zeros may take no room. */
export async function restoreBackup(
  store: BackupStore,
  manifest: BackupManifest,
  disk: OpenDisk,
  mayBeHoles: boolean,
  work: BackupWork,
): Promise<void> {
  for (const { start, length } of gapsOf(manifest, disk.sizeBytes)) {
    for (let at = 0; at < length; at += ZERO_BYTES) {
      if (work.signal.aborted) throw cancelledError();
      await disk.zero(start + at, Math.min(ZERO_BYTES, length - at), mayBeHoles);
      work.onProgress(0);
    }
  }
  await eachObject(store, manifest, work, async (pieces) => {
    for (let at = 0; at < pieces.length; at += WRITES_AT_ONCE) {
      const some = pieces.slice(at, at + WRITES_AT_ONCE);
      await Promise.all(some.map(({ chunk, data }) => disk.write(chunk * CHUNK_BYTES, data)));
    }
  });
  await disk.flush();
}

/** What no chunk covers, in bytes, up to the end of the disk. Exported for tests. */
export function gapsOf(
  { table }: Pick<BackupManifest, 'table'>,
  diskBytes: number,
): { readonly start: number; readonly length: number }[] {
  const gaps: { start: number; length: number }[] = [];
  let at = 0;
  for (const chunk of table.kept()) {
    const start = chunk * CHUNK_BYTES;
    if (start > at) gaps.push({ start: at, length: start - at });
    at = start + table.lengthOf(chunk);
  }
  if (diskBytes > at) gaps.push({ start: at, length: diskBytes - at });
  return gaps;
}
