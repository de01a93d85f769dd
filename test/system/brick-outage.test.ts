// Bricks that die under a writing guest, in the midst of a live merge down, a live merge up and a live snapshot: the guest notices
// nothing, the work ends, and after the heal all three replicas are the same, byte for byte. The chain and its contents are held against
// the model of the chain torture.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LongWork } from '../../drivers/volume-driver.js';
import { appendOverlay } from '../../services/core/domain/chain.js';
import type { MergeDirection } from '../../services/core/domain/chain-merge.js';
import { newId } from '../../services/core/domain/ids.js';
import { powerStates } from '../../services/core/domain/server.js';
import { whyNoLab } from '../harness/gluster-lab.js';
import { killBrick, restartBrick, waitForClient, waitForMount } from '../harness/gluster-lab-bricks.js';
import { healBacklog, waitForHeal } from '../harness/gluster-lab-heal.js';
import { waitFor } from '../harness/wait-for.js';
import { recordFigure } from '../reliability/page.js';
import { DiskModel, patternBytes } from './chain-torture/disk-model.js';
import { regionAfter, writesSeen } from './chain-torture/guest-writer.js';
import { TornDisk } from './chain-torture/torn-disk.js';
import { Dice } from './chain-torture/torture-plan.js';
import { TortureStage } from './chain-torture/torture-stage.js';

const MIB = 1024 ** 2;
const DISK_BYTES = 48 * MIB;
const WRITER_MIB = 40;

