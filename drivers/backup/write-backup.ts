// Makes a backup of what a disk shows: whole, or only the chunks that differ from the parent's.
//
//   go on behind the objects that are there already
//   map of a window -> chunk: zeros | the parent's (its layer proves it) | to be read -> zeros? -> SHA-256 -> the parent's? -> into the object
//   object full -> compress, seal, put (while the next one is filled)                 ... at the end the manifest
//
// Nothing is read where no layer has data. Where the parent was made of a snapshot that is still in the chain, what lies in its layers is not
// read either: a snapshot's data is what is below its overlay, and that never changes (merges below keep what shows).
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { asServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { ChainExtent } from '../image/chain-extents.js';
import type { OpenDisk } from '../image/disk-access.js';
import { type BackupManifest, type BackupStore, OBJECT_CHUNKS, type ObjectIndex, sha256 } from './backup-store.js';
import { type BackupPlace, tryObjectNumber } from './backup-target.js';
import { ChunkTable } from './chunk-table.js';
import { spoilt } from './seal.js';

const WINDOW_CHUNKS = 4096;
/** Reads under way at once: enough to hide the share's latency. */
const READ_AHEAD = 8;

export interface WriteBackupSpec {
  readonly place: BackupPlace;
  readonly volumeId: string;
  readonly parent: BackupManifest | null;
  /** Layers at this depth and below (0 is the uppermost) are as they were when the parent was made; null: nothing is known. */
  readonly unchangedDepth: number | null;
}

export interface WrittenBackup {
  readonly manifestSha256: string;
  readonly objectCount: number;
  readonly storedBytes: number;
  readonly readBytes: number;
}

export interface BackupWork {
  readonly onProgress: (percent: number) => void;
  readonly signal: AbortSignal;
}

/** Done already is done. Errors: those of the disk and the store. */
export async function writeBackup(
  disk: OpenDisk,
  store: BackupStore,
  spec: WriteBackupSpec,
  work: BackupWork,
): Promise<WrittenBackup> {
  const done = await store.tryManifest(spec.place);
  if (done !== null) {
    const { objectCount, storedBytes } = done.manifest;
    return { manifestSha256: done.hash, objectCount, storedBytes, readBytes: 0 };
  }
  const writer = new BackupWriter(disk, store, spec, work);
  return writer.run();
}

/** A chunk that is not zeros all along: to be read, or the parent's. */
interface Judged {
  readonly chunk: number;
  readonly isChanged: boolean;
}

class BackupWriter {
  private readonly table: ChunkTable;
  private readonly sources: readonly BackupPlace[];
  private readonly zeros = Buffer.alloc(CHUNK_BYTES);
  private objectCount = 0;
  private storedBytes = 0;
  private readBytes = 0;
  private next = 0;
  private filling: { plain: Buffer[]; chunks: [number, string][]; same: [number, number][] } = fresh();
  private filledFrom = 0;
  private putting: Promise<void> = Promise.resolve();

  constructor(
    private readonly disk: OpenDisk,
    private readonly store: BackupStore,
    private readonly spec: WriteBackupSpec,
    private readonly work: BackupWork,
  ) {
    this.table = new ChunkTable(disk.sizeBytes);
    // The parent's own sources behind ours: its numbers move up by one.
    this.sources = [spec.place, ...(spec.parent?.sources ?? [])];
  }

  async run(): Promise<WrittenBackup> {
    await this.resume();
    while (this.next < this.table.chunks) {
      const end = Math.min(this.table.chunks, this.next + WINDOW_CHUNKS);
      await this.window(this.next, end);
      this.next = end;
      this.tell(end);
    }
    if (this.filling.chunks.length > 0) await this.flush(this.table.chunks);
    await this.putting;
    this.demandWanted();
    const { objectCount, storedBytes } = this;
    const manifestSha256 = await this.store.putManifest(this.spec.place, {
      volumeId: this.spec.volumeId,
      sizeBytes: this.disk.sizeBytes,
      sources: this.sources,
      objectCount,
      storedBytes,
      table: this.table,
    });
    return { manifestSha256, objectCount, storedBytes, readBytes: this.readBytes };
  }

  /** Objects in unbroken order are kept, the first that is damaged or missing is where it goes on. */
  private async resume(): Promise<void> {
    const { place } = this.spec;
    const numbers = new Set((await this.store.target.list(place)).map(tryObjectNumber));
    while (numbers.has(this.objectCount)) {
      const object = await this.tryObject(this.objectCount);
      if (object === null || object.index.from !== this.next || object.index.to > this.table.chunks) return;
      this.adopt(object.index, object.plain);
      this.storedBytes += object.bytes;
      this.objectCount += 1;
      this.next = object.index.to;
      this.filledFrom = this.next;
      this.tell(this.next);
    }
  }

  private async tryObject(number: number) {
    try {
      return await this.store.getObject(this.spec.place, number, this.work.signal, this.store.keyId !== null);
    } catch (thrown) {
      if (['hostile_image', 'not_found'].includes(asServiceError(thrown).code)) return null;
      throw thrown;
    }
  }

  private adopt(index: ObjectIndex, plain: Buffer): void {
    for (const [slot, [chunk, hex]] of index.chunks.entries()) {
      const hash = sha256(plain.subarray(slot * CHUNK_BYTES, slot * CHUNK_BYTES + this.table.lengthOf(chunk)));
      if (hash.toString('hex') !== hex) throw spoilt('chunk');
      this.table.set(chunk, { source: 0, object: this.objectCount, slot, sha256: hash });
    }
    for (const [first, count] of index.same) for (let at = 0; at < count; at++) this.takeParents(first + at);
  }

  private async window(from: number, to: number): Promise<void> {
    const start = from * CHUNK_BYTES;
    const length = Math.min(this.disk.sizeBytes, to * CHUNK_BYTES) - start;
    const wishes = judge(await this.disk.map({ start, length }), from, to - from, this.proof());
    let batch: Judged[] = [];
    let reads = 0;
    for (let chunk = from; chunk < to; chunk++) {
      const wish = wishes[chunk - from];
      if (wish === UNCHANGED) batch.push({ chunk, isChanged: false });
      if (wish !== CHANGED) continue;
      batch.push({ chunk, isChanged: true });
      reads += 1;
      if (reads < READ_AHEAD) continue;
      await this.takeAll(batch);
      batch = [];
      reads = 0;
    }
    await this.takeAll(batch);
  }

  /** From which depth on, and up to which byte, the parent is known to be the same. */
  private proof(): { readonly depth: number; readonly beforeByte: number } | null {
    const { parent, unchangedDepth } = this.spec;
    if (parent === null || unchangedDepth === null) return null;
    return { depth: unchangedDepth, beforeByte: parent.sizeBytes };
  }

  /** Reads together, taken in order: an object tells of one stretch of the disk, and of no chunk behind the last one that it holds. */
  private async takeAll(batch: readonly Judged[]): Promise<void> {
    if (batch.length === 0) return;
    if (this.work.signal.aborted) throw cancelledError();
    const pieces = await Promise.all(
      batch.map(({ chunk, isChanged }) =>
        isChanged ? this.disk.read(chunk * CHUNK_BYTES, this.table.lengthOf(chunk)) : null,
      ),
    );
    for (const [index, { chunk }] of batch.entries()) {
      const piece = pieces[index] ?? null;
      if (piece === null) this.same(chunk);
      else await this.take(chunk, piece);
    }
    this.tell(batch.at(-1)?.chunk ?? 0);
  }

  private async take(chunk: number, data: Buffer): Promise<void> {
    this.readBytes += data.length;
    if (data.equals(this.zeros.subarray(0, data.length))) return;
    const hash = sha256(data);
    const before = this.spec.parent?.table.get(chunk) ?? null;
    if (before?.sha256.equals(hash) === true && this.spec.parent?.table.lengthOf(chunk) === data.length) {
      this.same(chunk);
      return;
    }
    const slot = this.filling.chunks.length;
    this.table.set(chunk, { source: 0, object: this.objectCount, slot, sha256: hash });
    this.filling.plain.push(data);
    this.filling.chunks.push([chunk, hash.toString('hex')]);
    if (this.filling.chunks.length === OBJECT_CHUNKS) await this.flush(chunk + 1);
  }

  private same(chunk: number): void {
    const last = this.filling.same.at(-1);
    if (last !== undefined && last[0] + last[1] === chunk) last[1] += 1;
    else this.filling.same.push([chunk, 1]);
    this.takeParents(chunk);
  }

  private takeParents(chunk: number): void {
    const entry = this.spec.parent?.table.get(chunk) ?? null;
    if (entry !== null) this.table.set(chunk, { ...entry, source: entry.source + 1 });
  }

  /** One object goes out while the next one is filled. */
  private async flush(to: number): Promise<void> {
    const { plain, chunks, same } = this.filling;
    const data = Buffer.concat(plain);
    const index: ObjectIndex = { from: this.filledFrom, to, chunks, same, plainBytes: data.length };
    const number = this.objectCount;
    this.objectCount += 1;
    this.filling = fresh();
    this.filledFrom = to;
    await this.putting;
    this.putting = this.store.putObject(this.spec.place, number, index, data, this.work.signal).then((bytes) => {
      this.storedBytes += bytes;
    });
    // Whoever awaits it next hears of a failure; until then it must not count as unhandled.
    this.putting.catch(() => undefined);
  }

  private tell(chunk: number): void {
    this.work.onProgress(Math.min(99, (100 * chunk) / Math.max(1, this.table.chunks)));
  }

  private demandWanted(): void {
    if (this.work.signal.aborted) throw cancelledError();
  }
}

const ZEROS = 0;
const UNCHANGED = 1;
const CHANGED = 2;

/** What to do with each chunk. A chunk that is only partly unchanged is read. Exported for tests. */
export function judge(
  extents: readonly ChainExtent[],
  from: number,
  chunks: number,
  proof: { readonly depth: number; readonly beforeByte: number } | null,
): Uint8Array {
  const wishes = new Uint8Array(chunks);
  // With a proof, what nobody shows says as much as data does: the parent has it as it was, zeros included.
  if (proof !== null) {
    const whole = Math.floor(proof.beforeByte / CHUNK_BYTES);
    for (let chunk = 0; chunk < chunks; chunk++) wishes[chunk] = from + chunk < whole ? UNCHANGED : ZEROS;
  }
  for (const { start, length, depth, present, data } of extents) {
    const isOld = proof !== null && (!present || depth >= proof.depth);
    const first = Math.floor(start / CHUNK_BYTES) - from;
    const last = Math.min(chunks, Math.ceil((start + length) / CHUNK_BYTES) - from);
    for (let chunk = Math.max(0, first); chunk < last; chunk++) {
      if (isOld && wishes[chunk] === UNCHANGED) continue;
      // Zeros that are new over an unchanged stretch: the chunk is looked at as a whole.
      if (data || wishes[chunk] === UNCHANGED) wishes[chunk] = CHANGED;
    }
  }
  return wishes;
}

function fresh(): { plain: Buffer[]; chunks: [number, string][]; same: [number, number][] } {
  return { plain: [], chunks: [], same: [] };
}
