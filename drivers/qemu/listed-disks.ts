// Which files a running guest has open, without the guest noticing the question: what hangs together is asked of QEMU, which file a node stands for
// is known, because names of nodes are derived from file names and the host's record has those. A node that the record does not know (it is behind, or
// somebody was at the second monitor) makes it a whole reading of the graph.
import type { ListedDisk, ServerSpec } from '../hypervisor-driver.js';
import { attachedVolumes, type BlockOutline, nodesBelowDevice, observedLayers } from './block-graph.js';
import type { GuestMonitor } from './guest-monitor.js';
import { isFormatNode, layerNodeNames } from './node-names.js';

export async function listDisks(monitor: GuestMonitor, record: ServerSpec | null): Promise<readonly ListedDisk[]> {
  const outline = await monitor.blockOutline();
  const known = tryNameFiles(outline, record);
  if (known !== null) return known;
  const graph = await monitor.blockGraph();
  return attachedVolumes(graph).map((volumeId) => ({
    volumeId,
    files: observedLayers(graph, volumeId).map(({ file }) => file),
  }));
}

/** null when a node is of no file on record. */
export function tryNameFiles(outline: BlockOutline, record: ServerSpec | null): readonly ListedDisk[] | null {
  const fileOf = new Map(
    (record?.disks ?? []).flatMap(({ volumeId, chain }) =>
      chain.map(({ file }) => [layerNodeNames(volumeId, file).format, file] as const),
    ),
  );
  const disks: ListedDisk[] = [];
  for (const volumeId of attachedVolumes(outline)) {
    const files: string[] = [];
    for (const node of nodesBelowDevice(outline, volumeId)) {
      // A filter that a block job has put in between.
      if (!isFormatNode(node)) continue;
      const file = fileOf.get(node);
      if (file === undefined) return null;
      files.unshift(file);
    }
    disks.push({ volumeId, files });
  }
  return disks;
}
