// Stops a guest for the few milliseconds in which no write of it may come between two steps, and lets it go on afterwards, also when
// the worker dies in between. That we stopped it is told by a block node without content: it lives in the same QEMU, so it is there
// exactly as long as the stop, and the next worker sees it. A guest that stands for another reason (its user paused it, an I/O error,
// not started yet) is neither stopped nor ever let go by us.
import { type GuestMonitor, SHARE_COMMAND_MS } from './guest-monitor.js';
import { nodeExists, nodeGone } from './open-nodes.js';

const HELD_NODE = 'held-by-a-merge';
const NODE_BYTES = 512;

export async function holdGuest(monitor: GuestMonitor): Promise<void> {
  if ((await monitor.runState()) !== 'running') return;
  const node = { driver: 'null-co', 'node-name': HELD_NODE, size: NODE_BYTES, 'read-only': true };
  await monitor.tryExecute('blockdev-add', node, nodeExists);
  await monitor.execute('stop', {}, SHARE_COMMAND_MS);
}

/** Nothing to do is success. */
export async function releaseHeldGuest(monitor: GuestMonitor): Promise<void> {
  if (!(await monitor.blockOutline()).names.has(HELD_NODE)) return;
  if ((await monitor.runState()) === 'paused') await monitor.execute('cont');
  await monitor.tryExecute('blockdev-del', { 'node-name': HELD_NODE }, nodeGone);
}
