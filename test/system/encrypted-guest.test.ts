// An encrypted disk on a real Gluster volume, in a guest: it reads what it wrote, also through a snapshot and after it was plugged in anew,
// and the brick shows none of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../drivers/gluster/directory-share-provider.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import type { DiskSpec } from '../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { overlayFileName, volumeFileName } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { GuestOnGluster, missingProgram } from './guest-on-gluster.js';

const MIB = 1024 ** 2;
/** What `pattern DEVICE canary ...` repeats. */
const PLAIN = 'pattern canary block';

describe('an encrypted disk in a guest on Gluster', function suite() {
  this.timeout(900_000);
  let at: GuestOnGluster;
  let files: ShareVolumeDriver;

  before(async function start() {
    const missing = missingProgram();
    if (missing !== null) {
      console.log(`      skipped: ${missing} is not installed`);
      this.skip();
    }
    at = await GuestOnGluster.start();
    const options = parseBackendOptions('encrypted', { driver: 'directory', saggar_directories: [at.mount] });
    files = createVolumeDriver(options, { runner: systemCommandRunner, keys: at.keys });
    await files.setup();
  });
  after(async () => {
    await files?.close();
    await at?.close();
  });

  const onBrick = (disk: DiskSpec) => disk.chain.map(({ file }) => readFileSync(at.brickFile(file)));

  it('shows the guest what it wrote, and the brick nothing of it', async () => {
    const volumeId = newId<string & {}>();
    const share = directoryShareName(at.mount);
    const keyId = await at.keys.ensureKey(randomUUID(), 512);
    const base = { share, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off', keyId } as const;
    let disk = at.disk(volumeId, [await files.createImage({ ...base, file: volumeFileName(volumeId) })]);
    let device = await at.attach(disk);
    await at.run(`pattern ${device} canary 0 4`);

    const snapshotId = newId<string & {}>();
    const overlayFile = overlayFileName(volumeId, snapshotId);
    const overlay = await files.prepareOverlay({ share, chain: disk.chain, overlayFile });
    await at.driver.switchToOverlays({ serverId: at.serverId, disks: [{ volumeId, chain: disk.chain, overlayFile }] });
    disk = { ...disk, chain: [...disk.chain, { ...overlay, snapshotId }] };
    await at.run(`pattern ${device} canary 4 4`);

    const sum = await at.run(`checksum ${device} 0 8`);
    await at.driver.detachDisk(at.serverId, volumeId);
    device = await at.attach(disk);
    assert.equal(await at.run(`blockdev --flushbufs ${device}; checksum ${device} 0 8`), sum);
    assert.match(await at.run(`dd if=${device} bs=4096 count=1 2>/dev/null | head -c 64`), new RegExp(PLAIN));
    await at.driver.detachDisk(at.serverId, volumeId);
    for (const bytes of onBrick(disk)) {
      assert.ok(bytes.length > 4 * MIB, 'the layer holds what was written');
      assert.equal(bytes.indexOf(PLAIN), -1, 'plain text on the brick');
    }
  });
});