describe('a brick that dies under a guest', function suite() {
  this.timeout(900_000);
  let stage: TortureStage;
  let disk: TornDisk;
  let device = '';
  let untouched: Buffer = Buffer.alloc(MIB);

  const guest = () => stage.guest ?? assert.fail('no guest');
  const fill = async (seed: string, first: number, count: number) => {
    await guest().sh(`pattern ${device} ${seed} ${first} ${count}`);
    await disk.model.write(first * MIB, patternBytes(seed, first, count));
  };
  /** Overlay, switch, record; the frozen layer must show one moment of the writer. */
  const snapshotLive = async (meanwhile: () => Promise<void> = () => Promise.resolve()) => {
    const snapshotId = newId<string & {}>();
    const overlayFile = await disk.prepareOverlay(snapshotId);
    await meanwhile();
    const wish = { volumeId: disk.volumeId, chain: disk.chain, overlayFile };
    await guest().driver.switchToOverlays({ serverId: guest().serverId, disks: [wish] });
    const frozen = disk.chain.at(-1) ?? assert.fail('no layer');
    await disk.record(appendOverlay(disk.chain, overlayFile, snapshotId));
    await disk.model.keep(snapshotId);
    const region = await disk.readFlat(frozen, WRITER_MIB * MIB, MIB);
    writesSeen(region, untouched);
    await disk.model.write(WRITER_MIB * MIB, region, disk.model.snapshotFile(snapshotId));
  };
  const mergeLive = async (position: number, direction: MergeDirection, work: LongWork, bytesPerSecond?: number) => {
    const plan = disk.planDelete(position, direction);
    const { volumeId, chain } = disk;
    const speed = bytesPerSecond === undefined ? {} : { bytesPerSecond };
    const wish = { serverId: guest().serverId, volumeId, chain, file: plan.removed.file, direction, ...speed };
    await guest().driver.mergeLayer(wish, work);
    await disk.afterDelete(plan);
  };
  const everyBrickIsTheSame = () => {
    for (const { file } of disk.chain) {
      const sums = [1, 2, 3].map((node) => md5(stage.lab.brickPath(node, file)));
      assert.deepEqual(new Set(sums).size, 1, `${file} differs between the bricks`);
    }
  };
  const healed = async (node: number) => {
    await restartBrick(stage.lab, node);
    await waitForMount(stage.lab, stage.mount);
    await waitForClient(stage.lab, (await guest().pid()) ?? assert.fail('QEMU is gone'));
  };

  before(async function open() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    stage = await TortureStage.open({ sharded: false, guest: true });
    const parts = { driver: stage.driver, share: stage.lab.share(), mount: stage.mount, dice: new Dice('outage') };
    const model = await DiskModel.make(path.join(stage.lab.work, 'outage'), DISK_BYTES);
    disk = await TornDisk.make(parts, 'qcow2', model);
    device = await guest().attach(guest().diskOf(disk.volumeId, disk.chain, stage.lab.access()));
    await fill('base', 0, 8);
    untouched = await model.read(WRITER_MIB * MIB, MIB);
    await guest().sh(`writer start ${device} ${WRITER_MIB} 1`);
  });
  after(() => stage?.close());

  for (const [node, direction] of [
    [3, 'down'],
    [2, 'up'],
  ] as const) {
    it(`node ${node}, during a live merge ${direction}`, async () => {
      await snapshotLive();
      await fill(`${direction}-one`, 4, 16);
      await snapshotLive();
      await fill(`${direction}-two`, 12, 4);
      let killed: Promise<void> | null = null;
      let percentAtKill = 0;
      const onProgress = (percent: number) => {
        if (killed !== null || percent <= 0) return;
        percentAtKill = percent;
        killed = killBrick(stage.lab, node);
      };
      const work = { onProgress, signal: new AbortController().signal };
      await mergeLive(1, direction, work, 4 * MIB);
      assert.ok(killed !== null && percentAtKill < 100, 'the brick died while the merge ran');
      await killed;
      assert.ok(healBacklog(stage.lab) > 0, 'the dead brick lacks something');
      await guest().demandGraph(disk.volumeId, disk.chain);
      await healed(node);
    });
  }

  it('node 1, the one that the share is named after, between overlay and switch of a live snapshot', async () => {
    await snapshotLive(() => killBrick(stage.lab, 1));
    await guest().demandGraph(disk.volumeId, disk.chain);
    await fill('after', 20, 2);
    await healed(1);
  });

  for (const dead of [
    [2, 3],
    [1, 2, 3],
  ] as const) {
    it(`nodes ${dead.join(', ')} at once: the guest stands, and goes on with new nodes when they are back`, async () => {
      const { lab } = stage;
      const recover = () => guest().driver.recoverDisks(guest().serverId);
      // With dead nodes the disks cannot be told any more, but the state can.
      const powerState = async () => (await guest().driver.listServers())[0]?.powerState;
      assert.equal(await recover(), 'not-needed');
      await Promise.all(dead.map((node) => killBrick(lab, node)));
      await waitFor('the guest to stand', async () => (await powerState()) === powerStates.paused, {
        timeoutMs: 150_000,
      });
      assert.equal(await recover(), 'share-away', 'nothing is touched while the share is away');
      for (const node of dead) await restartBrick(lab, node);
      const since = performance.now();
      await waitFor('the recovery', async () => (await recover()) === 'recovered', {
        timeoutMs: 150_000,
        intervalMs: 250,
      });
      console.log(`      recovered ${(performance.now() - since).toFixed(0)} ms after the bricks were back`);
      assert.equal(await powerState(), powerStates.running);
      await guest().demandGraph(disk.volumeId, disk.chain);
      await fill(`after-${dead.length}`, 24, 2);
      await waitForMount(lab, stage.mount);
      await waitForClient(lab, (await guest().pid()) ?? assert.fail('QEMU is gone'));
      await snapshotLive();
    });
  }

  it('all nodes at once: what the guest had written and not flushed yet is there when it flushes at last', async () => {
    const { lab } = stage;
    const all = [1, 2, 3];
    const region = { first: 30, count: 6 };
    await guest().sh('writer stop');
    await disk.model.write(
      WRITER_MIB * MIB,
      regionAfter(Number(await guest().sh('cat /run/writer-default/acknowledged')), untouched),
    );
    // Nothing flushes from here on: what a write has allocated in the image is known to QEMU alone.
    const line = 'yes "pattern unflushed block $i of 6 at 30" | head -c 1048576';
    const put = `dd of=${device} bs=1M seek=$((30 + i)) iflag=fullblock oflag=direct conv=notrunc`;
    await guest().sh(`i=0; while [ $i -lt 6 ]; do ${line} | ${put} 2>/dev/null; i=$((i + 1)); done`);
    await disk.model.write(region.first * MIB, patternBytes('unflushed', region.first, region.count));
    await Promise.all(all.map((node) => killBrick(lab, node)));
    await guest().sh(
      `(dd if=/dev/zero of=${device} bs=4096 count=1 seek=$((29 * 256)) conv=notrunc,fsync && touch /run/flushed) </dev/null >/dev/null 2>&1 &`,
    );
    await waitFor(
      'the guest to stand',
      async () => (await guest().driver.listServers())[0]?.powerState === powerStates.paused,
      {
        timeoutMs: 150_000,
      },
    );
    for (const node of all) await restartBrick(lab, node);
    await waitFor('the recovery', async () => (await guest().driver.recoverDisks(guest().serverId)) === 'recovered', {
      timeoutMs: 150_000,
      intervalMs: 250,
    });
    await guest().sh(
      'i=0; while [ ! -e /run/flushed ] && [ $i -lt 300 ]; do usleep 100000; i=$((i + 1)); done; test -e /run/flushed',
    );
    await disk.model.write(29 * MIB, Buffer.alloc(4096));
    const wanted = createHash('md5')
      .update(patternBytes('unflushed', region.first, region.count))
      .digest('hex');
    assert.equal((await guest().sh(`checksum ${device} 30 6`)).trim(), wanted);
  });

  it('leaves a guest that saw no error, and three equal replicas with all snapshots', async function leaves() {
    const [writes, errors] = (await guest().sh('writer stop; writer status')).split('\n').slice(-1).join().split(' ');
    assert.equal(errors, '0');
    assert.match(await guest().sh('writer verify'), /^verified/);
    console.log(`      ${writes} writes of the guest, each with fsync, none failed`);
    await disk.model.write(WRITER_MIB * MIB, regionAfter(Number(writes), untouched));
    await guest().detach(disk.volumeId);
    await waitForHeal(stage.lab);
    await disk.verifyAtRest();
    everyBrickIsTheSame();
    // Every test before this one compares what the guest reads with what it wrote.
    recordFigure('brick-killed', {
      value: `${writes} writes with fsync under deaths of 1, 2 and 3 nodes, 0 blocks differ, 0 errors in the guest`,
      verdict: this.test?.parent?.tests.every(({ state }) => state !== 'failed') === false ? 'missed' : 'met',
    });
  });
});

function md5(file: string): string {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}
