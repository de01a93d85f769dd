// T-F05 in the hypervisor: a header on a share that names a data file of the host, and a guest that is given the disk. QEMU follows such a
// name when it opens the image; the guest must not see it, neither at its start nor by hot-plug.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { QemuHypervisor } from '../../drivers/qemu/qemu-hypervisor.js';
import { newId } from '../../services/core/domain/ids.js';
import { DISK_BYTES, makeDisk } from '../contract/hypervisor-driver/disks.js';

describe('T-F05 guests', function suite() {
  this.timeout(60_000);
  let directory = '';
  let driver: QemuHypervisor;
  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-df-'));
    driver = new QemuHypervisor({ stateDirectory: directory, runner: systemCommandRunner, accelerator: 'tcg' });
    await driver.setup();
  });
  after(async () => {
    for (const { serverId } of await driver.listServers()) await driver.deleteServer(serverId);
    await driver.close();
    rmSync(directory, { recursive: true });
  });

  const spec = () => ({ serverId: newId<string & {}>(), name: 'guest', vcpus: 1, memoryMib: 64 });

  function poisonedDisk() {
    const disk = makeDisk(directory, 'qcow2', 0);
    const data = path.join(directory, `host-file-${disk.volumeId}`);
    writeFileSync(data, Buffer.alloc(DISK_BYTES, 'S'));
    const options = `data_file=${data},data_file_raw=on`;
    const file = path.join(directory, disk.chain[0]?.file ?? '');
    rmSync(file);
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', options, file, String(DISK_BYTES)]);
    return disk;
  }

  it('a disk with an external data file is not plugged into a guest', async () => {
    const server = spec();
    await driver.startServer({ ...server, disks: [makeDisk(directory, 'raw', 0)] });
    const disk = poisonedDisk();
    await assert.rejects(driver.attachDisk(server.serverId, disk), { code: 'hostile_image' });
    const { disks } = await driver.inspectServer(server.serverId);
    assert.equal(disks.length, 1);
    const good = makeDisk(directory, 'qcow2', 1);
    await driver.attachDisk(server.serverId, good);
    await driver.deleteServer(server.serverId);
  });

  it('a guest does not start with a disk that has an external data file', async () => {
    const server = spec();
    await assert.rejects(driver.startServer({ ...server, disks: [poisonedDisk()] }), { code: 'hostile_image' });
    const found = await driver.inspectServer(server.serverId).catch(({ code }: { code: string }) => code);
    assert.ok(found === 'not_found' || (typeof found === 'object' && found.powerState !== 1), JSON.stringify(found));
  });
});
