// Offline merge of a layer into a neighbour; the layer above it then names the one below. The merged file stays. Upwards it is
// pull-layer.ts that copies; downwards the layer's changes are pushed into the layer below:
//
//   [.. <- base <- top <- child ..]      verify all headers against the record
//   [.. <- base' <- top <- child ..]     qemu-img commit; base' holds both; sync base'        (repeatable: same bytes again)
//   [.. <- base' <- child ..]   top      child's header names base'; sync child
//                                        top gets the mark "merged"; read everything back
// After the mark nothing is ever committed from top again: a command that arrives twice would otherwise push old data over what a
// guest has written to base' since. The mark is an autoclear bit of the qcow2 header, which QEMU clears if it writes to top again.
// A crash in between leaves a state from which the same call goes on; there is no way back once the commit has begun.
import type { Chain, Layer } from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import { describeChainForQemu, describeLayerForQemu } from '../image/image-source.js';
import { AUTOCLEAR_OFFSET, MERGED_AUTOCLEAR_BIT } from '../image/qcow2-header.js';
import { placeOfMerge } from '../merge-place.js';
import type { CommitLayerSpec, LongWork } from '../volume-driver.js';
import { observeLayer, requireChain, type SeenLayer } from './chain-headers.js';
import { type ImageTools, paddingOf } from './make-image.js';
import type { OpenShare } from './open-shares.js';
import { mergeUp } from './pull-layer.js';

interface Merge {
  readonly top: Layer;
  readonly base: Layer;
  readonly child: Layer | null;
  /** base with the size it has afterwards. */
  readonly grown: Layer;
  readonly bytesPerSecond: number | null;
}

export async function commitLayer(
  share: OpenShare,
  spec: CommitLayerSpec,
  tools: ImageTools,
  work: LongWork,
): Promise<Chain> {
  const place = placeOfMerge(spec.chain, spec.file, spec.direction);
  const { removed, receiver: base, above: child, result } = place;
  const { chain, bytesPerSecond = null } = spec;
  if (place.direction === 'up') return mergeUp(share, chain, place, bytesPerSecond, tools, work);
  const grown = result.find(({ file }) => file === base.file) ?? base;
  const top = await tryObserve(share, removed);
  if (top !== null) {
    await mergeExisting(share, chain, { top: removed, base, child, grown, bytesPerSecond }, top, tools, work);
  }
  await requireChain(share.io, result);
  return result;
}

async function mergeExisting(
  share: OpenShare,
  chain: Chain,
  merge: Merge,
  top: SeenLayer,
  tools: ImageTools,
  work: LongWork,
): Promise<void> {
  if (top.header?.mergedMark === true) return;
  let markable = top;
  if (!(await pointsPast(share, merge))) {
    await requireState(share, chain, merge);
    markable = await withFeatureBits(share, merge.top, top, tools);
    await pushDown(share, chain, merge, tools, work);
    if (merge.child !== null) await repointChild(share, merge.child, merge.base, tools);
    // The mark says that nothing of this is ever to be done again, so the file is asked and not the tool.
    if (merge.child !== null && !(await pointsPast(share, merge))) throw notRepointed(merge.child);
  }
  await markMerged(share, merge.top, markable);
}

/**
 * The layer's header, of version 3. One of version 2 (an overlay that an old Cinder has made) has no bits for the mark, so it is brought to
 * version 3 before anything is pushed out of it: else a call that comes twice would push the old data over new.
 */
async function withFeatureBits(share: OpenShare, top: Layer, seen: SeenLayer, tools: ImageTools): Promise<SeenLayer> {
  if (seen.header?.version !== 2) return seen;
  await tools.qemuImg.upgrade(describeChainForQemu(share.path, [top]));
  await share.io.call('settleFile', { file: top.file, padTo: paddingOf('qcow2') });
  const upgraded = await observeLayer(share.io, top);
  if (upgraded.header?.version === 3 && upgraded.observed.backingFile === seen.observed.backingFile) return upgraded;
  throw new ServiceError('chain_mismatch', 'The layer could not be given a header of version 3.', {
    context: { file: top.file },
  });
}

async function repointChild(share: OpenShare, child: Layer, base: Layer, tools: ImageTools): Promise<void> {
  const image = describeLayerForQemu(`${share.path}/${child.file}`, child);
  await tools.qemuImg.repoint(image, { file: base.file, format: base.format });
  await share.io.call('settleFile', { file: child.file, padTo: paddingOf('qcow2') });
}

async function pushDown(
  share: OpenShare,
  chain: Chain,
  merge: Merge,
  tools: ImageTools,
  work: LongWork,
): Promise<void> {
  const now = await requireState(share, chain, merge);
  const layers = now.slice(0, now.findIndex((layer) => layer.file === merge.top.file) + 1);
  const rate = merge.bytesPerSecond === null ? {} : { bytesPerSecond: merge.bytesPerSecond };
  const run = { bytes: merge.top.virtualSizeBytes, ...rate, ...work };
  await tools.qemuImg.commit(describeChainForQemu(share.path, layers), run);
  const deadlineMs = 60_000 + merge.top.virtualSizeBytes / (8 * 1024 * 1024);
  await share.io.call('settleFile', { file: merge.base.file, padTo: paddingOf(merge.base.format) }, deadlineMs);
}

/** The chain as the files are: a commit that was cut off may have grown base already. */
async function requireState(share: OpenShare, chain: Chain, { base, grown }: Merge): Promise<Chain> {
  const halfDone = chain.map((layer) => (layer.file === base.file ? grown : layer));
  return (await requireChain(share.io, chain, halfDone)) === 0 ? chain : halfDone;
}

function notRepointed({ file }: Layer): ServiceError {
  return new ServiceError('chain_mismatch', 'The layer above was not pointed at the base.', { context: { file } });
}

/** True when the layer above names the base already: then the commit was complete and durable before. */
async function pointsPast(share: OpenShare, { child, base }: Merge): Promise<boolean> {
  if (child === null) return false;
  return (await observeLayer(share.io, child)).observed.backingFile === base.file;
}

/** null when the file is gone: an earlier call ended, and the file was removed since. The final comparison proves it. */
async function tryObserve(share: OpenShare, top: Layer): Promise<SeenLayer | null> {
  try {
    return await observeLayer(share.io, top);
  } catch (thrown) {
    if (asServiceError(thrown).code === 'not_found') return null;
    throw thrown;
  }
}

async function markMerged(share: OpenShare, top: Layer, { header }: SeenLayer): Promise<void> {
  // Only behind a child that names the base: such a layer is recognised without the mark.
  if (header?.version !== 3) return;
  await share.io.call('setHeaderBit', { file: top.file, offset: AUTOCLEAR_OFFSET, bit: Number(MERGED_AUTOCLEAR_BIT) });
}
