// Names a chain of image files to QEMU's tools completely: every layer with its driver and its path, so that the tool follows no
// name and no format that a header contains. Uses QEMU's `json:` pseudo-protocol. Built from typed parts by JSON.stringify.
// Assumes: `directory` is the mount path of the share; file names have passed `requireFileName`.
import path from 'node:path';
import type { Layer } from '../../services/core/domain/chain.js';
import type { ForeignFormat } from '../../services/core/domain/image-formats.js';
import { secretIdOf } from './keyed-tools.js';

interface BlockNode {
  driver: string;
  file: { driver: 'file'; filename: string };
  backing?: BlockNode | null;
  /** The name of the secret (keyed-tools.ts), never the secret. */
  encrypt?: { format: 'luks'; 'key-secret': string };
}

/** The chain (oldest first, as many layers as wanted) as a file name for qemu-img. */
export function describeChainForQemu(directory: string, layers: readonly Layer[]): string {
  let node: BlockNode | null = null;
  for (const layer of layers) {
    const below: BlockNode | null = node;
    node = { driver: layer.format, file: { driver: 'file', filename: path.join(directory, layer.file) } };
    if (layer.format === 'qcow2') node.backing = below;
    if (layer.keyId !== undefined) node.encrypt = { format: 'luks', 'key-secret': secretIdOf(layer.keyId) };
  }
  if (node === null) throw new Error('a chain has at least one layer');
  return `json:${JSON.stringify(node)}`;
}

/**
 * The image file at `filePath` alone, for a verb that changes only its own header or tables: a plain path, which goes with `-f`, or for an encrypted one
 * its description.
 */
export function describeLayerForQemu(filePath: string, layer: Pick<Layer, 'format' | 'keyId'>): readonly string[] {
  if (layer.keyId === undefined) return ['-f', layer.format, filePath];
  return [describeChainForQemu(path.dirname(filePath), [soleLayer(path.basename(filePath), layer)])];
}

/** As a target to be written over (`-O`): the file of that path. */
export function describeTargetForQemu(filePath: string, layer: Pick<Layer, 'format' | 'keyId'>): string {
  return describeLayerForQemu(filePath, layer).at(-1) ?? filePath;
}

function soleLayer(file: string, { format, keyId }: Pick<Layer, 'format' | 'keyId'>): Layer {
  return { file, format, virtualSizeBytes: 0, snapshotId: null, ...(keyId === undefined ? {} : { keyId }) };
}

/** QEMU's names of the formats that are only converted; vpc is what Glance calls vhd. */
export const foreignDrivers = { vmdk: 'vmdk', vdi: 'vdi', vhd: 'vpc', vhdx: 'vhdx' } as const satisfies Record<
  ForeignFormat,
  string
>;

/** One file of a foreign format, without whatever it would be the overlay of. */
export function describeForeignForQemu(directory: string, file: string, format: ForeignFormat): string {
  const filename = path.join(directory, file);
  return `json:${JSON.stringify({ driver: foreignDrivers[format], file: { driver: 'file', filename }, backing: null })}`;
}
