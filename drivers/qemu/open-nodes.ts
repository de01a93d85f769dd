// Opens and closes block nodes in a running QEMU. Opening what is open and closing what is closed is success: names are derived
// from ids, so a repeated step finds its own nodes.
// A share's first node is always the anchor: closing the last node of a Gluster volume, or failing to open the first, makes
// libgfapi wait 10 s inside QEMU's global lock, and the guest stands still (measured).
import { ServiceError } from '../../services/core/domain/errors.js';
import { type BlockOutline, parentsOf } from './block-graph.js';
import { type NodeOptions, passOnGroup } from './disk-options.js';
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { withSecrets } from './guest-secrets.js';
import { isNodeOfVolume, renewedNames } from './node-names.js';
import { isObject, QmpCommandError } from './qmp-messages.js';
import type { ShareTransport } from './share-transport.js';

export const PROBE_MS = 3_000;

export type Warn = (text: string, context: Readonly<Record<string, unknown>>) => void;

/** What QEMU says of a node that is there already. Source: QEMU 7.2, block.c ("Duplicate nodes with node-name='%s'"). */
export const nodeExists = /Duplicate nodes? (with node-)?name/i;
export const nodeGone = /Failed to find node|not found|Cannot find (device|node)/i;

/** Keeps the share's connection open for the life of the guest. Probes the servers first: QEMU must never meet a hung one. */
export async function ensureAnchor(
  monitor: GuestMonitor,
  outline: BlockOutline,
  transport: ShareTransport,
  warn: Warn,
): Promise<void> {
  await transport.probe(PROBE_MS);
  const { anchor } = transport;
  if (anchor === null) return;
  if (outline.names.has(anchor.nodeName)) {
    refuseOtherCluster(await monitor.serversOf(anchor.nodeName), anchor.options['server']);
    return;
  }
  try {
    await monitor.tryExecute('blockdev-add', anchor.options, nodeExists, SHARE_COMMAND_MS);
  } catch (thrown) {
    if (!(thrown instanceof QmpCommandError)) throw thrown;
    warn('the share has no anchor file: opening and closing its last disk stops the guest for about 10 s', {
      said: thrown.description,
      file: anchor.options['path'],
    });
  }
}

/** QEMU finds its connection by the Gluster volume's name alone: a second cluster's volume of the same name would be mixed up. */
function refuseOtherCluster(open: readonly string[], wanted: unknown): void {
  const hosts = Array.isArray(wanted)
    ? wanted.map((one: { host: string; port: string }) => `${one.host}:${one.port}`)
    : [];
  if (open.length > 0 && !hosts.some((host) => open.includes(host))) {
    throw new ServiceError(
      'bad_request',
      'The guest already uses an equally named Gluster volume of another cluster.',
      {
        context: { open, hosts },
      },
    );
  }
}

/** Adds the nodes in order; answers the names of those that were not there before, for an undo. */
export async function openNodes(monitor: GuestMonitor, nodes: readonly NodeOptions[]): Promise<readonly string[]> {
  const keyIds = [...new Set(nodes.flatMap(({ keyId }) => (keyId === undefined ? [] : [keyId])))];
  return withSecrets(monitor, keyIds, () => openInOrder(monitor, nodes));
}

async function openInOrder(monitor: GuestMonitor, nodes: readonly NodeOptions[]): Promise<readonly string[]> {
  const opened: string[] = [];
  // A guest that an older version has started does not have it.
  await monitor.tryExecute('object-add', passOnGroup, /duplicate/i);
  for (const { nodeName, options } of nodes) {
    try {
      if (await monitor.tryExecute('blockdev-add', options, nodeExists, SHARE_COMMAND_MS)) opened.push(nodeName);
    } catch (thrown) {
      if (!(thrown instanceof QmpCommandError)) throw thrown;
      await closeNodes(monitor, opened.reverse());
      throw openFailure(thrown, options);
    }
  }
  return opened;
}

function fileNamed(source: unknown): unknown {
  return isObject(source) ? (source['path'] ?? source['filename']) : source;
}

function openFailure(refusal: QmpCommandError, options: Readonly<Record<string, unknown>>): ServiceError {
  const context = {
    said: refusal.description,
    node: options['node-name'],
    file: fileNamed(options['file']),
  };
  if (/Transport endpoint|Connection|timed out|unreachable/i.test(refusal.description)) {
    return new ServiceError('backend_offline', 'The share cannot be reached from the guest’s host.', { context });
  }
  return new ServiceError('chain_mismatch', 'An image file of the volume could not be opened.', { context });
}

/** Closes the nodes in the given order (parents first), and what talks to the share for a file's node since an outage. */
export async function closeNodes(monitor: GuestMonitor, nodeNames: readonly string[]): Promise<void> {
  for (const nodeName of nodeNames.flatMap((name) => [name, ...renewedNames(name)])) {
    await monitor.tryExecute('blockdev-del', { 'node-name': nodeName }, nodeGone, SHARE_COMMAND_MS);
  }
}

/** Closes every node of the volume that nothing uses, parents first, until none is left that could be closed. */
export async function closeVolumeNodes(monitor: GuestMonitor, volumeId: string): Promise<void> {
  for (;;) {
    const outline = await monitor.blockOutline();
    const idle = [...outline.names].filter(
      (name) => isNodeOfVolume(name, volumeId) && parentsOf(outline, name).length === 0,
    );
    if (idle.length === 0) return;
    await closeNodes(monitor, idle);
  }
}
