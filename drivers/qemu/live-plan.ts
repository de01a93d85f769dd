// What a live merge or flatten is in QEMU's terms: which job, between which layers, and what is left over. Pure.
//
//   down, middle   block-commit top -> base, header of the layer above rewritten
//   down, active   block-commit, becomes ready, then the guest is switched to the base
//   up             block-stream into the layer above, down to the layer below the removed one
//   flatten        block-stream into the layer, all the way down
import type { Chain } from '../../services/core/domain/chain.js';
import type { FlattenSpec, MergeSpec } from '../hypervisor-driver.js';
import { placeOfFlatten, placeOfMerge } from '../merge-place.js';
import { jobIdOf } from './node-names.js';

export interface LivePlan {
  readonly volumeId: string;
  readonly jobId: string;
  readonly command: 'block-commit' | 'block-stream';
  /** The layer that receives data; flushed before the job may end. */
  readonly receiver: string;
  /** The layer whose header names another afterwards; null when the active layer goes. */
  readonly repointed: string | null;
  /** What `repointed` names afterwards; for an active commit the layer that becomes active; null: nothing. */
  readonly below: string | null;
  /** Layers that the disk does not have afterwards, newest first. */
  readonly left: readonly string[];
  readonly bytesPerSecond: number | null;
  readonly before: Chain;
  readonly result: Chain;
}

export function planMerge(spec: MergeSpec): LivePlan {
  const place = placeOfMerge(spec.chain, spec.file, spec.direction);
  const up = place.direction === 'up';
  return {
    volumeId: spec.volumeId,
    jobId: jobIdOf(up ? 'merge-up' : 'merge-down', spec.volumeId, spec.file),
    command: up ? 'block-stream' : 'block-commit',
    receiver: place.receiver.file,
    repointed: place.above?.file ?? null,
    below: place.below?.file ?? null,
    left: [place.removed.file],
    bytesPerSecond: spec.bytesPerSecond ?? null,
    before: spec.chain,
    result: place.result,
  };
}

export function planFlatten(spec: FlattenSpec): LivePlan {
  const { file, left, result } = placeOfFlatten(spec.chain, spec.file);
  return {
    volumeId: spec.volumeId,
    jobId: jobIdOf('flatten', spec.volumeId, spec.file),
    command: 'block-stream',
    receiver: file.file,
    repointed: file.file,
    below: null,
    left: left.map((layer) => layer.file).reverse(),
    bytesPerSecond: spec.bytesPerSecond ?? null,
    before: spec.chain,
    result,
  };
}

/** Only the end of an active commit switches the guest to another file. */
export function isActiveCommit(plan: LivePlan): boolean {
  return plan.repointed === null;
}
