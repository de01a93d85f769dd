// A private Gluster pool for tests that want bricks to die: three glusterd, each in a network namespace of its own on one bridge, and
// a replica-3 volume with the options that the driver asks for. Ready in a few seconds; all state lies below one directory of /var/tmp.
//
//   const lab = await openGlusterLab();                      // or { sharded: true, volumes: ['a', 'b'], options: {…} }
//   lab.sharesFile, lab.share(), lab.access()                // for a volume driver and for a hypervisor driver
//   await lab.mount('/tmp/x')                                // a mount that caches nothing
//   await killBrick(lab, 2); await restartBrick(lab, 2); await waitForHeal(lab);      (gluster-lab-bricks.ts)
//   await makeSplitBrain(lab, 'file'); await lab.addPeer();                           (gluster-lab-heal.ts)
//   await lab.close();                                       // in an `after`: removes processes, mounts, namespaces and files
//
// Nodes are counted from 1; replica n is node n's brick. A lab whose owner was killed is removed by the next one that opens
// (`sweepDeadLabs`), as far as it can still see it: its mounts and namespaces belong to the mount namespace that made them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ensureVolume,
  type GlusterPlan,
  type RunningGluster,
  sharesFileText,
  startGluster,
  stopGluster,
} from '../../deploy/gluster.js';
import type { GlusterNode } from '../../deploy/gluster-command.js';
import { unmountBelow } from '../../deploy/mounts.js';
import { namespacesOf, processesIn } from '../../deploy/network.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../../deploy/processes.js';
import { mustRun } from '../../deploy/programs.js';
import { ensureLayout } from '../../deploy/state-directory.js';
import type { ShareAccess } from '../../drivers/volume-driver.js';
import { privateDirectory } from './environment.js';

export interface GlusterLabOptions {
  /** Gluster volumes to make, all replica 3; default one, `lab`. */
  readonly volumes?: readonly string[];
  /** As `group virt` does, with shards of 4 MiB, so that small disks have several. Default false. */
  readonly sharded?: boolean;
  /** More options of every volume, beside those the driver asks for. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface GlusterLab {
  /** Everything of the lab lies below; tests may put files of their own into `work/`. */
  readonly directory: string;
  readonly work: string;
  readonly plan: GlusterPlan;
  readonly nodes: readonly GlusterNode[];
  /** In Cinder's format, with every volume; the other nodes are backup servers. */
  readonly sharesFile: string;
  readonly volumes: readonly string[];
  /** `10.x.y.2:/lab`; the first volume when none is named. */
  share(volume?: string): string;
  access(volume?: string): ShareAccess;
  /** The file or directory on the brick of one node. */
  brickPath(node: number, file?: string, volume?: string): string;
  /** Mounts without any cache (as the driver does); unmounted by `close`. */
  mount(mountPoint: string, volume?: string): Promise<void>;
  unmount(mountPoint: string): Promise<void>;
  /** Adds a glusterd to the pool, without a brick; answers its node. */
  addPeer(): Promise<GlusterNode>;
  /** Ends and removes everything; safe to call twice and after a failure. */
  close(): Promise<void>;
}

const NODES = 3;
const LAB_FILE = 'lab.json';
const shardOptions = { 'features.shard': 'on', 'features.shard-block-size': '4MB', 'cluster.lookup-optimize': 'off' };

interface LabRecord {
  readonly plan: GlusterPlan;
  readonly owner: ProcessIdentity | null;
}

/** What keeps a lab from being opened here; null when nothing does. Print it before skipping. */
export function whyNoLab(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed for network namespaces';
  for (const program of ['glusterd', 'ip', 'nsenter']) {
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  }
  return null;
}

