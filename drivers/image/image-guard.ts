// Decides whether a qcow2 header is one that this service lets a tool open. Pure; refuses rather than repairs.
// Every rule comes from a published attack: foreign backing files (CVE-2014-3641), external data files (CVE-2024-32498),
// internal snapshot tables that cost minutes of CPU, formats left to probing.
import type { LayerFormat } from '../../services/core/domain/chain.js';
import { incompatibleBits, type Qcow2Header } from './qcow2-header.js';

export interface ExpectedReference {
  /** Base name and format of the layer below as recorded; null for a base. */
  readonly below: { readonly file: string; readonly format: LayerFormat } | null;
}

const acceptedIncompatible = (1n << BigInt(incompatibleBits.dirty)) | (1n << BigInt(incompatibleBits.compressionType));

/** Why the header is unacceptable whatever the record says, in words for an operator; null when it is acceptable. */
export function findHostileTrait(header: Qcow2Header): string | null {
  const has = (bit: number) => (header.incompatibleFeatures >> BigInt(bit)) % 2n === 1n;
  if (has(incompatibleBits.externalDataFile) || header.dataFile !== null) return 'an external data file';
  if (has(incompatibleBits.corrupt)) return 'the mark of a corrupt image';
  if ((header.incompatibleFeatures & ~acceptedIncompatible) !== 0n) return 'unknown incompatible features';
  if (header.cryptMethod !== 0) return 'an encryption method';
  if (header.internalSnapshots !== 0) return 'internal snapshots';
  if (header.virtualSizeBytes % 512 !== 0) return 'a size that is no multiple of 512';
  return null;
}

/** Why the reference differs from the record (equality, never a pattern), or null when it is exactly as recorded. */
export function findForeignReference(header: Qcow2Header, { below }: ExpectedReference): string | null {
  if (below === null) return header.backingFile === null ? null : 'a backing file';
  if (header.backingFile !== below.file) return 'a backing file that is not the recorded one';
  if (header.backingFormat !== below.format) return 'a backing format that is not the recorded one';
  return null;
}
