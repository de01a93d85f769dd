// The stage of the torture: a lab of three bricks, a volume driver on it, a guest. Runs one case at a time and says how long the act
// took. A failed case leaves the lab as it is until the next one begins; its name is all that is needed to run it again.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { mountPathOf } from '../../../drivers/gluster/share-text.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { type GlusterLab, openGlusterLab } from '../../harness/gluster-lab.js';
import { DiskModel } from './disk-model.js';
import { actLive } from './live-acts.js';
import { actOffline, makeCopy } from './offline-acts.js';
import { demandNoStrangers, TornDisk, wipeShare } from './torn-disk.js';
import { TortureGuest } from './torture-guest.js';
import { Dice, nameOf, type TortureCase } from './torture-plan.js';

export const DISK_BYTES = 16 * 1024 ** 2;

export interface CaseTimes {
  /** Milliseconds of the act itself: the driver's verbs, without building and verifying. */
  readonly actMs: number;
  readonly wholeMs: number;
}

export interface StageOptions {
  readonly sharded: boolean;
  /** Offline cases need none. */
  readonly guest: boolean;
}

export class TortureStage {
  private constructor(
    readonly lab: GlusterLab,
    readonly driver: ShareVolumeDriver,
    readonly guest: TortureGuest | null,
    readonly mount: string,
  ) {}

  static async open({ sharded, guest }: StageOptions): Promise<TortureStage> {
    const lab = await openGlusterLab({ sharded });
    const started: { close(): Promise<void> }[] = [];
    try {
      const mounts = path.join(lab.work, 'mnt');
      mkdirSync(mounts);
      const raw = { glusterfs_shares_config: lab.sharesFile, glusterfs_mount_point_base: mounts };
      const driver = createVolumeDriver(parseBackendOptions('torture', raw), { runner: systemCommandRunner });
      started.push(driver);
      await driver.setup();
      const torn = guest ? await TortureGuest.make(lab.work) : null;
      if (torn !== null) started.push(torn);
      await torn?.boot();
      return new TortureStage(lab, driver, torn, mountPathOf(mounts, lab.share()));
    } catch (thrown) {
      for (const part of started.reverse()) await part.close();
      await lab.close();
      throw thrown;
    }
  }

  async run(wanted: TortureCase): Promise<CaseTimes> {
    const started = performance.now();
    const name = nameOf(wanted);
    await wipeShare(this.mount);
    const models = path.join(this.lab.work, 'models', name);
    const disk = await this.makeDisk(name, wanted.base);
    await disk.writeOffline();
    for (let index = 0; index < wanted.depth; index += 1) {
      await disk.snapshotOffline();
      await disk.writeOffline();
    }
    const copy = wanted.act === 'flatten' ? await makeCopy(disk, wanted.position, path.join(models, 'copy')) : null;
    const actMs =
      wanted.place === 'offline'
        ? await actOffline(wanted, disk, copy)
        : await actLive(wanted, { disk, copy, guest: this.guest ?? assert.fail('no guest'), lab: this.lab });
    const disks = copy === null ? [disk] : [copy, disk];
    for (const one of disks) await one.verifyAtRest();
    await demandNoStrangers(this.mount, disks);
    for (const one of disks) await one.remove();
    return { actMs, wholeMs: performance.now() - started };
  }

  /** A disk without snapshots, for the cycles. */
  async makeDisk(name: string, base: TortureCase['base']): Promise<TornDisk> {
    const parts = { driver: this.driver, share: this.lab.share(), mount: this.mount, dice: new Dice(name) };
    const model = await DiskModel.make(path.join(this.lab.work, 'models', name), DISK_BYTES);
    return TornDisk.make(parts, base, model);
  }

  async close(): Promise<void> {
    await this.guest?.close();
    await this.driver.close();
    await this.lab.close();
  }
}
