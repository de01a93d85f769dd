// Names of everything we make inside a QEMU, derived from ids alone, so that a repeated step finds what an earlier one made and a
// new worker finds what the old one knew. QEMU allows 31 characters for a node: a UUID does not fit, hence the digests.
// Source: QEMU docs (node-name: at most 31 characters, begins with a letter, then letters, digits, '-', '.', '_').
import { createHash } from 'node:crypto';

const DEVICE_PREFIX = 'd-';

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

export interface LayerNodeNames {
  /** The node that stands for the file: it passes all on to a node that talks to the share, which can be replaced under it. */
  readonly protocol: string;
  /** The raw or qcow2 node above it. */
  readonly format: string;
}

export function layerNodeNames(volumeId: string, file: string): LayerNodeNames {
  const key = `${digest(volumeId, 12)}-${digest(file, 12)}`;
  return { protocol: `p-${key}`, format: `f-${key}` };
}

/** Names of the nodes that talk to the share in the place of the first one, in turn; none for what is no file's node. */
export function renewedNames(protocol: string): readonly string[] {
  return protocol.startsWith('p-') ? [`g-${protocol.slice(2)}`, `h-${protocol.slice(2)}`] : [];
}

/** True for the raw or qcow2 node of any layer. */
export function isFormatNode(nodeName: string): boolean {
  return nodeName.startsWith('f-');
}

/** True for every node made for any layer of the volume. */
export function isNodeOfVolume(nodeName: string, volumeId: string): boolean {
  const key = digest(volumeId, 12);
  return ['f', 'p', 'g', 'h'].some((letter) => nodeName.startsWith(`${letter}-${key}-`));
}

/** One anchor for each Gluster volume: QEMU caches connections by the volume's name. */
export function anchorNodeName(glusterVolumeName: string): string {
  return `anchor-${digest(glusterVolumeName, 16)}`;
}

export function deviceId(volumeId: string): string {
  return `${DEVICE_PREFIX}${volumeId}`;
}

/** The volume of a device of ours, null for any other device. */
export function volumeOfDevice(device: string): string | null {
  return device.startsWith(DEVICE_PREFIX) ? device.slice(DEVICE_PREFIX.length) : null;
}

export type LiveWork = 'merge-down' | 'merge-up' | 'flatten' | 'mirror';

const jobPrefixes: Readonly<Record<LiveWork, string>> = {
  'merge-down': 'm',
  'merge-up': 'u',
  flatten: 's',
  mirror: 'c',
};

/** `file` is the one that the command names. */
export function jobIdOf(work: LiveWork, volumeId: string, file: string): string {
  return `${jobPrefixes[work]}-${digest(volumeId, 12)}-${digest(file, 12)}`;
}