export async function openGlusterLab(options: GlusterLabOptions = {}): Promise<GlusterLab> {
  await sweepDeadLabs();
  const directory = privateDirectory();
  const { tag, subnet } = await ensureLayout(directory);
  const plan: GlusterPlan = { directory: path.join(directory, 'gluster'), tag, subnet, nodes: NODES };
  const record: LabRecord = { plan, owner: identify(process.pid) };
  writeFileSync(path.join(directory, LAB_FILE), JSON.stringify(record));
  try {
    return await buildLab(directory, plan, options);
  } catch (thrown) {
    await removeLab(directory, plan);
    throw thrown;
  }
}

async function buildLab(directory: string, plan: GlusterPlan, options: GlusterLabOptions): Promise<GlusterLab> {
  const volumes = options.volumes ?? ['lab'];
  const [main = 'lab'] = volumes;
  const work = path.join(directory, 'work');
  mkdirSync(work);
  let gluster: RunningGluster = await startGluster(plan);
  for (const name of volumes) {
    const volumeOptions = { ...(options.sharded === true ? shardOptions : {}), ...options.options };
    await ensureVolume(plan, gluster, { name, replica: NODES, options: volumeOptions });
  }
  const sharesFile = path.join(directory, 'shares');
  writeFileSync(sharesFile, sharesFileText(gluster, volumes));
  let peers = plan.nodes;
  const share = (volume = main): string => `${gluster.nodes[0]?.address ?? ''}:/${volume}`;
  return {
    directory,
    work,
    plan,
    sharesFile,
    volumes,
    get nodes() {
      return gluster.nodes;
    },
    share,
    access: (volume = main) => ({
      share: share(volume),
      glusterVolumeName: volume,
      directory: '',
      servers: gluster.nodes.slice(0, NODES).map(({ address }) => ({ host: address, port: 24_007 })),
      mountOptions: null,
    }),
    brickPath: (node, file = '', volume = main) =>
      path.join(plan.directory, `node${node}`, 'bricks', volume, file).replace(/\/$/, ''),
    async mount(mountPoint, volume = main) {
      mkdirSync(mountPoint, { recursive: true });
      const backups = gluster.nodes.slice(1, NODES).map(({ address }) => address);
      // What the driver mounts with: what a guest wrote through libgfapi must be what is read here.
      const cacheNothing = 'direct-io-mode=enable,attribute-timeout=0,entry-timeout=0,negative-timeout=0';
      const words = `${cacheNothing},backup-volfile-servers=${backups.join(':')}`;
      await mustRun(['mount', '-t', 'glusterfs', '-o', words, share(volume), mountPoint], 'read the log of the mount');
    },
    unmount: async (mountPoint) => {
      await mustRun(['umount', '--', mountPoint], 'somebody uses the mount');
    },
    async addPeer() {
      peers += 1;
      gluster = await startGluster({ ...plan, nodes: peers });
      const added = gluster.nodes.at(-1);
      if (added === undefined) throw new Error('the pool has no nodes');
      return added;
    },
    close: () => removeLab(directory, plan),
  };
}

/** Removes labs below /var/tmp whose owner is gone. Those of living processes are left alone. */
async function sweepDeadLabs(): Promise<void> {
  const parent = '/var/tmp';
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith('saggar-'))) {
    const directory = path.join(parent, name);
    const file = path.join(directory, LAB_FILE);
    if (!existsSync(file)) continue;
    const { plan, owner } = JSON.parse(readFileSync(file, 'utf8')) as LabRecord;
    if (owner === null || !isAlive(owner)) await removeLab(directory, plan);
  }
}

async function removeLab(directory: string, plan: GlusterPlan): Promise<void> {
  if (!existsSync(directory)) return;
  await unmountBelow(directory);
  // A brick that a test stopped would not hear SIGTERM.
  for (const namespace of await namespacesOf(plan.tag)) {
    for (const pid of await processesIn(namespace)) {
      const identity = identify(pid);
      if (identity !== null) signalProcess(identity, 'SIGCONT');
    }
  }
  await stopGluster(plan);
  rmSync(directory, { recursive: true, force: true });
}
