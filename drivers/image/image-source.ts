// Names a chain of image files to QEMU's tools completely: every layer with its driver and its path, so that the tool follows no
// name and no format that a header contains. Uses QEMU's `json:` pseudo-protocol. Built from typed parts by JSON.stringify.
// Assumes: `directory` is the mount path of the share; file names have passed `requireFileName`.
import path from 'node:path';
import type { Layer } from '../../services/core/domain/chain.js';

interface BlockNode {
  driver: string;
  file: { driver: 'file'; filename: string };
  backing?: BlockNode | null;
}

/** The chain (oldest first, as many layers as wanted) as a file name for qemu-img. */
export function describeChainForQemu(directory: string, layers: readonly Layer[]): string {
  let node: BlockNode | null = null;
  for (const layer of layers) {
    const below: BlockNode | null = node;
    node = { driver: layer.format, file: { driver: 'file', filename: path.join(directory, layer.file) } };
    if (layer.format === 'qcow2') node.backing = below;
  }
  if (node === null) throw new Error('a chain has at least one layer');
  return `json:${JSON.stringify(node)}`;
}
