// Verbs on existing image files: growing the active layer and adopting a file that somebody else made.
// A raw disk grows by its length alone: the tool would read, and edit, whatever header the guest has written into it
// (CVE-2026-24708). A file offered for adoption must name no other file and be what it is said to be.
import { activeLayer, extendActive, type Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import {
  DETECTION_BYTES,
  DETECTION_TAIL_BYTES,
  findContainerClaim,
  findSecondClaim,
} from '../image/format-detection.js';
import { describeChainForQemu, describeLayerForQemu } from '../image/image-source.js';
import type { ExtendImageSpec, ManageImageSpec } from '../volume-driver.js';
import { allocateGrowth, demandRoom, promisesRoom } from './allocate-growth.js';
import { observeLayer, requireChain } from './chain-headers.js';
import { requireFileName } from './file-names.js';
import { type ImageTools, paddingOf } from './make-image.js';
import type { OpenShare } from './open-shares.js';

/** Reading every header of a large share takes a while. */
const READ_ALL_HEADERS_MS = 120_000;

export async function extendImage(share: OpenShare, spec: ExtendImageSpec, tools: ImageTools): Promise<Layer> {
  if (spec.newSizeBytes % 512 !== 0) throw new ServiceError('bad_request', 'The size must be a multiple of 512 bytes.');
  const after = extendActive(spec.chain, spec.newSizeBytes);
  const active = activeLayer(spec.chain);
  const isLarger = (await requireChain(share.io, spec.chain, after)) === 1;
  const preallocation = spec.chain.length === 1 ? (spec.preallocation ?? 'off') : 'off';
  const growth = { fromBytes: active.virtualSizeBytes, toBytes: spec.newSizeBytes };
  if (!isLarger && promisesRoom(preallocation)) await demandRoom(share, growth);
  if (!isLarger && active.format === 'raw') {
    await share.io.call('growFile', { file: active.file, sizeBytes: spec.newSizeBytes });
  } else if (!isLarger && preallocation === 'off') {
    await tools.qemuImg.grow(describeChainForQemu(share.path, spec.chain), spec.newSizeBytes);
  } else if (!isLarger) {
    // Nobody has read the new end yet: allocating is as good as writing it, and takes no time.
    const how = preallocation === 'full' ? 'falloc' : preallocation;
    const image = describeLayerForQemu(`${share.path}/${active.file}`, active);
    await tools.qemuImg.growAllocated(image, spec.newSizeBytes, how);
  }
  if (active.format === 'raw' && promisesRoom(preallocation) && growth.toBytes > growth.fromBytes) {
    await allocateGrowth(share, active.file, growth, tools.runner);
  }
  // Also when it was larger already: an earlier attempt may have ended before its file was padded and durable.
  await share.io.call('settleFile', { file: active.file, padTo: paddingOf(active.format) });
  await requireChain(share.io, after);
  return activeLayer(after);
}

export async function manageImage(share: OpenShare, spec: ManageImageSpec, tools: ImageTools): Promise<Layer> {
  requireFileName(spec.sourceFile);
  requireFileName(spec.targetFile);
  if (spec.sourceFile === spec.targetFile) {
    throw new ServiceError('bad_request', 'The file has that name already.');
  }
  const source = await share.io.call('inspect', { file: spec.sourceFile });
  if (source !== null && source.kind !== 'file') {
    throw new ServiceError('bad_request', 'Only a regular file can be taken over.', { context: { kind: source.kind } });
  }
  if (source !== null) {
    await refuseHostile(share, spec);
    await refuseBase(share, spec.sourceFile);
    await share.io.call('moveFile', { from: spec.sourceFile, to: spec.targetFile, mode: tools.fileMode });
  }
  await share.io.call('settleFile', { file: spec.targetFile, padTo: paddingOf(spec.format) });
  const { observed } = await observeLayer(share.io, { file: spec.targetFile, format: spec.format });
  if (observed.format !== spec.format || observed.backingFile !== null) throw hostile(spec, 'it changed meanwhile');
  const { file, format, virtualSizeBytes } = observed;
  return { file, format, virtualSizeBytes, snapshotId: null };
}

async function refuseHostile(share: OpenShare, spec: ManageImageSpec): Promise<void> {
  const ends = { file: spec.sourceFile, bytes: DETECTION_BYTES, tailBytes: DETECTION_TAIL_BYTES };
  const { head, tail, facts } = await share.io.call('readHead', ends);
  if (facts.sizeBytes === 0) throw hostile(spec, 'it is empty');
  if (spec.format === 'raw') {
    const claim = findContainerClaim(head, tail);
    if (claim !== null) throw hostile(spec, `it claims to be ${claim}`);
    return;
  }
  const second = findSecondClaim(head, tail);
  if (second !== null) throw hostile(spec, `it claims to be ${second} as well`);
  const { observed } = await observeLayer(share.io, { file: spec.sourceFile, format: 'qcow2' });
  if (observed.format !== 'qcow2') throw hostile(spec, 'it is no qcow2');
  if (observed.backingFile !== null) throw hostile(spec, 'it names a backing file');
}

/** Renaming it would take the data from under the other; and what a guest then writes would change the other's disk. */
async function refuseBase(share: OpenShare, file: string): Promise<void> {
  const references = await share.io.call('findReferences', { files: [file], except: [file] }, READ_ALL_HEADERS_MS);
  if (references.length === 0) return;
  throw new ServiceError('chain_mismatch', 'The file is the base of another image file.', { context: { references } });
}

function hostile(spec: ManageImageSpec, reason: string): ServiceError {
  return new ServiceError('hostile_image', 'The file cannot be taken as a volume of that format.', {
    context: { file: spec.sourceFile, format: spec.format, reason },
  });
}
