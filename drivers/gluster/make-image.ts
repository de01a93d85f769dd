// Makes new image files: blank ones, overlays, and targets for copies. A file gets its name only when it is complete and durable; a
// file that has the name already is compared and taken as the answer, so that every verb can be asked again.
import {
  activeLayer,
  appendOverlay,
  type Chain,
  encryptionOf,
  extendActive,
  type Layer,
  type ObservedLayer,
} from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import { describeLayerForQemu } from '../image/image-source.js';
import { makeLuksHeader } from '../image/luks-header.js';
import { CLUSTER_BYTES, type EmptyQcow2, planEmptyQcow2, type SparseFile } from '../image/qcow2-writer.js';
import type { QemuImg } from '../image/qemu-img.js';
import type { KeyStore } from '../key-store/key-store.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { CreateImageSpec, PrepareOverlaySpec } from '../volume-driver.js';
import { findDifference, headsOf, matchChain, observeChain, requireChain } from './chain-headers.js';
import { partNameOf, requireFileName } from './file-names.js';
import type { OpenShare } from './open-shares.js';
import type { FileHead, MakeFileParams } from './share-io-protocol.js';

export interface ImageTools {
  readonly qemuImg: QemuImg;
  /** For other programs on image files; runs them as the share's storage user. */
  readonly runner: CommandRunner;
  readonly keys: KeyStore;
  readonly fileMode: number;
  readonly now: () => number;
}

/** libgfapi cannot open a qcow2 whose size is no multiple of 512; raw disks are made of 512-byte sectors. */
export function paddingOf(format: Layer['format']): number {
  return format === 'qcow2' ? CLUSTER_BYTES : 512;
}

export function partPathOf(share: OpenShare, file: string): string {
  return `${share.path}/${partNameOf(file)}`;
}

export async function createImage(share: OpenShare, spec: CreateImageSpec, tools: ImageTools): Promise<Layer> {
  requireFileName(spec.file);
  if (spec.preallocation !== 'off') {
    const existing = await tryExisting(share, spec);
    if (existing !== null) return existing;
    await startPart(share, spec, tools);
    return finishPart(share, spec);
  }
  const layer = layerOf(spec);
  const { file } = spec;
  const made = { file, ...(await blankContent(spec, tools.keys)), mode: tools.fileMode, ownerOf: null, publish: true };
  const heads = await makeUnlessTaken(share, { ...made, readBack: headsOf([layer]) });
  if (heads !== null) return confirm(share, layer, heads);
  return (await tryExisting(share, spec)) ?? confirm(share, layer);
}

/** null: the name was taken already, by an earlier attempt; the comparison that follows decides. */
async function makeUnlessTaken(share: OpenShare, params: MakeFileParams): Promise<readonly FileHead[] | null> {
  try {
    return await share.io.call('makeFile', params);
  } catch (thrown) {
    if (asServiceError(thrown).code !== 'conflict') throw thrown;
    return null;
  }
}

/** Makes the temporary file of the target's full virtual size, allocated as asked, for a tool to fill. */
export async function startPart(share: OpenShare, spec: CreateImageSpec, tools: ImageTools): Promise<void> {
  const allocate = spec.preallocation !== 'off';
  const small = allocate ? { ...spec, sizeBytes: 512 } : spec;
  const { file } = spec;
  await share.io.call('makeFile', {
    file,
    ...(await blankContent(small, tools.keys)),
    mode: tools.fileMode,
    ownerOf: null,
    publish: false,
  });
  if (!allocate) return;
  try {
    const part = describeLayerForQemu(partPathOf(share, spec.file), spec);
    await tools.qemuImg.growAllocated(part, spec.sizeBytes, spec.preallocation);
  } catch (thrown) {
    await share.io.call('dropPart', { file: spec.file });
    throw thrown;
  }
}

/** Gives the complete temporary file its name and reads it back. */
export async function finishPart(share: OpenShare, spec: CreateImageSpec): Promise<Layer> {
  // A large file that was just written may take long to sync.
  const deadlineMs = 60_000 + spec.sizeBytes / (8 * 1024 * 1024);
  await share.io.call('publishFile', { file: spec.file, padTo: paddingOf(spec.format) }, deadlineMs);
  return confirm(share, layerOf(spec));
}

/** The layer when the file is there as wanted, null when it is not there. Errors: `chain_mismatch` when it is something else. */
export async function tryExisting(share: OpenShare, spec: CreateImageSpec): Promise<Layer | null> {
  if ((await share.io.call('inspect', { file: spec.file })) === null) return null;
  const layer = await confirm(share, layerOf(spec));
  // Killed between the two, the file has its temporary name still; with two names it could never be taken over again.
  await share.io.call('dropPart', { file: spec.file });
  return layer;
}

