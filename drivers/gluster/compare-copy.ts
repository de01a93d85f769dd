// Reads a finished copy and its source to the end and compares what a guest would see. For copies whose source is given up afterwards: a
// header says how large a disk is, not that its clusters are there, and a file of full length may be a hole.
import { activeLayer, encryptionOf, type Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { describeChainForQemu } from '../image/image-source.js';
import type { CopyChainSpec, LongWork } from '../volume-driver.js';
import { requireChain } from './chain-headers.js';
import { requireFileName } from './file-names.js';
import type { ImageTools } from './make-image.js';
import type { OpenShare } from './open-shares.js';

/** Errors: `chain_mismatch` when the data differs or a header is not what the record says; `not_found`, `backend_offline`. */
export async function compareCopy(
  source: OpenShare,
  target: OpenShare,
  spec: CopyChainSpec,
  tools: ImageTools,
  work: LongWork,
): Promise<void> {
  const { format, sizeBytes: virtualSizeBytes } = spec.target;
  const file = requireFileName(spec.target.file);
  const copy: Layer = { file, format, virtualSizeBytes, snapshotId: null, ...encryptionOf(spec.target) };
  // Headers first: a tool opens only what names no other file.
  await requireChain(source.io, spec.source);
  await requireChain(target.io, [copy]);
  const same = await tools.qemuImg.isSame(
    describeChainForQemu(source.path, spec.source),
    describeChainForQemu(target.path, [copy]),
    // Both are read.
    { bytes: 2 * Math.max(virtualSizeBytes, activeLayer(spec.source).virtualSizeBytes), ...work },
  );
  if (!same) throw new ServiceError('chain_mismatch', 'The copy does not hold what its source holds.');
}
