// Decides whether a qcow2 header is one that this service lets a tool open. Pure; refuses rather than repairs.
// Every rule comes from a published attack: foreign backing files (CVE-2014-3641), external data files (CVE-2024-32498),
// internal snapshot tables that cost minutes of CPU, formats left to probing.
import type { Layer, LayerFormat } from '../../services/core/domain/chain.js';
import { incompatibleBits, type Qcow2Header } from './qcow2-header.js';

export interface ExpectedReference {
  /** Base name and format of the layer below as recorded; null for a base. */
  readonly below: { readonly file: string; readonly format: LayerFormat } | null;
}

const acceptedIncompatible = 1n << BigInt(incompatibleBits.dirty);
/** QEMU's own limits (block/qcow2.h): larger tables are read into memory for nothing. */
const MAX_L1_BYTES = 32 * 1024 * 1024;
const MAX_REFCOUNT_TABLE_BYTES = 8 * 1024 * 1024;
const MAX_NAME_BYTES = 255;
/** Source: QEMU's docs/interop/qcow2.txt, crypt_method. The older method (1) is broken and never used here. */
const LUKS_METHOD = 2;
/** LUKS headers that are made here take up to 2 MiB. */
const MAX_LUKS_BYTES = 4 * 1024 * 1024;

/**
 * Why the header is unacceptable, in words for an operator; null when it is acceptable. Of the record only one thing counts: an encrypted layer
 * (`keyId`) may say how it is encrypted, and no other may, because a foreign one would be opened with a key of ours or not at all.
 */
export function findHostileTrait(header: Qcow2Header, record: Pick<Layer, 'keyId'> = {}): string | null {
  const has = (bit: number) => (header.incompatibleFeatures >> BigInt(bit)) % 2n === 1n;
  if (has(incompatibleBits.externalDataFile) || header.dataFile !== null) return 'an external data file';
  if (has(incompatibleBits.corrupt)) return 'the mark of a corrupt image';
  if (has(incompatibleBits.compressionType) || header.compressionType !== 0) return 'a compression type of its own';
  if ((header.incompatibleFeatures & ~acceptedIncompatible) !== 0n) return 'unknown incompatible features';
  if (record.keyId === undefined && (header.cryptMethod !== 0 || header.hasEncryptionHeader))
    return 'an encryption method';
  if (record.keyId !== undefined && !isPlain(header) && !isLuks(header)) return 'an encryption that is not ours';
  if (header.internalSnapshots !== 0) return 'internal snapshots';
  if (header.virtualSizeBytes % 512 !== 0) return 'a size that is no multiple of 512';
  return findHostileName(header) ?? findImpossibleTable(header);
}

function isPlain(header: Qcow2Header): boolean {
  return header.cryptMethod === 0 && !header.hasEncryptionHeader;
}

/** Encrypted as this service does it. */
export function isLuks({ cryptMethod, encryptionHeader, clusterBits }: Qcow2Header): boolean {
  if (cryptMethod !== LUKS_METHOD || encryptionHeader === null) return false;
  const { offset, length } = encryptionHeader;
  return offset >= 2 ** clusterBits && offset % 2 ** clusterBits === 0 && length > 0 && length <= MAX_LUKS_BYTES;
}

/** A name is the base name of a file beside this one, never a path, a protocol (`nbd:...`, `json:...`) or an option. */
function findHostileName({ backingFile, backingFormat }: Qcow2Header): string | null {
  if (backingFile === null) return null;
  if (backingFile.length > MAX_NAME_BYTES) return 'a backing file name that is too long';
  if (/[^\x21-\x7e]|[/:\\]/.test(backingFile) || /^[.-]/.test(backingFile)) {
    return 'a backing file that is no plain name on the share';
  }
  if (backingFormat === null) return 'a backing file whose format it does not say';
  return null;
}

function findImpossibleTable(header: Qcow2Header): string | null {
  const clusterBytes = 2 ** header.clusterBits;
  if (header.l1Entries * 8 > MAX_L1_BYTES) return 'an L1 table that is too large';
  if (header.refcountTableClusters * clusterBytes > MAX_REFCOUNT_TABLE_BYTES)
    return 'a refcount table that is too large';
  const needed = Math.ceil(header.virtualSizeBytes / (clusterBytes * (clusterBytes / 8)));
  if (header.l1Entries < needed) return 'an L1 table that is too small for the disk';
  if (header.l1Offset % clusterBytes !== 0 || header.refcountTableOffset % clusterBytes !== 0) {
    return 'a table that does not begin with a cluster';
  }
  return null;
}

/**
 * Why the tables cannot be where the header says, in a file of this length; null when they can. A length may be a second old where a
 * guest writes: whoever asks looks again before it refuses.
 */
export function findTableOutside(header: Qcow2Header, fileBytes: number): string | null {
  const clusterBytes = 2 ** header.clusterBits;
  if (header.l1Offset + header.l1Entries * 8 > fileBytes) return 'an L1 table outside of the file';
  if (header.refcountTableOffset + header.refcountTableClusters * clusterBytes > fileBytes) {
    return 'a refcount table outside of the file';
  }
  const { encryptionHeader: luks } = header;
  if (luks !== null && luks.offset + luks.length > fileBytes) return 'an encryption header outside of the file';
  if (header.refcountTableOffset < clusterBytes || (header.l1Entries > 0 && header.l1Offset < clusterBytes)) {
    return 'a table in the place of the header';
  }
  return null;
}

/** Why the reference differs from the record (equality, never a pattern), or null when it is exactly as recorded. */
export function findForeignReference(header: Qcow2Header, { below }: ExpectedReference): string | null {
  if (below === null) return header.backingFile === null ? null : 'a backing file';
  if (header.backingFile !== below.file) return 'a backing file that is not the recorded one';
  if (header.backingFormat !== below.format) return 'a backing format that is not the recorded one';
  return null;
}
