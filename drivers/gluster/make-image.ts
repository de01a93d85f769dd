// Makes new image files: blank ones, overlays, and targets for copies. A file gets its name only when it is complete and durable; a
// file that has the name already is compared and taken as the answer, so that every verb can be asked again.
import { activeLayer, appendOverlay, extendActive, type Layer } from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import { CLUSTER_BYTES, planEmptyQcow2, type SparseFile } from '../image/qcow2-writer.js';
import type { QemuImg } from '../image/qemu-img.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { CreateImageSpec, PrepareOverlaySpec } from '../volume-driver.js';
import { findDifference, observeLayer, requireChain } from './chain-headers.js';
import { partNameOf, requireFileName } from './file-names.js';
import type { OpenShare } from './open-shares.js';

export interface ImageTools {
  readonly qemuImg: QemuImg;
  /** For other programs on image files; runs them as the share's storage user. */
  readonly runner: CommandRunner;
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
  const existing = await tryExisting(share, spec);
  if (existing !== null) return existing;
  if (spec.preallocation !== 'off') {
    await startPart(share, spec, tools);
    return finishPart(share, spec);
  }
  await share.io
    .call('makeFile', { file: spec.file, ...blankContent(spec), mode: tools.fileMode, ownerOf: null, publish: true })
    .catch((thrown: unknown) => ignoreTaken(thrown));
  return confirm(share, spec);
}

/** Makes the temporary file of the target's full virtual size, allocated as asked, for a tool to fill. */
export async function startPart(share: OpenShare, spec: CreateImageSpec, tools: ImageTools): Promise<void> {
  const allocate = spec.preallocation !== 'off';
  const small = allocate ? { ...spec, sizeBytes: 512 } : spec;
  const { file } = spec;
  await share.io.call('makeFile', {
    file,
    ...blankContent(small),
    mode: tools.fileMode,
    ownerOf: null,
    publish: false,
  });
  if (!allocate) return;
  try {
    await tools.qemuImg.growAllocated(partPathOf(share, spec.file), spec.format, spec.sizeBytes, spec.preallocation);
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
  return confirm(share, spec);
}

/** The layer when the file is there as wanted, null when it is not there. Errors: `chain_mismatch` when it is something else. */
export async function tryExisting(share: OpenShare, spec: CreateImageSpec): Promise<Layer | null> {
  if ((await share.io.call('inspect', { file: spec.file })) === null) return null;
  const layer = await confirm(share, spec);
  // Killed between the two, the file has its temporary name still; with two names it could never be taken over again.
  await share.io.call('dropPart', { file: spec.file });
  return layer;
}

export async function prepareOverlay(share: OpenShare, spec: PrepareOverlaySpec, tools: ImageTools): Promise<Layer> {
  const file = requireFileName(spec.overlayFile);
  await requireChain(share.io, spec.chain);
  const active = activeLayer(spec.chain);
  const sizeBytes = spec.sizeBytes ?? active.virtualSizeBytes;
  if (sizeBytes % 512 !== 0) throw new ServiceError('bad_request', 'The size must be a multiple of 512 bytes.');
  const after = extendActive(appendOverlay(spec.chain, file, snapshotIdOf(file)), sizeBytes);
  const backing = { file: active.file, format: active.format };
  await share.io
    .call('makeFile', {
      file,
      ...planEmptyQcow2({ virtualSizeBytes: sizeBytes, backing }),
      mode: tools.fileMode,
      ownerOf: active.file,
      publish: true,
    })
    .catch((thrown: unknown) => ignoreTaken(thrown));
  await requireChain(share.io, after);
  return activeLayer(after);
}

/** Overlay files are named `volume-<volume id>.<snapshot id>`; the record that the service keeps is what counts. */
function snapshotIdOf(overlayFile: string): string {
  return overlayFile.slice(overlayFile.lastIndexOf('.') + 1);
}

async function confirm(share: OpenShare, spec: CreateImageSpec): Promise<Layer> {
  const layer: Layer = { file: spec.file, format: spec.format, virtualSizeBytes: spec.sizeBytes, snapshotId: null };
  const difference = findDifference([layer], [await observeLayer(share.io, layer)]);
  if (difference === null) return layer;
  throw new ServiceError('chain_mismatch', 'A file of that name exists and is something else.', {
    context: { difference },
  });
}

function blankContent(spec: CreateImageSpec): SparseFile {
  const { sizeBytes, format } = spec;
  if (sizeBytes < 512 || sizeBytes % 512 !== 0) {
    throw new ServiceError('bad_request', 'The size must be a multiple of 512 bytes.', { context: { sizeBytes } });
  }
  return format === 'qcow2'
    ? planEmptyQcow2({ virtualSizeBytes: sizeBytes, backing: null })
    : { sizeBytes, pieces: [] };
}

/** The name was taken meanwhile, by an earlier attempt: the comparison that follows decides. */
function ignoreTaken(thrown: unknown): void {
  if (asServiceError(thrown).code !== 'conflict') throw thrown;
}
