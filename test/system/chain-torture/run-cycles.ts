// The two kinds of cycles with all that they need: offline on a plain directory (no share has a part in what could grow), live on the
// stage's lab under a writing guest.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { DiskModel } from './disk-model.js';
import { type CycleFigures, cycleLive, cycleOffline } from './snapshot-cycles.js';
import { TornDisk } from './torn-disk.js';
import { Dice } from './torture-plan.js';
import { DISK_BYTES, type TortureStage } from './torture-stage.js';

export async function runOfflineCycles(cycles: number): Promise<CycleFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sgr-cycles-'));
  const mount = path.join(folder, 'share');
  mkdirSync(mount);
  const raw = { driver: 'directory', saggar_directories: [mount] };
  const driver = createVolumeDriver(parseBackendOptions('cycles', raw), { runner: systemCommandRunner });
  try {
    await driver.setup();
    const parts = { driver, share: directoryShareName(mount), mount, dice: new Dice('cycles') };
    const disk = await TornDisk.make(parts, 'qcow2', await DiskModel.make(path.join(folder, 'model'), DISK_BYTES));
    await disk.writeOffline(20);
    const figures = await cycleOffline(disk, cycles);
    await disk.verifyAtRest();
    return figures;
  } finally {
    await driver.close();
    rmSync(folder, { recursive: true });
  }
}

export async function runLiveCycles(stage: TortureStage, cycles: number): Promise<CycleFigures> {
  const guest = stage.guest ?? assert.fail('the stage has no guest');
  const disk = await stage.makeDisk('live-cycles', 'qcow2');
  const device = await guest.attach(guest.diskOf(disk.volumeId, disk.chain, stage.lab.access()));
  try {
    await guest.sh(`writer start ${device} 2 1`);
    const figures = await cycleLive(disk, guest, cycles);
    await guest.sh('writer stop');
    assert.match(await guest.sh('writer verify'), /^verified/);
    assert.match(await guest.sh('writer status'), /^\d+ 0 stopped$/);
    await guest.demandGraph(disk.volumeId, disk.chain);
    return figures;
  } finally {
    await guest.sh('[ ! -e /run/writer-default/pid ] || writer stop');
    await guest.detach(disk.volumeId);
    await disk.remove();
  }
}

export function figuresText(kind: string, figures: CycleFigures): string {
  const { cycles, snapshotP50Ms, deleteP50Ms, allocatedBefore, allocatedAfter } = figures;
  const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(1);
  const times = `snapshot ${snapshotP50Ms.toFixed(1)} ms, delete ${deleteP50Ms.toFixed(1)} ms (p50)`;
  return `${cycles} cycles ${kind}: ${times}; allocated ${mib(allocatedBefore)} MiB before, ${mib(allocatedAfter)} MiB after`;
}
