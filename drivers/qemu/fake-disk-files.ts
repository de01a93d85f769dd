// What the fake hypervisor does to image files on `dir:` shares where a real QEMU would: reads headers as the witness of a chain,
// pushes layers down and points headers elsewhere, with real qemu-img. No guest runs, so nothing else has the files open.
import { open, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Chain, Layer, ObservedLayer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { isLuks } from '../image/image-guard.js';
import { describeChainForQemu, describeLayerForQemu } from '../image/image-source.js';
import { AUTOCLEAR_OFFSET, HEADER_PROBE_BYTES, readQcow2Header } from '../image/qcow2-header.js';
import type { QemuImg } from '../image/qemu-img.js';
import type { MergePlace } from '../merge-place.js';
import type { LongWork, ShareAccess } from '../volume-driver.js';

const PADDING_BYTES = 65_536;

/** Throws `bad_request` for any share but a plain directory. */
export function directoryOf(access: ShareAccess): string {
  if (!access.share.startsWith('dir:/')) {
    throw new ServiceError('bad_request', 'The fake hypervisor opens disks on plain directories only.');
  }
  return access.share.slice('dir:'.length);
}

/** Headers of the layers, oldest first. Errors: `chain_mismatch` when a file is missing or is no image of the given format. */
export function observeFiles(
  directory: string,
  layers: readonly Pick<Layer, 'file' | 'format'>[],
): Promise<ObservedLayer[]> {
  return Promise.all(layers.map((layer) => observeFile(directory, layer)));
}

async function observeFile(
  directory: string,
  { file, format }: Pick<Layer, 'file' | 'format'>,
): Promise<ObservedLayer> {
  const name = path.join(directory, file);
  const handle = await open(name, 'r').catch((cause: unknown) => {
    throw new ServiceError('chain_mismatch', 'An image file of the volume could not be opened.', { cause });
  });
  try {
    const { size } = await handle.stat();
    if (format === 'raw') return { file, format, virtualSizeBytes: size, backingFile: null };
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_PROBE_BYTES), 0, HEADER_PROBE_BYTES, 0);
    const reading = readQcow2Header(buffer.subarray(0, bytesRead));
    if (reading.kind !== 'qcow2') {
      throw new ServiceError('chain_mismatch', 'An image file of the volume is not in the format on record.', {
        context: { file },
      });
    }
    const { virtualSizeBytes, backingFile } = reading.header;
    const encrypted = isLuks(reading.header) ? { encrypted: true as const } : {};
    return { file, format, virtualSizeBytes: Number(virtualSizeBytes), backingFile, ...encrypted };
  } finally {
    await handle.close();
  }
}

/** Merges the layer into its neighbour and points the layer above at the one below. Repeating it after a kill does no harm. */
export async function mergeFiles(
  qemuImg: QemuImg,
  directory: string,
  chain: Chain,
  place: MergePlace,
  work: LongWork,
): Promise<void> {
  const { removed: top, receiver: base, below, above: child } = place;
  if (place.direction === 'up') return pullFiles(qemuImg, directory, chain, base.file, below, work);
  const index = chain.findIndex(({ file }) => file === top.file);
  await qemuImg.commit(describeChainForQemu(directory, chain.slice(0, index + 1)), {
    bytes: top.virtualSizeBytes,
    onProgress: work.onProgress,
    signal: work.signal,
  });
  await padFile(directory, base);
  if (child !== null) {
    await qemuImg.repoint(describeLayerForQemu(path.join(directory, child.file), child), base);
    await padFile(directory, child);
  } else {
    await markMerged(path.join(directory, top.file));
  }
}

/** Pulls what lies between the layer and `below` (all that is below it when null) into it, and points it there. */
export async function pullFiles(
  qemuImg: QemuImg,
  directory: string,
  chain: Chain,
  file: string,
  below: Layer | null,
  work: LongWork,
): Promise<void> {
  const layer = chain.find((one) => one.file === file);
  if (layer === undefined) throw new ServiceError('bad_request', 'The layer is not part of the chain.');
  await qemuImg.pull(path.join(directory, file), below, { bytes: layer.virtualSizeBytes, ...work });
  await padFile(directory, layer);
}

/** What the active layer holds goes into the target's, which is there; the layers below the target's are copies already. */
export async function mirrorFiles(
  qemuImg: QemuImg,
  directory: string,
  chain: Chain,
  target: { readonly access: ShareAccess; readonly chain: Chain },
  work: LongWork,
): Promise<void> {
  const copy = target.chain.at(-1);
  const below = target.chain.at(-2);
  if (copy === undefined) throw new ServiceError('bad_request', 'The target has no layer.');
  const other = directoryOf(target.access);
  const source = describeChainForQemu(directory, chain);
  const run = { bytes: copy.virtualSizeBytes, ...work };
  const [seen] = await observeFiles(other, [copy]);
  if (seen?.virtualSizeBytes !== chain.at(-1)?.virtualSizeBytes) {
    throw new ServiceError('chain_mismatch', 'The copy is not as large as the guest’s disk.');
  }
  if (below === undefined) {
    const file = path.join(other, copy.file);
    await qemuImg.copyInto(source, { path: file, format: copy.format, targetIsZero: false }, run);
  } else {
    const under = { path: path.join(other, below.file), format: below.format };
    await qemuImg.copyOverlay(source, describeChainForQemu(other, target.chain), under, run);
  }
  await padFile(other, copy);
}

/** As layer-merge.ts does: the guest writes below now, so this layer must never be committed again. */
async function markMerged(name: string): Promise<void> {
  const handle = await open(name, 'r+');
  try {
    await handle.write(Buffer.from([0x80]), 0, 1, AUTOCLEAR_OFFSET);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function growFile(qemuImg: QemuImg, directory: string, chain: Chain, sizeBytes: number): Promise<void> {
  const active = chain.at(-1);
  await qemuImg.grow(describeChainForQemu(directory, chain), sizeBytes);
  if (active !== undefined) await padFile(directory, active);
}

/** The gluster driver cannot open a qcow2 whose size is no multiple of 512 (gluster issue 3317). */
async function padFile(directory: string, { file, format }: Pick<Layer, 'file' | 'format'>): Promise<void> {
  if (format !== 'qcow2') return;
  const name = path.join(directory, file);
  const { size } = await stat(name);
  if (size % PADDING_BYTES !== 0) await truncate(name, Math.ceil(size / PADDING_BYTES) * PADDING_BYTES);
}
