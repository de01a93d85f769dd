// Self-heal and split brain in a lab. The backlog is read from the bricks' own index (`.glusterfs/indices/xattrop`, one entry for each
// file that another replica still lacks something of), which is what `gluster volume heal V info` counts, without its seconds.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from '../../deploy/programs.js';
import type { GlusterLab } from './gluster-lab.js';
import { askLab } from './gluster-lab-bricks.js';
import { waitFor } from './wait-for.js';

const index = path.join('.glusterfs', 'indices', 'xattrop');

/** Entries that some replica has to heal, over all bricks of the volume. 0 when all replicas agree. */
export function healBacklog(lab: GlusterLab, volume?: string): number {
  return [1, 2, 3].reduce((sum, node) => sum + pendingOn(lab.brickPath(node, index, volume)), 0);
}

/** Tells the self-heal daemon to begin now (it looks every ten minutes by itself) and waits until nothing is left to heal. */
export async function waitForHeal(lab: GlusterLab, volume?: string, timeoutMs = 120_000): Promise<void> {
  const name = volume ?? lab.volumes[0] ?? '';
  let nextWish = 0;
  await waitFor(
    `${name} to be healed`,
    async () => {
      if (healBacklog(lab, volume) === 0) return true;
      if (performance.now() > nextWish) {
        nextWish = performance.now() + 2_000; // the daemon may not have seen the brick come back at the first wish
        await askLab(lab, ['volume', 'heal', name]);
      }
      return false;
    },
    { timeoutMs, intervalMs: 100 },
  );
}

/**
 * Nodes 1 and 3 against node 2 over one file, as if each side had taken a write while the other was away: what AFR keeps for that is
 * written to the bricks directly (extended attributes `trusted.afr.*` and index entries), because no real order of outages ends so
 * while quorum holds. Every access to the file through a mount fails afterwards (GlusterFS 10.3 says
 * ENOTCONN), until `endSplitBrain`.
 */
export function makeSplitBrain(lab: GlusterLab, file: string, volume?: string): void {
  const name = volume ?? lab.volumes[0] ?? '';
  for (const [node, accused] of [
    [1, [2]],
    [2, [1, 3]],
    [3, [2]],
  ] as const) {
    const onBrick = lab.brickPath(node, file, volume);
    const handle = openSync(onBrick, 'r+');
    writeSync(handle, node === 2 ? 'written on two' : 'written on one', 0);
    closeSync(handle);
    for (const other of accused) {
      // Three counters of 32 bits: data, metadata, entries. One operation on the data of the other is pending.
      xattr(['setfattr', '-n', `trusted.afr.${name}-client-${other - 1}`, '-v', '0x000000010000000000000000', onBrick]);
    }
    writeFileSync(path.join(lab.brickPath(node, index, volume), gfidOf(lab, node, file, volume)), '');
  }
}

/** Takes back what node 2 says of the others, and lets it be healed from them. */
export async function endSplitBrain(lab: GlusterLab, file: string, volume?: string): Promise<void> {
  const name = volume ?? lab.volumes[0] ?? '';
  for (const other of [1, 3]) {
    xattr(['setfattr', '-x', `trusted.afr.${name}-client-${other - 1}`, lab.brickPath(2, file, volume)]);
  }
  // The index entry goes with the accusation; self-heal clears only those of the replicas that it heals from.
  const mine = readdirSync(lab.brickPath(2, index, volume)).filter((entry) => entry === gfidOf(lab, 2, file, volume));
  for (const entry of mine) rmSync(path.join(lab.brickPath(2, index, volume), entry));
  await waitForHeal(lab, volume);
}

/**
 * What `gluster volume heal V info` would print. The command itself asks /var/run/glusterd.socket whatever socket it is given
 * (GlusterFS 10.3: cli starts glfsheal without it), so that program is asked directly.
 */
export async function healInfo(lab: GlusterLab, volume?: string): Promise<string> {
  const [node] = lab.nodes;
  if (node === undefined) throw new Error('the lab has no node');
  const name = volume ?? lab.volumes[0] ?? '';
  const program = '/usr/lib/x86_64-linux-gnu/glusterfs/glfsheal';
  const argv = ['nsenter', `--net=${node.namespacePath}`, '--', program, name, 'glusterd-sock', node.glusterdSocket];
  return mustRun(argv as [string, ...string[]], 'glusterfs-server 10 of Debian 12 has glfsheal');
}

function pendingOn(directory: string): number {
  return readdirSync(directory).filter((name) => !name.startsWith('xattrop-')).length;
}

function gfidOf(lab: GlusterLab, node: number, file: string, volume?: string): string {
  const onBrick = lab.brickPath(node, file, volume);
  const gfid = xattr(['getfattr', '--absolute-names', '--only-values', '-n', 'trusted.gfid', onBrick]).toString('hex');
  return gfid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function xattr(argv: readonly [string, ...string[]]): Buffer {
  const [program, ...args] = argv;
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}
