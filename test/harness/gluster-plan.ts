// A private glusterd for one test file: network namespace, bridge and subnet by names of its own, so that two runs on one machine do
// not meet.
import path from 'node:path';
import type { GlusterPlan } from '../../deploy/gluster.js';
import { ensureLayout } from '../../deploy/state-directory.js';

/** All state goes into `gluster/` below the folder; the caller starts it, stops it and removes the folder. */
export async function privateGlusterPlan(folder: string, nodes = 1): Promise<GlusterPlan> {
  const { tag, subnet } = await ensureLayout(folder);
  return { directory: path.join(folder, 'gluster'), tag, subnet, nodes };
}
