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

const extensionTypes = { end: 0, backingFormat: 0xe2792aca, externalDataFile: 0x44415441 } as const;

export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly virtualSizeBytes: number;
  readonly clusterBits: number;
  readonly backingFile: string | null;
  /** From the header extension; null when absent. */
  readonly backingFormat: string | null;
  readonly dataFile: string | null;
  readonly cryptMethod: number;
  readonly l1Entries: number;
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
  if (bytes.length < 72) return malformed('the header is cut off');
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) return malformed(`version ${version}`);
  if (version === 3 && bytes.length < 104) return malformed('the header is cut off');

  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) return malformed(`cluster_bits ${clusterBits}`);
  const virtualSize = bytes.readBigUInt64BE(24);
  if (virtualSize > BigInt(Number.MAX_SAFE_INTEGER)) return malformed('the virtual size is out of range');

  const headerLength = version === 2 ? 72 : bytes.readUInt32BE(100);
  if (headerLength < 72 || headerLength > 2 ** clusterBits || headerLength % 8 !== 0) return malformed('header length');
  const backing = readBackingName(bytes, clusterBits);
  if (typeof backing === 'object' && backing !== null) return malformed(backing.reason);
  const extensions = readExtensions(bytes, headerLength);
  if (typeof extensions === 'string') return malformed(extensions);

  const autoclearFeatures = version === 3 ? bytes.readBigUInt64BE(AUTOCLEAR_OFFSET) : 0n;
  return {
    kind: 'qcow2',
    header: {
      version,
      virtualSizeBytes: Number(virtualSize),
      clusterBits,
      backingFile: backing,
      backingFormat: extensions.backingFormat,
      dataFile: extensions.dataFile,
      cryptMethod: bytes.readUInt32BE(32),
      l1Entries: bytes.readUInt32BE(36),
      internalSnapshots: bytes.readUInt32BE(60),
      incompatibleFeatures: version === 3 ? bytes.readBigUInt64BE(72) : 0n,
      autoclearFeatures,
      mergedMark: (autoclearFeatures >> MERGED_AUTOCLEAR_BIT) % 2n === 1n,
    },
  };
}

function readBackingName(bytes: Buffer, clusterBits: number): string | null | { reason: string } {
  const offset = bytes.readBigUInt64BE(8);
  const length = bytes.readUInt32BE(16);
  if (offset === 0n || length === 0) return null;
  if (length > 1023) return { reason: 'the backing name is too long' };
  if (offset + BigInt(length) > BigInt(2 ** clusterBits))
    return { reason: 'the backing name is outside of the first cluster' };
  const start = Number(offset);
  if (start + length > bytes.length) return { reason: 'the backing name lies where no known writer puts it' };
  return decodeName(bytes.subarray(start, start + length));
}

function readExtensions(
  bytes: Buffer,
  start: number,
): { backingFormat: string | null; dataFile: string | null } | string {
  let backingFormat: string | null = null;
  let dataFile: string | null = null;
  const backingAt = bytes.readBigUInt64BE(8);
  const end = backingAt > 0n && backingAt < BigInt(bytes.length) ? Number(backingAt) : bytes.length;
  let at = start;
  for (;;) {
    if (at === end && backingAt > 0n) break; // QEMU lets the backing name end the list
    if (at + 8 > end) return 'the header extensions do not end';
    const type = bytes.readUInt32BE(at);
    const length = bytes.readUInt32BE(at + 4);
    if (type === extensionTypes.end) break;
    if (at + 8 + length > end) return 'a header extension is cut off';
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === extensionTypes.backingFormat) backingFormat = decodeName(data);
    if (type === extensionTypes.externalDataFile) dataFile = decodeName(data);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return { backingFormat, dataFile };
}

/** Byte for byte, so that two different names never look alike after decoding. */
function decodeName(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function malformed(reason: string): Qcow2Reading {
  return { kind: 'malformed', reason };
}
