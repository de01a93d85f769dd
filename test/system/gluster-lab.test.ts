// The three-brick lab itself: a brick that dies and heals, one that hangs, a split brain, one more peer, and nothing left of it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listShares } from '../../deploy/mounts.js';
import { namespacesOf } from '../../deploy/network.js';
import { type GlusterLab, openGlusterLab, whyNoLab } from '../harness/gluster-lab.js';
import {
  askLab,
  findBrick,
  hangBrick,
  killBrick,
  killNode,
  restartBrick,
  restartNode,
  waitForMount,
  wakeBrick,
} from '../harness/gluster-lab-bricks.js';
import { endSplitBrain, healBacklog, healInfo, makeSplitBrain, waitForHeal } from '../harness/gluster-lab-heal.js';

describe('a lab of three bricks', function suite() {
  this.timeout(900_000);
  let lab: GlusterLab;
  const file = (name: string): string => path.join(lab.work, 'mnt', name);

  before(async function open() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    const start = performance.now();
    lab = await openGlusterLab();
    console.log(`      ready after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    await lab.mount(path.join(lab.work, 'mnt'));
  });
  after(() => lab?.close());

  it('goes on with one brick dead, knows what it lacks, and heals it', async () => {
    writeFileSync(file('healed'), 'before');
    await killBrick(lab, 3);
    assert.equal(await findBrick(lab, 3), null);
    writeFileSync(file('healed'), 'during');
    assert.equal(readFileSync(lab.brickPath(3, 'healed'), 'utf8'), 'before');
    assert.ok(healBacklog(lab) > 0);
    await restartBrick(lab, 3);
    await waitForHeal(lab);
    for (const node of [1, 2, 3]) assert.equal(readFileSync(lab.brickPath(node, 'healed'), 'utf8'), 'during');
  });

  it('goes on after a brick hung for a moment', async () => {
    await hangBrick(lab, 2);
    await wakeBrick(lab, 2);
    writeFileSync(file('hung'), 'x');
    assert.equal(readFileSync(lab.brickPath(2, 'hung'), 'utf8'), 'x');
  });

  it('brings back a whole server', async () => {
    await waitForMount(lab, file(''));
    await killNode(lab, 2);
    writeFileSync(file('alone'), 'x');
    await restartNode(lab, 2);
    await waitForHeal(lab);
    assert.equal(readFileSync(lab.brickPath(2, 'alone'), 'utf8'), 'x');
  });

  it('makes a split brain, and ends it', async () => {
    await waitForMount(lab, file(''));
    writeFileSync(file('split'), 'one and the same');
    makeSplitBrain(lab, 'split');
    assert.throws(() => readFileSync(file('split')), /E(IO|NOTCONN)/);
    assert.match(await healInfo(lab), /^\/split $/m);
    await endSplitBrain(lab, 'split');
    assert.equal(readFileSync(file('split'), 'utf8').slice(0, 14), 'written on one');
  });

  it('takes one more server into the pool', async () => {
    const { address } = await lab.addPeer();
    assert.match((await askLab(lab, ['peer', 'status'])).text, new RegExp(address));
  });

  it('leaves nothing', async () => {
    await lab.close();
    assert.deepEqual(await namespacesOf(lab.plan.tag), []);
    assert.deepEqual(
      listShares().filter(({ source }) => source.startsWith(`${lab.plan.subnet}.`)),
      [],
    );
    assert.equal(existsSync(lab.directory), false);
    assert.ok(!readFileSync('/proc/net/dev', 'utf8').includes(`sg${lab.plan.tag}`));
  });
});
