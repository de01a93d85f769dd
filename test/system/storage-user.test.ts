// T-P01 on a real Gluster share: a sub-directory that belongs to a user of its own. Helper and image tools are that user through the FUSE
// mount, everything they make is the user's and closed to the world, and a QEMU of root opens it through libgfapi.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unmountBelow } from '../../deploy/mounts.js';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { mountPathOf } from '../../drivers/gluster/share-text.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import { parseSharesFile } from '../../drivers/gluster/shares-file.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { appendOverlay } from '../../services/core/domain/chain.js';
import { closeOwnParts, testShares } from '../harness/environment.js';

const MIB = 1024 ** 2;
const STORAGE = { uid: 64_123, gid: 64_124 };
const quiet = { onProgress: () => undefined, signal: new AbortController().signal };

describe('T-P01 the storage user on a Gluster share', function suite() {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-user-'));
  const mounts = path.join(folder, 'mnt');
  const directory = `owned-${randomUUID()}`;
  const opened: ShareVolumeDriver[] = [];
  let root = '';
  let address = '';

  const open = async (share: string) => {
    const at = share.lastIndexOf(':/');
    const raw = {
      nas_host: share.slice(0, at),
      nas_share_path: share.slice(at + 1),
      glusterfs_mount_point_base: mounts,
    };
    const driver = createVolumeDriver(parseBackendOptions('test', raw), { runner: systemCommandRunner });
    opened.push(driver);
    await driver.setup();
    return driver;
  };

  before(async () => {
    chmodSync(folder, 0o755);
    const { sharesFile } = await testShares();
    const [whole] = parseSharesFile(readFileSync(sharesFile, 'utf8')).shares;
    assert.ok(whole !== undefined);
    address = whole.name.share;
    await open(address);
    root = mountPathOf(mounts, address);
    mkdirSync(path.join(root, directory));
    chownSync(path.join(root, directory), STORAGE.uid, STORAGE.gid);
  });
  after(async () => {
    for (const driver of opened.reverse()) await driver.close();
    rmSync(path.join(root, directory), { recursive: true, force: true });
    await unmountBelow(mounts);
    rmSync(folder, { recursive: true });
    await closeOwnParts();
  });

  it('makes, copies, merges and flattens as the storage user; root’s QEMU opens what it made', async () => {
    const share = `${address}/${directory}`;
    const driver = await open(share);
    const volumeId = randomUUID();
    const file = `volume-${volumeId}`;
    const blank = { share, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
    const base = await driver.createImage({ ...blank, file });
    const snapshotId = randomUUID();
    const overlayFile = `${file}.${snapshotId}`;
    await driver.prepareOverlay({ share, chain: [base], overlayFile });
    const chain = appendOverlay([base], overlayFile, snapshotId);
    const copy = await driver.copyChain(
      { share, source: chain, target: { ...blank, file: `volume-${randomUUID()}` } },
      quiet,
    );
    await driver.extendImage({ share, chain: [copy], newSizeBytes: 128 * MIB });
    await driver.writeRecord({ share, volumeId, chain });
    await driver.flattenLayer({ share, chain, file: overlayFile }, quiet);
    const place = path.join(root, directory);
    for (const name of readdirSync(place, { recursive: true, encoding: 'utf8' })) {
      const { uid, gid, mode } = lstatSync(path.join(place, name));
      assert.deepEqual([uid, gid, mode & 0o007], [STORAGE.uid, STORAGE.gid, 0], name);
    }
    const status = readFileSync(`/proc/${driver.helperPids().get(share)}/status`, 'utf8');
    assert.match(status, /^Uid:\t64123\t64123\t64123\t64123$/m);
    const uri = `gluster://${address.replace(':/', '/')}/${directory}/${copy.file}`;
    const read = execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'read -P 0 0 1M', uri], { encoding: 'utf8' });
    assert.match(read, /read 1048576\/1048576 bytes/);
  });
});
