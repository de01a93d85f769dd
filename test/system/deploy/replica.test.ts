// Three private GlusterFS nodes on one bridge: a replica 3 volume that every brick really holds, still usable with one node gone,
// and nothing left of it afterwards.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ensureVolume, type GlusterPlan, sharesFileText, startGluster, stopGluster } from '../../../deploy/gluster.js';
import { listShares } from '../../../deploy/mounts.js';
import { namespaceOf, namespacesOf, processesIn } from '../../../deploy/network.js';
import { mustRun } from '../../../deploy/programs.js';
import { privateDirectory } from '../../harness/environment.js';
import { privateGlusterPlan } from '../../harness/gluster-plan.js';

describe('three GlusterFS nodes', () => {
  let directory: string;
  let plan: GlusterPlan;

  before(async function checkRoot() {
    if (process.getuid?.() !== 0) {
      process.stdout.write('skipped: needs root\n');
      this.skip();
    }
    directory = privateDirectory();
    plan = await privateGlusterPlan(directory, 3);
  });

  after(async () => {
    if (plan === undefined) return;
    await stopGluster(plan);
    await rm(directory, { recursive: true, force: true });
  });

  const onBrick = (node: number, name: string): string =>
    path.join(plan.directory, `node${node}`, 'bricks', 'three', name);

  it('hold each file three times, and serve it with one node gone', async () => {
    const gluster = await startGluster(plan);
    await ensureVolume(plan, gluster, { name: 'three', replica: 3 });
    const [share = ''] = sharesFileText(gluster, ['three']).split(' ');
    assert.match(sharesFileText(gluster, ['three']), /^\S+:\/three -o backup-volfile-servers=\S+:\S+\n$/);
    const mountPoint = path.join(directory, 'mnt');
    mkdirSync(mountPoint);
    await mustRun(['mount', '-t', 'glusterfs', share, mountPoint], 'read the log of the mount');
    writeFileSync(path.join(mountPoint, 'before'), 'all three');
    for (const node of [1, 2, 3]) assert.equal(readFileSync(onBrick(node, 'before'), 'utf8'), 'all three');
    for (const pid of await processesIn(namespaceOf(plan.tag, 3))) process.kill(pid, 'SIGKILL');
    writeFileSync(path.join(mountPoint, 'after'), 'two of three');
    assert.equal(readFileSync(path.join(mountPoint, 'after'), 'utf8'), 'two of three');
    assert.equal(readFileSync(onBrick(2, 'after'), 'utf8'), 'two of three');
    assert.equal(existsSync(onBrick(3, 'after')), false);
  });

  it('leave nothing when they are stopped, mounts included', async () => {
    await stopGluster(plan);
    assert.deepEqual(await namespacesOf(plan.tag), []);
    assert.deepEqual(
      listShares().filter(({ source }) => source.startsWith(`${plan.subnet}.`)),
      [],
    );
    assert(!readFileSync('/proc/net/dev', 'utf8').includes(`sg${plan.tag}`));
  });
});
