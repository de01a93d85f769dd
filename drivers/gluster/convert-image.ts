// From the format that an image has to one that guests can have, and the other way round.
//
//   look at the source with our own eyes -> size of its disk -> .TARGET.part (empty, full size) -> qemu-img fills it -> TARGET
//
// Every format is stated to the tool, and no reference followed: whatever names another file is refused before a tool starts.
import { activeLayer, type Chain, encryptionOf, type Layer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { type ForeignFormat, isLayerFormat } from '../../services/core/domain/image-formats.js';
import { findForeignTrait } from '../image/foreign-guard.js';
import {
  DETECTION_BYTES,
  DETECTION_TAIL_BYTES,
  findContainerClaim,
  findSecondClaim,
} from '../image/format-detection.js';
import { describeChainForQemu, describeForeignForQemu, describeTargetForQemu } from '../image/image-source.js';
import type { LongRun } from '../image/qemu-img.js';
import type { ConvertedImage, ConvertImageSpec, LongWork } from '../volume-driver.js';
import { observeLayer, requireChain } from './chain-headers.js';
import { requireFileName } from './file-names.js';
import { finishPart, type ImageTools, partPathOf, startPart, tryExisting } from './make-image.js';
import type { OpenShare } from './open-shares.js';

const SECTOR = 512;

interface Source {
  /** As a tool is told it. */
  readonly name: string;
  readonly diskBytes: number;
}

function hostile(file: string, reason: string): ServiceError {
  return new ServiceError('hostile_image', 'The image is not what it is said to be, or refers to other files.', {
    context: { file, reason },
  });
}

async function foreignSource(
  share: OpenShare,
  file: string,
  format: ForeignFormat,
  tools: ImageTools,
): Promise<Source> {
  const ends = { file, bytes: DETECTION_BYTES, tailBytes: DETECTION_TAIL_BYTES };
  const { head, tail } = await share.io.call('readHead', ends);
  const trait = findForeignTrait(format, head, tail);
  if (trait !== null) throw hostile(file, trait);
  const name = describeForeignForQemu(share.path, file, format);
  return { name, diskBytes: await tools.qemuImg.diskBytesOf(name) };
}

/** The bytes of an image as they were sent; nothing of ours has looked at more than their beginning. */
async function plainSource(share: OpenShare, file: string, format: Layer['format']): Promise<Source> {
  const ends = { file, bytes: DETECTION_BYTES, tailBytes: DETECTION_TAIL_BYTES };
  const { head, tail, facts } = await share.io.call('readHead', ends);
  const claim = format === 'raw' ? findContainerClaim(head, tail) : findSecondClaim(head, tail);
  if (claim !== null) throw hostile(file, `it claims to be ${claim}`);
  const { observed } = await observeLayer(share.io, { file, format });
  if (observed.format !== format || observed.backingFile !== null) throw hostile(file, 'its header is another');
  const layer = { file, format, virtualSizeBytes: observed.virtualSizeBytes, snapshotId: null };
  const diskBytes = format === 'raw' ? facts.sizeBytes : observed.virtualSizeBytes;
  return { name: describeChainForQemu(share.path, [layer]), diskBytes };
}

async function chainSource(share: OpenShare, chain: Chain): Promise<Source> {
  await requireChain(share.io, chain);
  return { name: describeChainForQemu(share.path, chain), diskBytes: activeLayer(chain).virtualSizeBytes };
}

function sourceOf(share: OpenShare, { source, sourceFormat }: ConvertImageSpec, tools: ImageTools): Promise<Source> {
  if (sourceFormat === undefined) return chainSource(share, source);
  const [layer, ...more] = source;
  if (layer === undefined || more.length > 0) throw new ServiceError('bad_request', 'An image is one file.');
  const file = requireFileName(layer.file);
  return isLayerFormat(sourceFormat)
    ? plainSource(share, file, sourceFormat)
    : foreignSource(share, file, sourceFormat, tools);
}

type Work = LongWork & Pick<LongRun, 'bytesPerSecond'>;

/** Errors: `hostile_image`, `image_too_large`, `not_found`, `no_space`, `backend_offline`, `cancelled`. */
export async function convertImage(
  from: OpenShare,
  to: OpenShare,
  spec: ConvertImageSpec,
  tools: ImageTools,
  work: Work,
): Promise<ConvertedImage> {
  const source = await sourceOf(from, spec, tools);
  const { maxSizeBytes, target } = spec;
  if (maxSizeBytes !== undefined && source.diskBytes > maxSizeBytes) {
    throw new ServiceError('image_too_large', 'The disk in the image is larger than the volume.');
  }
  const file = requireFileName(target.file);
  const key = encryptionOf(target);
  if (key.keyId !== undefined && target.format !== 'qcow2') {
    throw new ServiceError('bad_request', 'The image of an encrypted volume is a qcow2 file.');
  }
  const layer = isLayerFormat(target.format)
    ? await toLayer(to, { file, format: target.format, ...key }, source, tools, work)
    : await toForeign(to, { file, format: target.format }, source, tools, work);
  return { layer, diskBytes: source.diskBytes };
}

async function toLayer(
  to: OpenShare,
  { file, format, ...key }: Pick<Layer, 'file' | 'format' | 'keyId'>,
  { name, diskBytes }: Source,
  tools: ImageTools,
  work: Work,
): Promise<Layer> {
  const sizeBytes = Math.max(SECTOR, Math.ceil(diskBytes / SECTOR) * SECTOR);
  const target = { share: '', file, format, sizeBytes, preallocation: 'off' as const, ...key };
  const existing = await tryExisting(to, target);
  if (existing !== null) return existing;
  await startPart(to, target, tools);
  const path = describeTargetForQemu(partPathOf(to, file), target);
  await dropOnFailure(to, file, () =>
    tools.qemuImg.copyInto(name, { path, format, targetIsZero: true }, { bytes: sizeBytes, ...work }),
  );
  return finishPart(to, target);
}

/** Its bytes are kept as a layer of format raw: what is within is nobody's business here. */
async function toForeign(
  to: OpenShare,
  { file, format }: { readonly file: string; readonly format: ForeignFormat },
  { name, diskBytes }: Source,
  tools: ImageTools,
  work: Work,
): Promise<Layer> {
  if ((await to.io.call('inspect', { file })) === null) {
    // The tool writes into a file of ours: were the share unmounted now, it would have to make one of its own in a place where it may not.
    await to.io.call('makeFile', {
      file,
      sizeBytes: 0,
      pieces: [],
      mode: tools.fileMode,
      ownerOf: null,
      publish: false,
    });
    const path = partPathOf(to, file);
    await dropOnFailure(to, file, () => tools.qemuImg.render(name, { path, format }, { bytes: diskBytes, ...work }));
    const deadlineMs = 60_000 + diskBytes / (8 * 1024 * 1024);
    await to.io.call('publishFile', { file, padTo: SECTOR }, deadlineMs);
  }
  const facts = await to.io.call('inspect', { file });
  if (facts === null) throw new ServiceError('not_found', 'The converted image is missing.');
  return { file, format: 'raw', virtualSizeBytes: facts.sizeBytes, snapshotId: null };
}

async function dropOnFailure(share: OpenShare, file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    await share.io.call('dropPart', { file }).catch(() => undefined); // the first error is the one to tell
    throw thrown;
  }
}
