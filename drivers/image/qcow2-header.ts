// Reads a qcow2 header (versions 2 and 3) from the first bytes of a file. Pure: bytes in, facts or a refusal out.
// The bytes may come from a hostile guest, so every offset and length is checked before it is used, nothing is followed, and
// whoever calls decides with `findHostileTrait` and `findForeignReference` (image-guard.ts) whether the facts are acceptable.
// Source: QEMU's docs/interop/qcow2.txt. All numbers are big-endian.

export const QCOW2_MAGIC = 0x514649fb; // "QFI\xfb"

/** Enough for the header, its extensions and a backing name as every known writer lays them out. */
export const HEADER_PROBE_BYTES = 4096;

export const incompatibleBits = {
  dirty: 0,
  corrupt: 1,
  externalDataFile: 2,
  compressionType: 3,
  extendedL2: 4,
} as const;

/** Autoclear bit 63, ours: this layer has been merged into the one below. QEMU clears it when it writes to the image again. */
export const MERGED_AUTOCLEAR_BIT = 63n;
export const AUTOCLEAR_OFFSET = 88;

const extensionTypes = {
  end: 0,
  backingFormat: 0xe2792aca,
  externalDataFile: 0x44415441,
  fullDiskEncryption: 0x0537be77,
} as const;

const V2_HEADER_BYTES = 72;
/** The least that version 3 has; the byte after it is the compression type, in headers that are longer. */
const V3_HEADER_BYTES = 104;
/** QEMU accepts refcounts of up to 64 bits (2^6). */
const MAX_REFCOUNT_ORDER = 6;
/** QEMU's own limit; what may be in a name of ours is for image-guard.ts to say. */
const MAX_BACKING_NAME_BYTES = 1023;

export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly virtualSizeBytes: number;
  readonly clusterBits: number;
  readonly backingFile: string | null;
  /** From the header extension; null when absent. */
  readonly backingFormat: string | null;
  readonly dataFile: string | null;
  readonly cryptMethod: number;
  /** An encryption header is announced, whatever the method says. */
  readonly hasEncryptionHeader: boolean;
  /** Where that one lies; null when none is announced. */
  readonly encryptionHeader: { readonly offset: number; readonly length: number } | null;
  readonly l1Entries: number;
  readonly l1Offset: number;
  readonly refcountTableOffset: number;
  readonly refcountTableClusters: number;
  /** 0: zlib. */
  readonly compressionType: number;
  readonly internalSnapshots: number;
  readonly incompatibleFeatures: bigint;
  readonly autoclearFeatures: bigint;
  readonly mergedMark: boolean;
}

export type Qcow2Reading =
  | { readonly kind: 'qcow2'; readonly header: Qcow2Header }
  | { readonly kind: 'not-qcow2' }
  /** It claims to be qcow2 but cannot be one that we accept. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Reads the header from the first bytes of a file (HEADER_PROBE_BYTES of them when the file is that long). */
export function readQcow2Header(head: Uint8Array): Qcow2Reading {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== QCOW2_MAGIC) return { kind: 'not-qcow2' };
  try {
    return { kind: 'qcow2', header: readHeader(bytes) };
  } catch (thrown) {
    if (thrown instanceof Malformed) return { kind: 'malformed', reason: thrown.message };
    throw thrown;
  }
}

/**
 * Where the header says that a backing name lies, as QEMU would look for it, whatever else is wrong with the header; null when it names
 * none. For looking who refers to a file: a header that no tool of ours would open counts there too.
 */
export function locateBackingName(head: Uint8Array): { readonly offset: number; readonly length: number } | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== QCOW2_MAGIC) return null;
  const offset = bytes.readBigUInt64BE(8);
  const length = bytes.readUInt32BE(16);
  if (offset === 0n || offset > 2n ** 21n || length === 0 || length > MAX_BACKING_NAME_BYTES) return null;
  return { offset: Number(offset), length };
}

/** The name as QEMU reads it: up to the first NUL, byte for byte. */
export function decodeBackingName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.split('\0', 1)[0] ?? '';
}

/** Never leaves this file. */
class Malformed extends Error {}

