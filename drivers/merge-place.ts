// Where a layer goes when a chain loses it, in either direction, and what a flatten leaves. Pure; shared by the drivers that merge
// offline, in a guest, and in the fakes.
//
//   down  [.. below <- removed <- above ..]  =>  [.. below' <- above ..]     removed's data goes into below
//   up    [.. below <- removed <- above ..]  =>  [.. below <- above' ..]     removed's data goes into above, which takes its place
//   flatten(file)  [.. <- file <- above ..]  =>  [file' <- above ..]         all that is below goes into file
import type { Chain, Layer } from '../services/core/domain/chain.js';
import type { MergeDirection } from '../services/core/domain/chain-merge.js';
import { ServiceError } from '../services/core/domain/errors.js';

export interface MergePlace {
  readonly direction: MergeDirection;
  readonly removed: Layer;
  /** null when the removed layer is the base; only possible upwards. */
  readonly below: Layer | null;
  /** null when the removed layer is the active one; only possible downwards. */
  readonly above: Layer | null;
  /** The layer that receives the data: `below` or `above`. */
  readonly receiver: Layer;
  /** The chain afterwards. Downwards the receiver grows to the removed layer's size, and never shrinks. */
  readonly result: Chain;
}

/** Errors: `bad_request` when no layer is where the data would have to go. */
export function placeOfMerge(chain: Chain, file: string, direction: MergeDirection = 'down'): MergePlace {
  const index = chain.findIndex((layer) => layer.file === file);
  const removed = chain[index];
  const below = chain[index - 1] ?? null;
  const above = chain[index + 1] ?? null;
  const receiver = direction === 'down' ? below : above;
  if (removed === undefined || receiver === null) {
    const side = direction === 'down' ? 'below' : 'above';
    throw new ServiceError('bad_request', `The layer to merge has no layer ${side} it.`, { context: { file } });
  }
  if (direction === 'down') {
    const grown = { ...receiver, virtualSizeBytes: Math.max(receiver.virtualSizeBytes, removed.virtualSizeBytes) };
    const result = [...chain.slice(0, index - 1), grown, ...chain.slice(index + 1)];
    return { direction, removed, below, above, receiver, result };
  }
  const moved = { ...receiver, snapshotId: removed.snapshotId };
  const result = [...chain.slice(0, index), moved, ...chain.slice(index + 2)];
  return { direction, removed, below, above, receiver, result };
}

export interface FlattenPlace {
  readonly file: Layer;
  /** Layers that the disk no longer reads afterwards, oldest first; empty when there is nothing to do. */
  readonly left: Chain;
  readonly result: Chain;
}

/** Errors: `bad_request` when the chain has no such layer. */
export function placeOfFlatten(chain: Chain, file: string): FlattenPlace {
  const index = chain.findIndex((layer) => layer.file === file);
  const layer = chain[index];
  if (layer === undefined) {
    throw new ServiceError('bad_request', 'The layer to flatten is not part of the chain.', { context: { file } });
  }
  return { file: layer, left: chain.slice(0, index), result: chain.slice(index) };
}