export async function prepareOverlay(share: OpenShare, spec: PrepareOverlaySpec, tools: ImageTools): Promise<Layer> {
  return activeLayer((await makeOverlay(share, spec, tools)).after);
}

export interface MadeOverlay {
  readonly after: Chain;
  /** All of its headers, read when the overlay was durable. */
  readonly observed: readonly ObservedLayer[];
}

/** The overlay and what the whole chain says then. Two calls of the helper: the headers below, and the file with all headers. */
export async function makeOverlay(share: OpenShare, spec: PrepareOverlaySpec, tools: ImageTools): Promise<MadeOverlay> {
  const file = requireFileName(spec.overlayFile);
  await requireChain(share.io, spec.chain);
  const active = activeLayer(spec.chain);
  const sizeBytes = spec.sizeBytes ?? active.virtualSizeBytes;
  if (sizeBytes % 512 !== 0) throw new ServiceError('bad_request', 'The size must be a multiple of 512 bytes.');
  const after = extendActive(appendOverlay(spec.chain, file, snapshotIdOf(file)), sizeBytes);
  const backing = { file: active.file, format: active.format };
  const heads = await makeUnlessTaken(share, {
    file,
    ...(await planQcow2({ virtualSizeBytes: sizeBytes, backing }, active, tools.keys)),
    mode: tools.fileMode,
    ownerOf: active.file,
    publish: true,
    readBack: headsOf(after),
  });
  const { seen } = await matchChain(share.io, [after], heads);
  return { after, observed: seen.map(({ observed }) => observed) };
}

/**
 * The same, with the volume's record. The record is made durable under its temporary name while the overlay is made, and gets its own when the
 * whole chain was read back: it never names a file that is not there.
 */
export async function makeOverlayOnRecord(
  share: OpenShare,
  spec: PrepareOverlaySpec,
  record: { readonly file: string; readonly content: string; readonly mode: number },
  tools: ImageTools,
): Promise<readonly ObservedLayer[]> {
  const [made, staged] = await Promise.allSettled([
    makeOverlay(share, spec, tools),
    share.io.call('stageFile', record),
  ]);
  if (made.status === 'fulfilled' && staged.status === 'fulfilled') {
    await share.io.call('replaceByStaged', { file: record.file });
    return made.value.observed;
  }
  await share.io.call('dropPart', { file: record.file }).catch(() => undefined);
  throw made.status === 'rejected' ? made.reason : (staged as PromiseRejectedResult).reason;
}

/** Overlay files are named `volume-<volume id>.<snapshot id>`; the record that the service keeps is what counts. */
function snapshotIdOf(overlayFile: string): string {
  return overlayFile.slice(overlayFile.lastIndexOf('.') + 1);
}

function layerOf({ file, format, sizeBytes, ...spec }: CreateImageSpec): Layer {
  return { file, format, virtualSizeBytes: sizeBytes, snapshotId: null, ...encryptionOf(spec) };
}

/** Every layer has a master key of its own, sealed with the volume's. */
export async function planQcow2(
  image: EmptyQcow2,
  { keyId }: Pick<Layer, 'keyId'>,
  keys: KeyStore,
): Promise<SparseFile> {
  if (keyId === undefined) return planEmptyQcow2(image);
  const passphrase = await keys.readKey(keyId);
  const luks = await makeLuksHeader(Buffer.from(passphrase.reveal()), passphrase.keyBytes);
  return planEmptyQcow2({ ...image, luks });
}

async function confirm(share: OpenShare, layer: Layer, heads: readonly FileHead[] | null = null): Promise<Layer> {
  const difference = findDifference([layer], await observeChain(share.io, [layer], heads));
  if (difference === null) return layer;
  throw new ServiceError('chain_mismatch', 'A file of that name exists and is something else.', {
    context: { difference },
  });
}

async function blankContent(spec: CreateImageSpec, keys: KeyStore): Promise<SparseFile> {
  const { sizeBytes, format } = spec;
  if (spec.keyId !== undefined && format !== 'qcow2') {
    throw new ServiceError('bad_request', 'An encrypted volume is made of qcow2 files.');
  }
  if (sizeBytes < 512 || sizeBytes % 512 !== 0) {
    throw new ServiceError('bad_request', 'The size must be a multiple of 512 bytes.', { context: { sizeBytes } });
  }
  return format === 'qcow2'
    ? planQcow2({ virtualSizeBytes: sizeBytes, backing: null }, spec, keys)
    : { sizeBytes, pieces: [] };
}
