// A backup in its store: its objects of some dozen chunks each, and its manifest, written last. Where there is no manifest there is no backup,
// only what an unfinished one has left, from which it goes on.
import { createHash } from 'node:crypto';
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { asServiceError } from '../../services/core/domain/errors.js';
import { isUuid } from '../../services/core/domain/ids.js';
import { type BackupPlace, type BackupTarget, manifestName, objectName, requirePlace } from './backup-target.js';
import { ChunkTable, tableBytes } from './chunk-table.js';
import { type BackupKey, type FindKey, openObject, sealObject, spoilt } from './seal.js';
import type { Zstd } from './zstd.js';

const MANIFEST_VERSION = 1;
const HASH_BYTES = 32;
/** 64 TiB: above it the table would not fit into memory. */
const MAX_DISK_BYTES = 64 * 1024 ** 4;
/** Far more than an object of that many chunks takes, with its index; what is longer was not written by us. */
const MAX_OBJECT_BYTES = 128 * 1024 ** 2;
/** Of a manifest, beside its table: its head, and the backups that it stands on. */
const MAX_FACTS_BYTES = 4 * 1024 ** 2;
/** Chunks of one object: 32 MiB are large enough for object stores, small enough to be held in memory and sent again. */
export const OBJECT_CHUNKS = 32;

export interface BackupManifest {
  readonly volumeId: string;
  readonly sizeBytes: number;
  /** Backups whose objects hold the chunks; this one's own place is the first. */
  readonly sources: readonly BackupPlace[];
  readonly objectCount: number;
  readonly storedBytes: number;
  readonly table: ChunkTable;
}

/** What one object says of the stretch of the disk that it was made of. */
export interface ObjectIndex {
  /** The stretch, in chunks; `to` is the first one behind it. */
  readonly from: number;
  readonly to: number;
  /** Number of each chunk that it holds, in order, with its SHA-256 in hex. */
  readonly chunks: readonly (readonly [number, string])[];
  /** Stretches of chunks that are the parent's: first one and how many. The others are zeros. */
  readonly same: readonly (readonly [number, number])[];
  readonly plainBytes: number;
}

