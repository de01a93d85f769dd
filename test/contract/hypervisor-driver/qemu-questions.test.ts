// How often the driver asks QEMU for a whole reading of its block graph, on real QEMU: each one holds the guest for several round trips to the bricks
// for every layer of its disks (drivers/qemu/block-graph.ts), so every one more is a longer pause for the guest. Counted, for times are the machine's.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DiskSpec, ServerSpec } from '../../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { GuestFiles } from '../../../drivers/qemu/guest-files.js';
import { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import { newId } from '../../../services/core/domain/ids.js';
import { makeDisk, makeLayer } from './disks.js';

const WHOLE_READING = 'query-named-block-nodes';
const files = (layers: readonly { file: string }[]) => layers.map(({ file }) => file);

describe('what the driver asks of a running guest', function suite() {
  this.timeout(60_000);
  let directory = '';
  let share = '';
  let driver: QemuHypervisor;
  let spec: ServerSpec;
  let disk: DiskSpec;
  let asked: string[] = [];
  const { execute } = GuestMonitor.prototype;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-qu-'));
    share = path.join(directory, 'share');
    mkdirSync(share);
    disk = makeDisk(share, 'qcow2', 2);
    spec = { serverId: newId(), name: 'guest', vcpus: 1, memoryMib: 64, disks: [disk] };
    driver = new QemuHypervisor({ stateDirectory: directory, runner: systemCommandRunner, accelerator: 'tcg' });
    await driver.setup();
    await driver.startServer(spec);
    asked = [];
    GuestMonitor.prototype.execute = function counted(this: GuestMonitor, command, ...rest) {
      asked.push(command);
      return execute.call(this, command, ...rest);
    };
  });

  afterEach(async () => {
    GuestMonitor.prototype.execute = execute;
    await driver.deleteServer(spec.serverId);
    await driver.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const wholeReadings = () => asked.filter((command) => command === WHOLE_READING).length;

  it('lists guests with the files of their disks without one', async () => {
    const [listed] = await driver.listServers();
    assert.deepEqual(listed?.disks, [{ volumeId: disk.volumeId, files: files(disk.chain) }]);
    assert.ok(asked.length > 0 && wholeReadings() === 0, asked.join());
  });

  it('lists what QEMU has open, not what is on record, where they differ', async () => {
    const other = { ...disk, chain: disk.chain.slice(0, 1) };
    const { layers } = (await driver.inspectServer(spec.serverId)).disks[0] ?? assert.fail('no disk');
    // A record that is behind: what a worker leaves that dies between a switch and its own note of it.
    await new GuestFiles(directory, spec.serverId).writeSpec({ ...spec, disks: [other] });
    const [listed] = await driver.listServers();
    assert.deepEqual(listed?.disks, [{ volumeId: disk.volumeId, files: files(layers) }]);
  });

  it('switches a disk with one, and it lies before the moment of the switch', async () => {
    const overlay = makeLayer(share, `volume-${disk.volumeId}.${newId()}`, 'qcow2', disk.chain.at(-1) ?? null);
    const { volumeId, chain } = disk;
    const wish = { serverId: spec.serverId, disks: [{ volumeId, chain, overlayFile: overlay.file }] };
    const { disks } = await driver.switchToOverlays(wish);
    assert.deepEqual(files(disks[0]?.layers ?? []), [...files(chain), overlay.file]);
    assert.equal(wholeReadings(), 1, asked.join());
    assert.ok(asked.indexOf(WHOLE_READING) < asked.indexOf('transaction'), asked.join());
    const [listed] = await driver.listServers();
    assert.deepEqual(listed?.disks, [{ volumeId, files: [...files(chain), overlay.file] }]);
    assert.equal(wholeReadings(), 1, asked.join());
  });

  it('plugs a disk in with one', async () => {
    const second = makeDisk(share, 'qcow2', 1);
    const { layers } = await driver.attachDisk(spec.serverId, second);
    assert.deepEqual(files(layers), files(second.chain));
    assert.equal(wholeReadings(), 1, asked.join());
  });
});