function readHeader(bytes: Buffer): Qcow2Header {
  demand(bytes.length >= V2_HEADER_BYTES, 'the header is cut off');
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new Malformed(`version ${version}`);
  demand(version === 2 || bytes.length >= V3_HEADER_BYTES, 'the header is cut off');
  const clusterBits = bytes.readUInt32BE(20);
  demand(clusterBits >= 9 && clusterBits <= 21, `cluster_bits ${clusterBits}`);
  const headerLength = version === 2 ? V2_HEADER_BYTES : bytes.readUInt32BE(100);
  demand(headerLength >= (version === 2 ? V2_HEADER_BYTES : V3_HEADER_BYTES), 'a header length below the least');
  demand(headerLength % 8 === 0 && headerLength <= 2 ** clusterBits, 'a header length that no writer makes');
  demand(headerLength <= bytes.length, 'the header is longer than what is there');
  if (version === 3) demand(bytes.readUInt32BE(96) <= MAX_REFCOUNT_ORDER, 'a refcount width out of range');
  const backingFile = readBackingName(bytes, clusterBits);
  const autoclearFeatures = version === 3 ? bytes.readBigUInt64BE(AUTOCLEAR_OFFSET) : 0n;
  return {
    version,
    virtualSizeBytes: readOffset(bytes, 24, 'the virtual size'),
    clusterBits,
    backingFile,
    ...readExtensions(bytes, headerLength, clusterBits),
    cryptMethod: bytes.readUInt32BE(32),
    l1Entries: bytes.readUInt32BE(36),
    l1Offset: readOffset(bytes, 40, 'the L1 table'),
    refcountTableOffset: readOffset(bytes, 48, 'the refcount table'),
    refcountTableClusters: bytes.readUInt32BE(56),
    internalSnapshots: bytes.readUInt32BE(60),
    compressionType: headerLength > V3_HEADER_BYTES ? (bytes[V3_HEADER_BYTES] ?? 0) : 0,
    incompatibleFeatures: version === 3 ? bytes.readBigUInt64BE(72) : 0n,
    autoclearFeatures,
    mergedMark: (autoclearFeatures >> MERGED_AUTOCLEAR_BIT) % 2n === 1n,
  };
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Malformed(otherwise);
}

function readOffset(bytes: Buffer, at: number, what: string): number {
  const value = bytes.readBigUInt64BE(at);
  demand(value <= BigInt(Number.MAX_SAFE_INTEGER), `${what} is out of range`);
  return Number(value);
}

function readBackingName(bytes: Buffer, clusterBits: number): string | null {
  const offset = bytes.readBigUInt64BE(8);
  const length = bytes.readUInt32BE(16);
  if (offset === 0n || length === 0) return null;
  demand(length <= MAX_BACKING_NAME_BYTES, 'the backing name is too long');
  demand(offset + BigInt(length) <= BigInt(2 ** clusterBits), 'the backing name is outside of the first cluster');
  const start = Number(offset);
  demand(start + length <= bytes.length, 'the backing name lies where no known writer puts it');
  return decodeName(bytes.subarray(start, start + length));
}

type Extensions = Pick<Qcow2Header, 'backingFormat' | 'dataFile' | 'hasEncryptionHeader' | 'encryptionHeader'>;

function readExtensions(bytes: Buffer, start: number, clusterBits: number): Extensions {
  let backingFormat: string | null = null;
  let dataFile: string | null = null;
  let hasEncryptionHeader = false;
  let encryptionHeader: Qcow2Header['encryptionHeader'] = null;
  const backingAt = bytes.readBigUInt64BE(8);
  const last = Math.min(bytes.length, 2 ** clusterBits);
  const end = backingAt > 0n && backingAt < BigInt(last) ? Number(backingAt) : last;
  let at = start;
  for (;;) {
    if (at === end && backingAt > 0n) break; // QEMU lets the backing name end the list
    demand(at + 8 <= end, 'the header extensions do not end');
    const type = bytes.readUInt32BE(at);
    const length = bytes.readUInt32BE(at + 4);
    if (type === extensionTypes.end) break;
    demand(at + 8 + length <= end, 'a header extension is cut off');
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === extensionTypes.backingFormat) backingFormat = decodeName(data);
    if (type === extensionTypes.externalDataFile) dataFile = decodeName(data);
    if (type === extensionTypes.fullDiskEncryption) {
      const place = [0, 8].map((from) => (length === 16 ? Number(data.readBigUInt64BE(from)) : 0));
      // One that is announced twice, or in another way, is none that can be used.
      const [offset = 0, headerBytes = 0] = hasEncryptionHeader ? [] : place;
      encryptionHeader = { offset, length: headerBytes };
      hasEncryptionHeader = true;
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return { backingFormat, dataFile, hasEncryptionHeader, encryptionHeader };
}

/** Byte for byte, so that two different names never look alike after decoding. */
function decodeName(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** So much of a file says which version of qcow2 it is. */
export const QCOW2_VERSION_BYTES = 8;

/** True for a header of version 2, which has no feature bits. */
export function isOldQcow2(head: Uint8Array): boolean {
  const bytes = Buffer.from(head);
  return bytes.length >= QCOW2_VERSION_BYTES && bytes.readUInt32BE(0) === 0x514649fb && bytes.readUInt32BE(4) === 2;
}

/**
 * True when no entry of the L1 table, which `head` reaches over, leads to a mapping: every read goes to the file below. A file with anything
 * unusual about it (snapshots of its own, repairs due, the mark of a merge) never counts as empty.
 * Source: QEMU docs/interop/qcow2.txt, "Cluster mapping".
 */
export function mapsNothing(header: Qcow2Header, head: Uint8Array): boolean {
  const { l1Offset, l1Entries, internalSnapshots, incompatibleFeatures, mergedMark, backingFile } = header;
  if (backingFile === null || internalSnapshots > 0 || incompatibleFeatures !== 0n || mergedMark) return false;
  const table = head.subarray(l1Offset, l1Offset + l1Entries * 8);
  return l1Entries > 0 && table.length === l1Entries * 8 && table.every((byte) => byte === 0);
}
