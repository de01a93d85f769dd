// Copies one overlay of a chain above a copy of what is below it, possibly on another share: what the layer holds, and nothing else, so that
// the copy of a chain has the structure, and the size, of the chain.
//
//   check all headers of both -> .TARGET.part (empty overlay, names the layer below) -> qemu-img fills it -> sync -> TARGET
// A copy that is cut off leaves only the temporary file, which the next attempt replaces; a cancelled one removes it.
import { activeLayer, type Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { describeChainForQemu } from '../image/image-source.js';
import type { LongRun } from '../image/qemu-img.js';
import type { CopyLayerSpec, LongWork } from '../volume-driver.js';
import { requireChain } from './chain-headers.js';
import { partNameOf, requireFileName } from './file-names.js';
import { type ImageTools, paddingOf, planQcow2 } from './make-image.js';
import type { OpenShare } from './open-shares.js';

/** Syncing a large file that was just written may take long. */
const PUBLISH_MS = 60_000;
const SLOWEST_SYNC_BYTES_PER_MS = 8 * 1024 * 1024;

function endsOf({ target: { chain } }: CopyLayerSpec): { copy: Layer; below: Layer } {
  const copy = activeLayer(chain);
  const below = chain.at(-2);
  if (below === undefined || copy.format !== 'qcow2') {
    throw new ServiceError('bad_request', 'An overlay is copied above another layer.');
  }
  for (const { file } of chain) requireFileName(file);
  return { copy, below };
}

export async function copyLayer(
  source: OpenShare,
  target: OpenShare,
  spec: CopyLayerSpec,
  tools: ImageTools,
  work: LongWork & Pick<LongRun, 'bytesPerSecond'>,
): Promise<Layer> {
  const { copy, below } = endsOf(spec);
  const { chain } = spec.target;
  const { file, virtualSizeBytes } = copy;
  if (activeLayer(spec.source).virtualSizeBytes !== virtualSizeBytes) {
    throw new ServiceError('bad_request', 'The copy of a layer is as large as the layer.');
  }
  if ((await target.io.call('inspect', { file })) !== null) {
    await requireChain(target.io, chain);
    await target.io.call('dropPart', { file });
    return copy;
  }
  await requireChain(source.io, spec.source);
  await requireChain(target.io, chain.slice(0, -1));
  const backing = { file: below.file, format: below.format };
  await target.io.call('makeFile', {
    file,
    ...(await planQcow2({ virtualSizeBytes, backing }, copy, tools.keys)),
    mode: tools.fileMode,
    ownerOf: null,
    publish: false,
  });
  try {
    await tools.qemuImg.copyOverlay(
      describeChainForQemu(source.path, spec.source),
      describeChainForQemu(target.path, [...chain.slice(0, -1), { ...copy, file: partNameOf(file) }]),
      { path: `${target.path}/${below.file}`, format: below.format },
      { bytes: virtualSizeBytes, ...work },
    );
  } catch (thrown) {
    await target.io.call('dropPart', { file }).catch(() => undefined); // the first error is the one to tell
    throw thrown;
  }
  const deadlineMs = PUBLISH_MS + virtualSizeBytes / SLOWEST_SYNC_BYTES_PER_MS;
  await target.io.call('publishFile', { file, padTo: paddingOf('qcow2') }, deadlineMs);
  await requireChain(target.io, chain);
  return copy;
}

/** Errors: `chain_mismatch` when the data differs or a header is not what the record says; `not_found`, `backend_offline`. */
export async function compareLayer(
  source: OpenShare,
  target: OpenShare,
  spec: CopyLayerSpec,
  tools: ImageTools,
  work: LongWork,
): Promise<void> {
  const { virtualSizeBytes } = endsOf(spec).copy;
  await requireChain(source.io, spec.source);
  await requireChain(target.io, spec.target.chain);
  const same = await tools.qemuImg.isSame(
    describeChainForQemu(source.path, spec.source),
    describeChainForQemu(target.path, spec.target.chain),
    // Both are read.
    { bytes: 2 * virtualSizeBytes, ...work },
  );
  if (!same) throw new ServiceError('chain_mismatch', 'The copy does not hold what its source holds.');
}
