// The guest of the torture: a real one under QEMU, its boot disk on a plain directory so that the share carries only what is tortured.
// Acts on its disks go through the hypervisor driver; what the disk holds is asked inside the guest.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { GUEST_LIMIT_MS, GuestConsole } from '../../../deploy/guest/console.js';
import { ensureGuestImage, GUEST_IMAGE_BYTES } from '../../../deploy/guest/guest-image.js';
import type { DiskSpec } from '../../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { findGuestProcess } from '../../../drivers/qemu/guest-process.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import type { ShareAccess } from '../../../drivers/volume-driver.js';
import { type Chain, findChainDifference } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';

export class TortureGuest {
  readonly serverId = newId<string & {}>();
  driver: QemuHypervisor;
  readonly warnings: string[] = [];
  private console: GuestConsole | null = null;
  private readonly root: DiskSpec;

  private constructor(
    private readonly folder: string,
    rootFile: string,
  ) {
    this.driver = this.newDriver();
    const directory = path.dirname(rootFile);
    const access = { share: `dir:${directory}`, glusterVolumeName: '', directory, servers: [], mountOptions: null };
    const id = path.basename(rootFile).slice('volume-'.length);
    const chain: Chain = [
      { file: path.basename(rootFile), format: 'raw', virtualSizeBytes: GUEST_IMAGE_BYTES, snapshotId: null },
    ];
    this.root = { volumeId: id, serial: id.slice(0, 20), access, chain, readOnly: false, bootIndex: 0 };
  }

  /** Builds the boot disk; boots nothing yet. The folder's path must be short: sockets live below it. */
  static async make(folder: string): Promise<TortureGuest> {
    const image = await ensureGuestImage(path.join(projectRoot(), 'node_modules', '.cache', 'saggar-guest'));
    const disks = path.join(folder, 'boot');
    mkdirSync(disks, { recursive: true });
    const rootFile = path.join(disks, `volume-${newId()}`);
    execFileSync('cp', ['--sparse=always', image.file, rootFile]);
    return new TortureGuest(folder, rootFile);
  }

  async boot(disks: readonly DiskSpec[] = []): Promise<void> {
    await this.driver.setup();
    const { serverId } = this;
    await this.driver.startServer({ serverId, name: 'torn', vcpus: 1, memoryMib: 256, disks: [this.root, ...disks] });
    this.console?.close();
    this.console = await GuestConsole.connect(path.join(this.folder, 'servers', serverId, 'console.sock'));
    await this.console.waitUntilReady(GUEST_LIMIT_MS);
  }

  /** What the shell in the guest prints; a status other than 0 is an error. */
  sh(command: string): Promise<string> {
    assert.ok(this.console !== null, 'the guest has not booted');
    return this.console.check(command, GUEST_LIMIT_MS);
  }

  async pid(): Promise<number | null> {
    return (await findGuestProcess(this.pidFile))?.pid ?? null;
  }

  get pidFile(): string {
    return path.join(this.folder, 'servers', this.serverId, 'pid');
  }

  get qmpSocket(): string {
    return path.join(this.folder, 'servers', this.serverId, 'qmp-human.sock');
  }

  /** A worker that starts anew, as after a crash; QEMU runs on. */
  async replaceDriver(): Promise<void> {
    await this.driver.close();
    this.driver = this.newDriver();
    await this.driver.setup();
  }

  diskOf(volumeId: string, chain: Chain, access: ShareAccess): DiskSpec {
    return { volumeId, serial: volumeId.slice(0, 20), access, chain, readOnly: false, bootIndex: null };
  }

  /** Plugs the disk in; answers the device file that the guest gives it. */
  async attach(disk: DiskSpec): Promise<string> {
    await this.driver.attachDisk(this.serverId, disk);
    return this.sh(`disk ${disk.serial} 120`);
  }

  detach(volumeId: string): Promise<void> {
    return this.driver.detachDisk(this.serverId, volumeId);
  }

  /** The block graph of the running guest against the record; the guest runs and has seen no error. */
  async demandGraph(volumeId: string, chain: Chain): Promise<void> {
    const seen = await this.driver.inspectServer(this.serverId);
    assert.equal(seen.powerState, 1, 'the guest does not run');
    const disk = seen.disks.find((one) => one.volumeId === volumeId) ?? assert.fail('the guest has no such disk');
    assert.equal(findChainDifference(chain, disk.layers), null, 'the block graph is not what is on record');
  }

  private newDriver(): QemuHypervisor {
    const warn = (text: string) => this.warnings.push(text);
    return new QemuHypervisor({ stateDirectory: this.folder, runner: systemCommandRunner, warn });
  }

  async close(): Promise<void> {
    this.console?.close();
    await this.driver.deleteServer(this.serverId);
    await this.driver.close();
  }
}
