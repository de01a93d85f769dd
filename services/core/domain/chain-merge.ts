// How a snapshot is deleted: its overlay (top) and the layer below it (base) become one layer.
//
//   down:  V <- .S1 <- .S2   =>   V' <- .S2        V' holds V with .S1's changes; .S1 is removed; .S2's header names V
//   up:    V <- .S1 <- .S2   =>   .S1' <- .S2      .S1' holds what it had, and of V what it had not; V is removed; .S2 stays as it is
//
// Both show every other snapshot, and the volume itself, the same bytes as before. Down copies what the top changed, up copies what the base
// holds, so the smaller one decides which is cheaper. After `up` the top has taken the base's place: it is the base of the volume (or the
// overlay of the base's snapshot) under the file name that it always had; names carry no meaning.
//
// Pure. Layers that other volumes share are not this file's business: `lowestChangedBy` says from where on a plan touches the chain.
import type { Chain, Layer } from './chain.js';
import { ServiceError } from './errors.js';

export const mergeDirections = ['down', 'up'] as const;
export type MergeDirection = (typeof mergeDirections)[number];

export interface MergePlan {
  readonly direction: MergeDirection;
  /** The overlay that was made for the snapshot. */
  readonly top: Layer;
  /** The layer below it. */
  readonly base: Layer;
  /** The layer directly above `top`; null when `top` is the active layer. Down: its header names `base` afterwards. */
  readonly child: Layer | null;
  /** Whose file is gone at the end: `top` (down) or `base` (up). */
  readonly removed: Layer;
  readonly result: Chain;
}

export interface MergeWish {
  /** Default: down. */
  readonly direction?: MergeDirection;
  /** How many layers, counted from the oldest, belong to other volumes. Default: none. */
  readonly foreignLayers?: number;
}

/**
 * How to delete a snapshot; null when it never reached the chain (nothing to merge).
 * Throws `chain_mismatch` when that would change or remove a layer of another volume.
 */
export function planSnapshotDelete(chain: Chain, snapshotId: string, wish: MergeWish = {}): MergePlan | null {
  const { direction = 'down', foreignLayers = 0 } = wish;
  const index = chain.findIndex((layer) => layer.snapshotId === snapshotId);
  const top = chain[index];
  const base = chain[index - 1];
  if (top === undefined || base === undefined) return null;
  if (index - 1 < foreignLayers) {
    throw new ServiceError('chain_mismatch', 'The layer below the snapshot belongs to another volume.', {
      context: { file: base.file },
    });
  }
  const virtualSizeBytes = Math.max(base.virtualSizeBytes, top.virtualSizeBytes);
  const merged: Layer =
    direction === 'down' ? { ...base, virtualSizeBytes } : { ...top, snapshotId: base.snapshotId, virtualSizeBytes };
  return {
    direction,
    top,
    base,
    child: chain[index + 1] ?? null,
    removed: direction === 'down' ? top : base,
    result: [...chain.slice(0, index - 1), merged, ...chain.slice(index + 1)],
  };
}

/** Position (0 is the oldest) of the lowest layer that the merge changes or removes: the base, whichever way it goes. */
export function lowestChangedBy(chain: Chain, plan: Pick<MergePlan, 'base'>): number {
  return chain.findIndex((layer) => layer.file === plan.base.file);
}

/** Up makes the top the new base, and an overlay is always qcow2: not for a volume whose base has to be raw. */
export function mayMergeUp(chain: Chain, plan: MergePlan, baseMustBeRaw: boolean, foreignLayers = 0): boolean {
  const index = lowestChangedBy(chain, plan);
  if (index < foreignLayers) return false;
  return !(baseMustBeRaw && index === 0);
}

/** Up must save at least this much copying; below it, the usual direction keeps file names as people expect them. */
export const UP_SAVES_AT_LEAST_BYTES = 64 * 1024 ** 2;
/** ... and the base must be at most this part of the top. */
export const UP_WHEN_BASE_IS_AT_MOST = 1 / 4;

export interface AllocatedBytes {
  readonly base: number;
  readonly top: number;
}

/** The direction that copies clearly less: up when the base is at most a quarter of the top and 64 MiB or more are saved, else down. */
export function chooseDirection({ base, top }: AllocatedBytes): MergeDirection {
  const clearlySmaller = base <= top * UP_WHEN_BASE_IS_AT_MOST;
  return clearlySmaller && top - base >= UP_SAVES_AT_LEAST_BYTES ? 'up' : 'down';
}
