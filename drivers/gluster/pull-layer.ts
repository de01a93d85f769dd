// Offline merge upwards and flatten: what a layer shows of the layers below it is copied into it, then its header names another layer,
// or none. The layers below are only read, so they may be other volumes'.
//
//   [below <- removed <- receiver ..]     verify all headers against the record
//   [below <- removed <- receiver' ..]    receiver' holds all it showed of removed; synced      (repeatable: what is there stays)
//   [below <- receiver' ..]  removed      receiver's header names below; synced; read everything back
// Until the last line the receiver shows the same through the old header, so a crash or a cancel costs nothing but time.
import type { Chain, Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { describeLayerForQemu } from '../image/image-source.js';
import { pullLayers } from '../image/layer-puller.js';
import { type MergePlace, placeOfFlatten } from '../merge-place.js';
import type { FlattenLayerSpec, LongWork } from '../volume-driver.js';
import { observeChain, observeLayer, requireChain } from './chain-headers.js';
import { type ImageTools, paddingOf } from './make-image.js';
import type { OpenShare } from './open-shares.js';

interface Pull {
  readonly chain: Chain;
  readonly receiver: Layer;
  /** What the receiver's header names afterwards. */
  readonly below: Layer | null;
  readonly result: Chain;
  readonly bytesPerSecond: number | null;
}

export async function flattenLayer(
  share: OpenShare,
  spec: FlattenLayerSpec,
  tools: ImageTools,
  work: LongWork,
): Promise<Chain> {
  const { file: receiver, left, result } = placeOfFlatten(spec.chain, spec.file);
  const { chain, bytesPerSecond = null } = spec;
  if (left.length > 0) await pull(share, { chain, receiver, below: null, result, bytesPerSecond }, tools, work);
  await requireChain(share.io, result);
  return result;
}

export async function mergeUp(
  share: OpenShare,
  chain: Chain,
  place: MergePlace,
  bytesPerSecond: number | null,
  tools: ImageTools,
  work: LongWork,
): Promise<Chain> {
  const { receiver, below, result } = place;
  await pull(share, { chain, receiver, below, result, bytesPerSecond }, tools, work);
  await requireChain(share.io, result);
  return result;
}

async function pull(share: OpenShare, work: Pull, tools: ImageTools, long: LongWork): Promise<void> {
  const { chain, receiver, below } = work;
  const { observed } = await observeLayer(share.io, receiver);
  const settle = async () => {
    const deadlineMs = 60_000 + receiver.virtualSizeBytes / (8 * 1024 * 1024);
    await share.io.call('settleFile', { file: receiver.file, padTo: paddingOf('qcow2') }, deadlineMs);
  };
  // The header changes last: what it says already was complete and durable before.
  if (observed.format !== 'qcow2' || observed.backingFile === (below?.file ?? null)) return;
  await requireChain(share.io, chain);
  await refuseMerged(share, chain);
  const at = chain.findIndex(({ file }) => file === receiver.file);
  const belowAt = below === null ? -1 : chain.findIndex(({ file }) => file === below.file);
  const { bytesPerSecond } = work;
  const layers = chain.slice(0, at + 1);
  await pullLayers(
    tools.qemuImg,
    { directory: share.path, layers, pulled: at - belowAt - 1, bytesPerSecond, settle },
    long,
  );
  const target = below === null ? null : { file: below.file, format: below.format };
  await tools.qemuImg.repoint(describeLayerForQemu(`${share.path}/${receiver.file}`, receiver), target);
  await settle();
}

/** A layer with the mark was merged downwards already, and what is below it may have gone on since: it shows nobody's data any more. */
async function refuseMerged(share: OpenShare, chain: Chain): Promise<void> {
  const merged = (await observeChain(share.io, chain)).find(({ header }) => header?.mergedMark === true);
  if (merged === undefined) return;
  throw new ServiceError('chain_mismatch', 'A layer of the chain has been merged into the one below it before.', {
    context: { file: merged.observed.file },
  });
}
