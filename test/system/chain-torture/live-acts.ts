// The acts on a disk that a guest has open and writes to: a background writer runs from before the act until after it, and the guest
// writes a pattern of its own right after the act. Then the guest's own sums, the block graph, the headers and the record are held
// against the model, and the disk is unplugged so that the caller can verify it at rest.
import assert from 'node:assert/strict';
import { activeLayer, appendOverlay, findChainDifference } from '../../../services/core/domain/chain.js';
import type { MergeDirection } from '../../../services/core/domain/chain-merge.js';
import { newId } from '../../../services/core/domain/ids.js';
import { planFlatten } from '../../../services/core/domain/shared-layers.js';
import type { GlusterLab } from '../../harness/gluster-lab.js';
import { patternBytes } from './disk-model.js';
import { regionAfter, writesSeen } from './guest-writer.js';
import { drain, timed } from './offline-acts.js';
import { quietWork, type TornDisk } from './torn-disk.js';
import type { TortureGuest } from './torture-guest.js';
import type { TortureCase } from './torture-plan.js';

const MIB = 1024 ** 2;
/** The writer's region: a MiB in the middle of the disk, so that it lies over what the layers hold there. */
const REGION_MIB = 5;

export interface LivePlace {
  readonly disk: TornDisk;
  readonly copy: TornDisk | null;
  readonly guest: TortureGuest;
  readonly lab: GlusterLab;
}

export async function actLive(wanted: TortureCase, place: LivePlace): Promise<number> {
  const { guest, lab } = place;
  const disk = wanted.act === 'flatten' ? (place.copy ?? assert.fail('no copy')) : place.disk;
  const device = await guest.attach(guest.diskOf(disk.volumeId, disk.chain, lab.access()));
  try {
    assert.equal(await guestSum(guest, device, disk), await disk.model.md5(), 'the guest sees something else at first');
    const act = new LiveActs(guest, disk, device);
    await act.startWriter();
    const took = await act.perform(wanted);
    await act.writePattern(1 + disk.parts.dice.below(3));
    await act.stopWriter();
    await act.verify();
    return took;
  } finally {
    // A writer that goes on without its disk would make an ordinary file in its place, which the next disk would then not get.
    await guest.sh('[ ! -e /run/writer-default/pid ] || writer stop');
    await guest.detach(disk.volumeId);
  }
}

class LiveActs {
  private before: Buffer = Buffer.alloc(0);

  constructor(
    private readonly guest: TortureGuest,
    private readonly disk: TornDisk,
    private readonly device: string,
  ) {}

  async perform(wanted: TortureCase): Promise<number> {
    const { disk, guest } = this;
    switch (wanted.act) {
      case 'create':
        return this.snapshot();
      case 'delete-down':
        return timed(() => this.remove(wanted.position, 'down'));
      case 'delete-up':
        return timed(() => this.remove(wanted.position, 'up'));
      case 'extend': {
        const { serverId, driver } = guest;
        const sizeBytes = disk.model.sizeBytes * 1.5;
        const took = await timed(() => driver.resizeDisk(serverId, disk.volumeId, disk.chain, sizeBytes));
        await disk.afterExtend(sizeBytes);
        const name = this.device.slice('/dev/'.length);
        const sectors = String(sizeBytes / 512);
        await guest.sh(
          `n=0; while [ $(cat /sys/block/${name}/size) != ${sectors} ]; do n=$((n+1)); [ $n -lt 200 ] || exit 1; usleep 20000; done`,
        );
        return took;
      }
      case 'flatten':
        return timed(() => this.flatten());
      case 'drain':
        return drain(
          disk,
          (position, direction) => this.remove(position, direction),
          () => this.verifyWhileWriting(),
          () => this.writePattern(1 + disk.parts.dice.below(3)),
        );
      case 'revert':
        return assert.fail('a disk in use is never reverted');
    }
  }

  async startWriter(): Promise<void> {
    this.before = await this.disk.model.read(REGION_MIB * MIB, MIB);
    await this.guest.sh(`writer start ${this.device} ${REGION_MIB} 1`);
    await this.guest.sh(
      'n=0; while [ $(cat /run/writer-default/acknowledged) -lt 3 ]; do n=$((n+1)); [ $n -lt 500 ] || exit 1; usleep 20000; done',
    );
  }

  async stopWriter(): Promise<void> {
    const [writes, errors] = (await this.guest.sh('writer stop; writer status'))
      .split('\n')
      .slice(-1)
      .join()
      .split(' ');
    assert.equal(errors, '0', 'the guest saw errors');
    assert.match(await this.guest.sh('writer verify'), /^verified/);
    await this.disk.model.write(REGION_MIB * MIB, regionAfter(Number(writes), this.before));
  }

  async writePattern(mib: number): Promise<void> {
    const { disk, guest } = this;
    const seed = `s${disk.parts.dice.below(1_000_000)}`;
    const first = disk.parts.dice.below(2) === 0 ? REGION_MIB - mib : REGION_MIB + 1 + disk.parts.dice.below(4);
    await guest.sh(`pattern ${this.device} ${seed} ${first} ${mib}`);
    await disk.model.write(first * MIB, patternBytes(seed, first, mib));
  }

  /** The frozen layers must show the writer's region as it was at one moment; that moment goes into the model. */
  private async snapshot(): Promise<number> {
    const { disk, guest } = this;
    const snapshotId = newId<string & {}>();
    const overlayFile = await disk.prepareOverlay(snapshotId);
    const { chain, volumeId } = disk;
    const wish = { serverId: guest.serverId, disks: [{ volumeId, chain, overlayFile }] };
    const took = await timed(() => guest.driver.switchToOverlays(wish));
    const frozen = activeLayer(chain);
    await disk.record(appendOverlay(chain, overlayFile, snapshotId));
    await disk.model.keep(snapshotId);
    const region = await disk.readFlat(frozen, REGION_MIB * MIB, MIB);
    writesSeen(region, this.before);
    await disk.model.write(REGION_MIB * MIB, region, disk.model.snapshotFile(snapshotId));
    return took;
  }

  private async remove(position: number, direction: MergeDirection): Promise<void> {
    const { disk, guest } = this;
    const plan = disk.planDelete(position, direction);
    const { volumeId, chain } = disk;
    const wish = { serverId: guest.serverId, volumeId, chain, file: plan.removed.file, direction };
    const { layers } = await guest.driver.mergeLayer(wish, quietWork());
    assert.equal(findChainDifference(plan.result, layers), null);
    await disk.afterDelete(plan);
  }

  private async flatten(): Promise<void> {
    const { disk, guest } = this;
    const plan = planFlatten(disk) ?? assert.fail('nothing is shared');
    const { volumeId, chain } = disk;
    await guest.driver.flattenDisk({ serverId: guest.serverId, volumeId, chain, file: plan.base.file }, quietWork());
    disk.foreignLayers = 0;
    await disk.record(plan.result);
  }

  async verify(): Promise<void> {
    await this.verifyWhileWriting();
    const { disk, guest } = this;
    assert.equal(await guestSum(guest, this.device, disk), await disk.model.md5(), 'the guest sees something else');
  }

  private async verifyWhileWriting(): Promise<void> {
    const { disk, guest } = this;
    await guest.demandGraph(disk.volumeId, disk.chain);
    await disk.verifyRecord();
    await disk.verifySnapshots();
  }
}

function guestSum(guest: TortureGuest, device: string, disk: TornDisk): Promise<string> {
  return guest.sh(`checksum ${device} 0 ${disk.model.sizeBytes / MIB}`);
}
