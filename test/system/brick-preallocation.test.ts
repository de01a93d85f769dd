// What volumes take on the bricks, by format and preallocation, measured there: new files, grown ones, and what a guest gives back.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { Preallocation } from '../../drivers/volume-driver.js';
import { type LayerFormat, volumeFileName } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { type GlusterLab, openGlusterLab, whyNoLab } from '../harness/gluster-lab.js';
import { TortureGuest } from './chain-torture/torture-guest.js';

const MIB = 1024 ** 2;
const SIZE_MIB = 64;

describe('what volumes take on the bricks', function suite() {
  this.timeout(900_000);
  let lab: GlusterLab;
  let driver: ShareVolumeDriver;

  before(async function open() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    lab = await openGlusterLab();
    const mounts = path.join(lab.work, 'mnt');
    await mkdir(mounts);
    const raw = { glusterfs_shares_config: lab.sharesFile, glusterfs_mount_point_base: mounts };
    driver = createVolumeDriver(parseBackendOptions('taken', raw), { runner: systemCommandRunner });
    await driver.setup();
  });
  after(async () => {
    await driver?.close();
    await lab?.close();
  });

  /** MiB on each of the three bricks; they must be equal to within one. */
  const taken = (file: string): number => {
    const each = [1, 2, 3].map((node) => (statSync(lab.brickPath(node, file)).blocks * 512) / MIB);
    assert.ok(Math.max(...each) - Math.min(...each) < 1, `the bricks differ: ${each.join(', ')} MiB`);
    return each[0] ?? Number.NaN;
  };
  const make = async (format: LayerFormat, preallocation: Preallocation) => {
    const file = volumeFileName(newId());
    const sizeBytes = SIZE_MIB * MIB;
    return driver.createImage({ share: lab.share(), file, format, sizeBytes, preallocation });
  };

  const rows: readonly [LayerFormat, Preallocation, number, number][] = [
    ['raw', 'off', 0, 1],
    ['raw', 'falloc', SIZE_MIB, SIZE_MIB + 1],
    ['raw', 'full', SIZE_MIB, SIZE_MIB + 1],
    ['qcow2', 'off', 0, 1],
    ['qcow2', 'metadata', 0, 2],
    ['qcow2', 'falloc', SIZE_MIB, SIZE_MIB + 2],
    ['qcow2', 'full', SIZE_MIB, SIZE_MIB + 2],
  ];
  for (const [format, preallocation, least, most] of rows) {
    it(`${format}, preallocation ${preallocation}: ${least} to ${most} of ${SIZE_MIB} MiB`, async () => {
      const start = performance.now();
      const { file } = await make(format, preallocation);
      const ms = performance.now() - start;
      const mib = taken(file);
      console.log(`      made in ${ms.toFixed(0)} ms, takes ${mib.toFixed(2)} MiB on each brick`);
      assert.ok(mib >= least && mib <= most, `${mib} MiB`);
    });
  }

  it('grows a volume with what its type allocates, and a thin one by nothing', async () => {
    const newSizeBytes = 2 * SIZE_MIB * MIB;
    for (const [format, preallocation, least] of [
      ['raw', 'falloc', 2 * SIZE_MIB],
      ['qcow2', 'falloc', 2 * SIZE_MIB],
      ['raw', 'off', 0],
      ['qcow2', 'off', 0],
    ] as const) {
      const layer = await make(format, preallocation);
      const wish = { share: lab.share(), chain: [layer], newSizeBytes, preallocation };
      assert.equal((await driver.extendImage(wish)).virtualSizeBytes, newSizeBytes);
      assert.equal((await driver.extendImage(wish)).virtualSizeBytes, newSizeBytes, 'and again');
      const mib = taken(layer.file);
      assert.ok(mib >= least && mib <= least + 3, `${format} ${preallocation}: ${mib} MiB`);
    }
  });

  it('gives back to the bricks what a guest discards', async () => {
    const guest = await TortureGuest.make(lab.work);
    try {
      await guest.boot();
      for (const format of ['raw', 'qcow2'] as const) {
        const layer = await make(format, 'off');
        const volumeId = layer.file.slice('volume-'.length);
        const device = await guest.attach(guest.diskOf(volumeId, [layer], lab.access()));
        await guest.sh(
          `dd if=/dev/zero bs=1M count=32 2>/dev/null | tr '\\000' 'x' | dd of=${device} bs=1M conv=fsync`,
        );
        const full = taken(layer.file);
        assert.ok(full >= 32, `${full} MiB after 32 MiB were written`);
        await guest.sh(`blkdiscard -o 0 -l ${24 * MIB} ${device} && sync`);
        const left = taken(layer.file);
        console.log(`      ${format}: ${full.toFixed(1)} MiB before, ${left.toFixed(1)} MiB after a discard of 24 MiB`);
        assert.ok(left <= full - 23, `${left} MiB of ${full} are left`);
        await guest.detach(volumeId);
      }
    } finally {
      await guest.close();
    }
  });
});