export interface BackupKeys {
  /** For what is written; null: not sealed. */
  readonly current: BackupKey | null;
  readonly find: FindKey;
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export class BackupStore {
  constructor(
    readonly target: BackupTarget,
    private readonly zstd: Zstd,
    readonly keys: BackupKeys,
  ) {}

  /** The same store, with other keys. */
  withKeys(keys: BackupKeys): BackupStore {
    return new BackupStore(this.target, this.zstd, keys);
  }

  get keyId(): string | null {
    return this.keys.current?.id ?? null;
  }

  /** Returns the bytes that the object takes. */
  async putObject(
    place: BackupPlace,
    number: number,
    index: ObjectIndex,
    plain: Uint8Array,
    signal: AbortSignal,
  ): Promise<number> {
    const name = objectName(number);
    const data = plain.length === 0 ? Buffer.alloc(0) : await this.zstd.compress(plain, signal);
    const bytes = await sealObject({ backupId: place.backupId, name, index, data }, this.keys.current);
    await this.target.put(place, name, bytes);
    return bytes.length;
  }

  /**
   * `isSealed`: one that is not sealed is none; for what no manifest vouches for yet. Errors: `not_found`, `hostile_image`.
   */
  async getObject(
    place: BackupPlace,
    number: number,
    signal: AbortSignal,
    isSealed = false,
  ): Promise<{ readonly index: ObjectIndex; readonly plain: Buffer; readonly bytes: number }> {
    const name = objectName(number);
    const bytes = await this.target.get(place, name, MAX_OBJECT_BYTES);
    const { index, data } = await openObject(bytes, { backupId: place.backupId, name, isSealed }, this.keys.find);
    const known = readObjectIndex(index);
    const plain = known.plainBytes === 0 ? Buffer.alloc(0) : await this.zstd.expand(data, known.plainBytes, signal);
    return { index: known, plain, bytes: bytes.length };
  }

  /** Returns its SHA-256 in hex, by which it is known from now on. */
  async putManifest(place: BackupPlace, manifest: BackupManifest): Promise<string> {
    const { table, ...facts } = manifest;
    const index = { version: MANIFEST_VERSION, chunkBytes: CHUNK_BYTES, ...facts };
    const object = { backupId: place.backupId, name: manifestName, index, data: table.toBytes() };
    const bytes = await sealObject(object, this.keys.current);
    const hash = sha256(bytes);
    await this.target.put(place, manifestName, Buffer.concat([bytes, hash]));
    return hash.toString('hex');
  }

  /**
   * Its own hash, and the one on record where there is one, must be right. `maxDiskBytes`: of a disk that is larger it is none; asked before room for
   * its table is taken. Errors: `not_found`, `hostile_image`, `bad_request` (key).
   */
  async getManifest(
    place: BackupPlace,
    expectedSha256: string | null,
    { isSealed = false, maxDiskBytes = MAX_DISK_BYTES }: { isSealed?: boolean; maxDiskBytes?: number } = {},
  ): Promise<{ manifest: BackupManifest; hash: string; keyId: string | null }> {
    const most = Math.min(maxDiskBytes, MAX_DISK_BYTES);
    const stored = await this.target.get(place, manifestName, MAX_FACTS_BYTES + tableBytes(most));
    if (stored.length < HASH_BYTES) throw spoilt('manifest');
    const bytes = stored.subarray(0, stored.length - HASH_BYTES);
    const hash = sha256(bytes);
    if (!hash.equals(stored.subarray(bytes.length))) throw spoilt('manifest hash');
    const hex = hash.toString('hex');
    if (expectedSha256 !== null && hex !== expectedSha256) throw spoilt('another manifest');
    const expected = { backupId: place.backupId, name: manifestName, isSealed };
    const { index, data, keyId } = await openObject(bytes, expected, this.keys.find);
    return { manifest: readManifest(place, index, data, most), hash: hex, keyId };
  }

  /** Nobody has vouched for it: where a key is configured, its seal does. */
  async tryManifest(place: BackupPlace): Promise<{ manifest: BackupManifest; hash: string } | null> {
    try {
      return await this.getManifest(place, null, { isSealed: this.keyId !== null });
    } catch (thrown) {
      if (asServiceError(thrown).code === 'not_found') return null;
      throw thrown;
    }
  }
}

function isCount(value: unknown, most = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}

function readManifest(place: BackupPlace, index: unknown, data: Buffer, maxDiskBytes: number): BackupManifest {
  const { version, chunkBytes, volumeId, sizeBytes, sources, objectCount, storedBytes } = asRecord(index);
  if (version !== MANIFEST_VERSION || chunkBytes !== CHUNK_BYTES) throw spoilt('version');
  if (typeof volumeId !== 'string' || !isUuid(volumeId)) throw spoilt('volume');
  if (!isCount(sizeBytes, maxDiskBytes) || !isCount(objectCount) || !isCount(storedBytes)) throw spoilt('sizes');
  if (!Array.isArray(sources) || sources.length === 0 || sources.length > 10_000) throw spoilt('sources');
  const places = sources.map((one: unknown) => {
    const { container, backupId } = asRecord(one);
    if (typeof container !== 'string' || typeof backupId !== 'string') throw spoilt('source');
    requirePlace({ container, backupId });
    return { container, backupId };
  });
  if (places[0]?.backupId !== place.backupId || places[0].container !== place.container) throw spoilt('own place');
  const table = ChunkTable.fromBytes(data, sizeBytes, places.length);
  return { volumeId, sizeBytes, sources: places, objectCount, storedBytes, table };
}

function readObjectIndex(value: unknown): ObjectIndex {
  const { from, to, chunks, same, plainBytes } = asRecord(value);
  if (!isCount(from) || !isCount(to) || to < from || !isCount(plainBytes, OBJECT_CHUNKS * CHUNK_BYTES)) {
    throw spoilt('object index');
  }
  if (!Array.isArray(chunks) || chunks.length > OBJECT_CHUNKS || !Array.isArray(same)) throw spoilt('object index');
  const known = chunks.map((one: unknown): readonly [number, string] => {
    const [chunk, hash] = Array.isArray(one) ? (one as unknown[]) : [];
    if (!isCount(chunk) || chunk < from || chunk >= to || typeof hash !== 'string') throw spoilt('object index');
    return [chunk, hash];
  });
  const stretches = same.map((one: unknown): readonly [number, number] => {
    const [first, count] = Array.isArray(one) ? (one as unknown[]) : [];
    if (!isCount(first) || !isCount(count) || first < from || first + count > to) throw spoilt('object index');
    return [first, count];
  });
  return { from, to, chunks: known, same: stretches, plainBytes };
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw spoilt('record');
  return value as Record<string, unknown>;
}
