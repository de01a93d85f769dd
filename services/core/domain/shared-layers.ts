// Layers that several volumes share. An instant copy D of volume V has layers of its own above a frozen layer of V:
//
//   V:   V <- .S1 <- .S2                 own: V, .S1, .S2
//   D:   V <- D <- .T1                   own: D, .T1       backing: {V, file V}; foreign layers: 1
//   E:   V <- D <- E                     own: E            backing: {D, file D}; foreign layers: 2
//
// The one rule: no operation changes or removes a layer that another volume's full chain includes. A volume becomes independent by
// flattening: its base takes up everything below it. Only a volume that nobody depends on is flattened, because flattening writes to its base.
//
// Pure. Who is allowed to wait for whom, and how long, is the engine's business.
import { activeLayer, type Chain, encryptionOf, type Layer } from './chain.js';
import { ServiceError } from './errors.js';

export interface Backing {
  readonly volumeId: string;
  /** A frozen layer of that volume's own chain, named by the header of this volume's base. */
  readonly file: string;
}

export interface VolumeLayers {
  /** Oldest first; never empty. */
  readonly own: Chain;
  readonly backing: Backing | null;
}

export type VolumesById = ReadonlyMap<string, VolumeLayers>;

export interface FullChain {
  /** Foreign layers first, then the volume's own. */
  readonly chain: Chain;
  readonly foreignLayers: number;
}

function needVolume(volumes: VolumesById, id: string): VolumeLayers {
  const volume = volumes.get(id);
  if (volume === undefined)
    throw new ServiceError('chain_mismatch', 'A volume of the chain is not on record.', { context: { id } });
  return volume;
}

/** What is below a backing file and that file itself, oldest first. */
function layersUpTo(own: Chain, file: string): Chain {
  const index = own.findIndex((layer) => layer.file === file);
  if (index < 0) throw new ServiceError('chain_mismatch', 'The backing file is not on record.', { context: { file } });
  return own.slice(0, index + 1);
}

/** The volume with everything below it. Throws `chain_mismatch` for a pointer that leads nowhere, or in a circle. */
export function fullChain(volumes: VolumesById, id: string): FullChain {
  const { own, backing: first } = needVolume(volumes, id);
  let foreign: readonly Layer[] = [];
  const seen = new Set([id]);
  for (let backing = first; backing !== null; ) {
    if (seen.has(backing.volumeId)) {
      throw new ServiceError('chain_mismatch', 'The chain leads back to itself.', { context: { id } });
    }
    seen.add(backing.volumeId);
    const below = needVolume(volumes, backing.volumeId);
    foreign = [...layersUpTo(below.own, backing.file), ...foreign];
    backing = below.backing;
  }
  return { chain: [...foreign, ...own], foreignLayers: foreign.length };
}

/** Volumes whose full chain includes the layer at this position of the volume's own chain or one above it (0, the default: any). */
export function dependantsOf(volumes: VolumesById, id: string, fromOwnLayer = 0): string[] {
  const { own } = needVolume(volumes, id);
  const touched = own.slice(fromOwnLayer).map((layer) => layer.file);
  const found: string[] = [];
  for (const [other, { backing }] of volumes) {
    if (backing?.volumeId !== id || !touched.includes(backing.file)) continue;
    found.push(other, ...dependantsOf(volumes, other));
  }
  return found;
}

/** The layers that the volume does not share with those below it. */
export function ownLayers({ chain, foreignLayers }: FullChain): Chain {
  return chain.slice(foreignLayers);
}

/** The full chain of a copy that begins above `below`; its base may be larger than what is below it, never smaller. */
export function beginCopy(below: Chain, baseFile: string, virtualSizeBytes: number): FullChain {
  if (virtualSizeBytes < activeLayer(below).virtualSizeBytes) {
    throw new ServiceError('bad_request', 'A copy cannot be smaller than its source.');
  }
  if (below.some((layer) => layer.file === baseFile)) {
    throw new ServiceError('chain_mismatch', 'The copy is already part of the chain.', { context: { baseFile } });
  }
  const encryption = encryptionOf(activeLayer(below));
  const base: Layer = { file: baseFile, format: 'qcow2', virtualSizeBytes, snapshotId: null, ...encryption };
  return { chain: [...below, base], foreignLayers: below.length };
}

/**
 * The same above the layer below the active one: for an active layer that holds nothing, so that a source that nobody has written to since its
 * last copy gets no further layer. null: nothing is below it, or it is encrypted with another key.
 */
export function beginCopyBelowEmpty(chain: Chain, baseFile: string, virtualSizeBytes: number): FullChain | null {
  const below = chain.slice(0, -1);
  const frozen = below.at(-1);
  if (frozen === undefined || frozen.keyId !== activeLayer(chain).keyId) return null;
  return beginCopy(below, baseFile, virtualSizeBytes);
}

export interface FlattenPlan {
  /** The volume's base: it takes up everything below it, and names no backing file afterwards. */
  readonly base: Layer;
  /** The volume's own layers, which are its whole chain then. */
  readonly result: Chain;
}

/** How the volume becomes independent; null when it is. Sizes, names, formats and snapshots of its own layers stay. */
export function planFlatten(full: FullChain): FlattenPlan | null {
  const result = ownLayers(full);
  const base = result[0];
  return full.foreignLayers === 0 || base === undefined ? null : { base, result };
}

/** The lowest layer that a revert changes or removes: the overlay of the snapshot that the volume goes back to. */
export function lowestChangedByRevert(chain: Chain, snapshotId: string): number {
  const index = chain.findIndex((layer) => layer.snapshotId === snapshotId);
  return index < 0 ? 0 : index;
}
