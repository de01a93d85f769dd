// Reads a backup: into a disk, or only to see that all of it is there and whole. Every chunk is compared with the SHA-256 in the manifest before
// anybody gets it. What the backup has as zeros is made zeros, wherever the disk came from.
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { asServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { OpenDisk } from '../image/disk-access.js';
import { type BackupManifest, type BackupStore, sha256 } from './backup-store.js';
import { type BackupPlace, objectName } from './backup-target.js';
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

interface StoredObject {
  readonly place: BackupPlace;
  readonly number: number;
}

function objectOf(manifest: BackupManifest, group: readonly Wanted[]): StoredObject {
  const first = group[0]?.entry;
  const place = first === undefined ? undefined : manifest.sources[first.source];
  if (first === undefined || place === undefined) throw spoilt('source');
  return { place, number: first.object };
}

function pieceOf(manifest: BackupManifest, plain: Buffer, { chunk, entry }: Wanted): Buffer | null {
  const at = entry.slot * CHUNK_BYTES;
  const data = plain.subarray(at, at + manifest.table.lengthOf(chunk));
  return sha256(data).equals(entry.sha256) ? data : null;
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
    const { place, number } = objectOf(manifest, group);
    const { plain } = await store.getObject(place, number, work.signal);
    const pieces = group.map((wanted) => {
      const data = pieceOf(manifest, plain, wanted);
      if (data === null) throw spoilt('chunk');
      return { chunk: wanted.chunk, data };
    });
    await take(pieces);
    work.onProgress(Math.min(99, (100 * (index + 1)) / groups.length));
  }
}

/** A part of the disk that the backup cannot give back, and which object of the store is to blame. */
export interface DamagedStretch {
  readonly firstByte: number;
  readonly bytes: number;
  readonly backupId: string;
  readonly object: string;
  readonly reason: 'missing' | 'damaged';
}

export interface BackupDamage {
  readonly checkedChunks: number;
  readonly damagedChunks: number;
  /** The first ones. */
  readonly stretches: readonly DamagedStretch[];
}

const MOST_STRETCHES = 64;

/** Reads everything, changes nothing, and goes on behind what is damaged. Errors: those of the store, and of a key that is not known. */
export async function verifyBackup(
  store: BackupStore,
  manifest: BackupManifest,
  work: BackupWork,
): Promise<BackupDamage> {
  const groups = byObject(manifest);
  const stretches: DamagedStretch[] = [];
  let checkedChunks = 0;
  let damagedChunks = 0;
  for (const [index, group] of groups.entries()) {
    if (work.signal.aborted) throw cancelledError();
    const { place, number } = objectOf(manifest, group);
    const read = await tryPlain(store, place, number, work.signal);
    const reason = read === 'missing' ? 'missing' : 'damaged';
    const bad = group.filter((wanted) => typeof read === 'string' || pieceOf(manifest, read, wanted) === null);
    checkedChunks += group.length;
    damagedChunks += bad.length;
    const blame = { backupId: place.backupId, object: objectName(number), reason } as const;
    for (const { chunk } of bad) addStretch(stretches, chunk * CHUNK_BYTES, manifest.table.lengthOf(chunk), blame);
    work.onProgress(Math.min(99, (100 * (index + 1)) / groups.length));
  }
  return { checkedChunks, damagedChunks, stretches };
}

async function tryPlain(
  store: BackupStore,
  place: BackupPlace,
  number: number,
  signal: AbortSignal,
): Promise<Buffer | 'missing' | 'damaged'> {
  try {
    return (await store.getObject(place, number, signal)).plain;
  } catch (thrown) {
    const { code } = asServiceError(thrown);
    if (code === 'not_found') return 'missing';
    if (code === 'hostile_image') return 'damaged';
    throw thrown;
  }
}

function addStretch(
  stretches: DamagedStretch[],
  firstByte: number,
  bytes: number,
  blame: Pick<DamagedStretch, 'backupId' | 'object' | 'reason'>,
): void {
  const last = stretches.at(-1);
  const follows =
    last !== undefined &&
    last.firstByte + last.bytes === firstByte &&
    last.object === blame.object &&
    last.backupId === blame.backupId;
  if (follows) stretches.splice(-1, 1, { ...last, bytes: last.bytes + bytes });
  else if (stretches.length < MOST_STRETCHES) stretches.push({ firstByte, bytes, ...blame });
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
