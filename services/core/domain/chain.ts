// The chain algebra: a disk is an ordered list of image files, oldest first; the last one is the active layer.
//
//   volume-V (base)  <-  volume-V.S1 (overlay of S1)  <-  volume-V.S2 (overlay of S2, active)
//
// Snapshot S1's data is everything BELOW overlay .S1; names carry no meaning, only this record does.
// How a snapshot is deleted (merge down or up) is in chain-merge.ts; layers that several volumes share, and how a volume gets rid of
// what it shares, in shared-layers.ts.
//
// Pure: no I/O here. What the files really say is read by drivers and compared with `findChainDifference`.
import { ServiceError } from './errors.js';

export const layerFormats = ['raw', 'qcow2'] as const;
export type LayerFormat = (typeof layerFormats)[number];

export interface Layer {
  /** Base name of the image file on the share. */
  readonly file: string;
  readonly format: LayerFormat;
  readonly virtualSizeBytes: number;
  /** The snapshot whose data ends below this layer; null for a volume's base. */
  readonly snapshotId: string | null;
  /** The key that it is encrypted with; missing in one that is not encrypted. Only qcow2 layers are. */
  readonly keyId?: string;
}

/** Oldest first; never empty; every layer but the first is qcow2. */
export type Chain = readonly Layer[];

/** What a header (or a block graph node) says about one layer. */
export interface ObservedLayer {
  readonly file: string;
  readonly format: LayerFormat;
  readonly virtualSizeBytes: number;
  readonly backingFile: string | null;
  /** Only where it is. */
  readonly encrypted?: true;
}

/** The part of a layer that says how it is encrypted: an overlay is as what it is made for. */
export function encryptionOf({ keyId }: { readonly keyId?: string | null }): Pick<Layer, 'keyId'> {
  return keyId === undefined || keyId === null ? {} : { keyId };
}

export function volumeFileName(volumeId: string): string {
  return `volume-${volumeId}`;
}

export function overlayFileName(volumeId: string, snapshotId: string): string {
  return `volume-${volumeId}.${snapshotId}`;
}

export function activeLayer(chain: Chain): Layer {
  const top = chain.at(-1);
  if (top === undefined) throw new ServiceError('chain_mismatch', 'The volume has no image file on record.');
  return top;
}

/** The chain after a snapshot: a new empty overlay becomes the active layer. */
export function appendOverlay(chain: Chain, overlayFile: string, snapshotId: string): Chain {
  const active = activeLayer(chain);
  if (chain.some((layer) => layer.file === overlayFile || layer.snapshotId === snapshotId)) {
    throw new ServiceError('chain_mismatch', 'The snapshot is already part of the chain.', {
      context: { overlayFile },
    });
  }
  const { virtualSizeBytes } = active;
  return [...chain, { file: overlayFile, format: 'qcow2', virtualSizeBytes, snapshotId, ...encryptionOf(active) }];
}

/** The chain whose active overlay is a fresh, empty one of the size below it: the snapshot's state, for which the overlay was made. */
export function replaceActive(chain: Chain, overlayFile: string): Chain {
  const { snapshotId } = activeLayer(chain);
  const frozen = chain.slice(0, -1);
  if (snapshotId === null || chain.some((layer) => layer.file === overlayFile)) {
    throw new ServiceError('chain_mismatch', 'There is no overlay to replace.', { context: { overlayFile } });
  }
  const below = activeLayer(frozen);
  const { virtualSizeBytes } = below;
  return [...frozen, { file: overlayFile, format: 'qcow2', virtualSizeBytes, snapshotId, ...encryptionOf(below) }];
}

/** The layers that hold a snapshot's data, oldest first; null when the snapshot never reached the chain. */
export function trySnapshotLayers(chain: Chain, snapshotId: string): Chain | null {
  const index = chain.findIndex((layer) => layer.snapshotId === snapshotId);
  return index <= 0 ? null : chain.slice(0, index);
}

/** The chain after the active layer grew; lower layers keep their size. */
export function extendActive(chain: Chain, newSizeBytes: number): Chain {
  const active = activeLayer(chain);
  if (newSizeBytes < active.virtualSizeBytes) throw new ServiceError('bad_request', 'A volume cannot shrink.');
  return [...chain.slice(0, -1), { ...active, virtualSizeBytes: newSizeBytes }];
}

/**
 * The first difference between the record and what was observed (oldest first), in words for an operator, or null when
 * both agree. File names, formats, virtual sizes and backing names are compared; a backing name must equal the base name of
 * the layer below, never merely match it.
 */
export function findChainDifference(chain: Chain, observed: readonly ObservedLayer[]): string | null {
  if (chain.length !== observed.length) return `${chain.length} layers on record, ${observed.length} found`;
  for (const [index, layer] of chain.entries()) {
    const seen = observed[index];
    if (seen === undefined) return `layer ${index} (${layer.file}) was not found`;
    const below = chain[index - 1]?.file ?? null;
    if (seen.file !== layer.file) return `layer ${index} is ${seen.file}, on record ${layer.file}`;
    if (seen.format !== layer.format) return `${layer.file} is ${seen.format}, on record ${layer.format}`;
    if (seen.encrypted !== true && layer.keyId !== undefined) return `${layer.file} is not encrypted, on record it is`;
    if (seen.encrypted === true && layer.keyId === undefined) return `${layer.file} is encrypted, on record it is not`;
    if (seen.backingFile !== below) return `${layer.file} has backing file ${seen.backingFile}, on record ${below}`;
    if (seen.virtualSizeBytes !== layer.virtualSizeBytes) {
      return `${layer.file} has ${seen.virtualSizeBytes} bytes, on record ${layer.virtualSizeBytes}`;
    }
  }
  return null;
}
