// A complete, independent copy of a chain into a new file, possibly on another share and larger. Sparse stays sparse.
//
//   check every source header -> .TARGET.part (empty, full size) -> qemu-img fills it -> sync -> TARGET
// A copy that is cut off leaves only the temporary file, which the next attempt replaces; a cancelled one removes it.
import { activeLayer, type Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { describeChainForQemu, describeTargetForQemu } from '../image/image-source.js';
import type { LongRun } from '../image/qemu-img.js';
import type { CopyChainSpec, LongWork } from '../volume-driver.js';
import { requireChain } from './chain-headers.js';
import { requireFileName } from './file-names.js';
import { finishPart, type ImageTools, partPathOf, startPart, tryExisting } from './make-image.js';
import type { OpenShare } from './open-shares.js';

export async function copyChain(
  source: OpenShare,
  target: OpenShare,
  spec: CopyChainSpec,
  tools: ImageTools,
  work: LongWork & Pick<LongRun, 'bytesPerSecond'>,
): Promise<Layer> {
  requireFileName(spec.target.file);
  const sourceBytes = activeLayer(spec.source).virtualSizeBytes;
  if (spec.target.sizeBytes < sourceBytes) {
    throw new ServiceError('bad_request', 'The copy cannot be smaller than its source.');
  }
  const existing = await tryExisting(target, spec.target);
  if (existing !== null) return existing;
  await requireChain(source.io, spec.source);
  await startPart(target, spec.target, tools);
  try {
    const { file, format } = spec.target;
    await tools.qemuImg.copyInto(
      describeChainForQemu(source.path, spec.source),
      { path: describeTargetForQemu(partPathOf(target, file), spec.target), format, targetIsZero: true },
      { bytes: sourceBytes, ...work },
    );
  } catch (thrown) {
    await target.io.call('dropPart', { file: spec.target.file }).catch(() => undefined); // the first error is the one to tell
    throw thrown;
  }
  return finishPart(target, spec.target);
}
