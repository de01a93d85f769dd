// Which block of a disk is kept where: for every chunk that is not all zeros its SHA-256, the backup and object that hold it, and its place
// there. A backup's table is complete by itself, the chunks that its parents hold included. In memory 40 bytes for each MiB of the disk.
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { spoilt } from './seal.js';

const HASH_BYTES = 32;
const DENSE_BYTES = 8 + HASH_BYTES;
const STORED_BYTES = 4 + DENSE_BYTES;
/** What the table of a disk takes in its manifest at most. */
export function tableBytes(diskBytes: number): number {
  return Math.ceil(diskBytes / CHUNK_BYTES) * STORED_BYTES;
}

/** Source number of a chunk of zeros, which nobody keeps. */
const NOWHERE = 0xffff;

export interface ChunkEntry {
  /** Position in the manifest's list of backups. */
  readonly source: number;
  /** Number of the object. */
  readonly object: number;
  /** Position within the object, in chunks. */
  readonly slot: number;
  readonly sha256: Buffer;
}

export class ChunkTable {
  readonly chunks: number;
  private readonly dense: Buffer;

  constructor(readonly sizeBytes: number) {
    this.chunks = Math.ceil(sizeBytes / CHUNK_BYTES);
    this.dense = Buffer.alloc(this.chunks * DENSE_BYTES);
    for (let chunk = 0; chunk < this.chunks; chunk++) this.dense.writeUInt16BE(NOWHERE, chunk * DENSE_BYTES);
  }

  /** Bytes of the chunk: the last one of a disk may be shorter. */
  lengthOf(chunk: number): number {
    return Math.min(CHUNK_BYTES, this.sizeBytes - chunk * CHUNK_BYTES);
  }

  set(chunk: number, { source, object, slot, sha256 }: ChunkEntry): void {
    const at = chunk * DENSE_BYTES;
    this.dense.writeUInt16BE(source, at);
    this.dense.writeUInt16BE(slot, at + 2);
    this.dense.writeUInt32BE(object, at + 4);
    this.dense.set(sha256, at + 8);
  }

  /** null: zeros. */
  get(chunk: number): ChunkEntry | null {
    const at = chunk * DENSE_BYTES;
    if (chunk >= this.chunks) return null;
    const source = this.dense.readUInt16BE(at);
    if (source === NOWHERE) return null;
    return {
      source,
      slot: this.dense.readUInt16BE(at + 2),
      object: this.dense.readUInt32BE(at + 4),
      sha256: this.dense.subarray(at + 8, at + 8 + HASH_BYTES),
    };
  }

  /** Chunks that are kept somewhere. */
  *kept(): Generator<number> {
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      if (this.dense.readUInt16BE(chunk * DENSE_BYTES) !== NOWHERE) yield chunk;
    }
  }

  toBytes(): Buffer {
    const records: Buffer[] = [];
    for (const chunk of this.kept()) {
      const record = Buffer.alloc(STORED_BYTES);
      record.writeUInt32BE(chunk, 0);
      this.dense.copy(record, 4, chunk * DENSE_BYTES, (chunk + 1) * DENSE_BYTES);
      records.push(record);
    }
    return Buffer.concat(records);
  }

  /** Errors: `hostile_image` for what no table of a disk of that size can be. `sources`: how many backups the manifest names. */
  static fromBytes(bytes: Buffer, sizeBytes: number, sources: number): ChunkTable {
    const table = new ChunkTable(sizeBytes);
    if (bytes.length % STORED_BYTES !== 0) throw spoilt('table length');
    let before = -1;
    for (let at = 0; at < bytes.length; at += STORED_BYTES) {
      const chunk = bytes.readUInt32BE(at);
      const source = bytes.readUInt16BE(at + 4);
      if (chunk <= before || chunk >= table.chunks || source >= sources) throw spoilt('table entry');
      bytes.copy(table.dense, chunk * DENSE_BYTES, at + 4, at + STORED_BYTES);
      before = chunk;
    }
    return table;
  }
}
