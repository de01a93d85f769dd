// `npm run bench -- --pause N`: how long a guest's writes stand still for a live snapshot, seen from inside the guest, on a lab of three
// bricks. The guest writes 4 KiB after 4 KiB past its page cache; its kernel notes when each request was completed (tracefs, microseconds).
// A round is the longest time between two completions around one switch, beside the same time without a switch (how much is the machine's), and around
// the three commands that no switch can do without, given by hand at QEMU's second monitor (how much is QEMU's and Gluster's own).
import assert from 'node:assert/strict';
import os from 'node:os';
import { layerNodes } from '../../drivers/qemu/disk-options.js';
import { layerNodeNames } from '../../drivers/qemu/node-names.js';
import { QmpClient } from '../../drivers/qemu/qmp-client.js';
import { transportOf } from '../../drivers/qemu/share-transport.js';
import { activeLayer, appendOverlay } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { quietWork, type TornDisk } from '../system/chain-torture/torn-disk.js';
import type { TortureGuest } from '../system/chain-torture/torture-guest.js';
import { TortureStage } from '../system/chain-torture/torture-stage.js';
import { percentile } from './measurements.js';

export interface Pauses {
  /** Milliseconds: the longest time between two completed writes, one value a round. */
  readonly withSwitch: readonly number[];
  readonly without: readonly number[];
  /** The same switch by hand: two nodes opened, one transaction, nothing compared. */
  readonly byHand: readonly number[];
  /** Milliseconds that the driver's verb took, the opening of the overlay in QEMU included. */
  readonly switches: readonly number[];
}

const TRACING = '/sys/kernel/tracing';
/** How long the guest writes in a round before and after the switch, seconds. */
const HALF_WINDOW = 0.3;

const longestGap = [
  `awk '/block_rq_complete/ {`,
  `for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\\.[0-9]+:$/) t = $i + 0;`,
  `if (last > 0 && t - last > most) most = t - last; last = t; n++ }`,
  `END { printf "%d %.3f\\n", n, most * 1000 }' ${TRACING}/trace`,
].join(' ');

export async function measurePauses(rounds: number): Promise<Pauses> {
  const stage = await TortureStage.open({ sharded: false, guest: true });
  try {
    const guest = stage.guest ?? assert.fail('no guest');
    const disk = await stage.makeDisk('pause', 'qcow2');
    const device = await guest.attach(guest.diskOf(disk.volumeId, disk.chain, stage.lab.access()));
    await guest.sh(`[ -d ${TRACING}/events ] || mount -t tracefs tracefs ${TRACING}`);
    await guest.sh(`echo 4096 > ${TRACING}/buffer_size_kb; echo 1 > ${TRACING}/events/block/block_rq_complete/enable`);
    // Allocated once: what is measured is the switch, not the growth of a file.
    await guest.sh(`dd if=/dev/zero of=${device} bs=1M count=8 conv=fsync 2>/dev/null`);
    const loop = `while [ ! -e /run/enough ]; do dd if=/dev/zero of=${device} bs=4k count=512 oflag=direct 2>/dev/null; done`;
    await guest.sh(`rm -f /run/enough; (${loop}) > /dev/null 2>&1 &`);
    const pauses = {
      withSwitch: [] as number[],
      without: [] as number[],
      byHand: [] as number[],
      switches: [] as number[],
    };
    const monitor = new QmpClient(guest.qmpSocket);
    await monitor.connect();
    for (let round = 0; round < rounds; round += 1) {
      pauses.without.push(await inWindow(guest, () => Promise.resolve()));
      const switchOnce = async () => void pauses.switches.push(await takeSnapshot(guest, disk));
      pauses.withSwitch.push(await inWindow(guest, switchOnce));
      await mergeAgain(guest, disk);
      pauses.byHand.push(await inWindowByHand(stage, disk, monitor));
      await mergeAgain(guest, disk);
    }
    await monitor.close();
    await guest.sh('touch /run/enough; sleep 1');
    await guest.detach(disk.volumeId);
    return pauses;
  } finally {
    await stage.close();
  }
}

async function inWindow(guest: TortureGuest, act: () => Promise<void>): Promise<number> {
  await guest.sh(`echo > ${TRACING}/trace; echo 1 > ${TRACING}/tracing_on; sleep ${HALF_WINDOW}`);
  await act();
  await guest.sh(`sleep ${HALF_WINDOW}; echo 0 > ${TRACING}/tracing_on`);
  const [writes, most] = (await guest.sh(longestGap)).split(' ').map(Number);
  assert.ok(writes !== undefined && writes > 20 && most !== undefined, `${writes} writes are too few to see a pause`);
  return most;
}

/** What is opened is named as the driver names it, so that the driver can merge it afterwards. */
async function inWindowByHand(stage: TortureStage, disk: TornDisk, monitor: QmpClient): Promise<number> {
  const { volumeId, chain } = disk;
  const snapshotId = newId<string & {}>();
  const overlayFile = await disk.prepareOverlay(snapshotId);
  const nodes = layerNodes(volumeId, { file: overlayFile, format: 'qcow2' }, transportOf(stage.lab.access()), null);
  const node = layerNodeNames(volumeId, activeLayer(chain).file).format;
  const overlay = layerNodeNames(volumeId, overlayFile).format;
  const most = await inWindow(stage.guest ?? assert.fail('no guest'), async () => {
    for (const { options } of nodes) await monitor.execute('blockdev-add', options);
    await monitor.execute('transaction', { actions: [{ type: 'blockdev-snapshot', data: { node, overlay } }] });
  });
  await disk.record(appendOverlay(chain, overlayFile, snapshotId));
  return most;
}

async function takeSnapshot(guest: TortureGuest, disk: TornDisk): Promise<number> {
  const snapshotId = newId<string & {}>();
  const overlayFile = await disk.prepareOverlay(snapshotId);
  const { volumeId, chain } = disk;
  const start = performance.now();
  await guest.driver.switchToOverlays({ serverId: guest.serverId, disks: [{ volumeId, chain, overlayFile }] });
  const took = performance.now() - start;
  await disk.record(appendOverlay(chain, overlayFile, snapshotId));
  return took;
}

async function mergeAgain(guest: TortureGuest, disk: TornDisk): Promise<void> {
  const plan = disk.planDelete(1, 'down');
  const { volumeId, chain } = disk;
  await guest.driver.mergeLayer({ serverId: guest.serverId, volumeId, chain, file: plan.removed.file }, quietWork());
  await disk.afterDelete(plan);
}

export function printPauses({ withSwitch, without, byHand, switches }: Pauses): void {
  const row = (name: string, values: readonly number[], goal = '') => {
    const cells = [0.5, 0.99].map((share) => `${percentile(values, share).toFixed(1)} ms`.padStart(12));
    process.stdout.write(`${name.padEnd(52)}${cells.join('')}  ${goal}\n`);
  };
  process.stdout.write(`${''.padEnd(52)}${'p50'.padStart(12)}${'p99'.padStart(12)}\n`);
  row('longest gap between two writes, live snapshot', withSwitch, 'goal 30 ms');
  row('longest gap between two writes, the same by hand', byHand);
  row('longest gap between two writes, nothing done', without);
  row('the verb: open the overlay and switch', switches);
  process.stdout.write(
    `${withSwitch.length} rounds; load of the machine over the last minute: ${os.loadavg()[0]?.toFixed(2)}\n`,
  );
}
