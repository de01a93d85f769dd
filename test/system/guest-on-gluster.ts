// A guest of the real QEMU driver on a private one-brick Gluster volume, for system tests of block work: its share as a mount, its brick
// as a directory, files as the volume side makes them, and a shell in the guest.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureVolume, type GlusterPlan, startGluster, stopGluster } from '../../deploy/gluster.js';
import { GUEST_LIMIT_MS, GuestConsole } from '../../deploy/guest/console.js';
import { ensureGuestImage } from '../../deploy/guest/guest-image.js';
import { unmountBelow } from '../../deploy/mounts.js';
import type { DiskSpec, ServerSpec } from '../../drivers/hypervisor-driver.js';
import { openFileKeyStore } from '../../drivers/key-store/file-key-store.js';
import type { KeyStore } from '../../drivers/key-store/key-store.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { QemuHypervisor } from '../../drivers/qemu/qemu-hypervisor.js';
import type { ShareAccess } from '../../drivers/volume-driver.js';
import { appendOverlay, type Chain, type Layer } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { privateGlusterPlan } from '../harness/gluster-plan.js';

const GIB = 1024 ** 3;
const VOLUME = 'guests';

/** The program that is missing, or null when a guest can be started here. */
export function missingProgram(): string | null {
  for (const program of ['glusterd', 'qemu-system-x86_64']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
    } catch {
      return program;
    }
  }
  return null;
}

function mountShare(share: string, mount: string): void {
  mkdirSync(mount);
  execFileSync('mount', ['-t', 'glusterfs', '-o', 'direct-io-mode=enable', share, mount]);
  mkdirSync(path.join(mount, '.saggar'));
  writeFileSync(path.join(mount, '.saggar', 'anchor'), Buffer.alloc(4096));
}

function openKeys(folder: string): KeyStore {
  const masterKeyFile = path.join(folder, 'master-key');
  writeFileSync(masterKeyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  return openFileKeyStore({ directory: path.join(folder, 'keys'), masterKeyFile });
}

export class GuestOnGluster {
  readonly serverId = newId<string & {}>();
  readonly driver: QemuHypervisor;
  readonly mount: string;
  private shell: GuestConsole | null = null;

  private constructor(
    private readonly folder: string,
    private readonly plan: GlusterPlan,
    private readonly access: ShareAccess,
    private readonly image: string,
    private readonly gluster: Awaited<ReturnType<typeof startGluster>>,
    readonly keys: KeyStore,
  ) {
    this.mount = path.join(folder, 'mnt');
    this.driver = new QemuHypervisor({ stateDirectory: folder, runner: systemCommandRunner, keys });
  }

  static async start(): Promise<GuestOnGluster> {
    const image = await ensureGuestImage(path.join(projectRoot(), 'node_modules', '.cache', 'saggar-guest'));
    const folder = mkdtempSync(path.join(tmpdir(), 'sgr-go-'));
    const plan = await privateGlusterPlan(folder);
    const gluster = await startGluster(plan);
    await ensureVolume(plan, gluster, { name: VOLUME, replica: 1 });
    const host = gluster.nodes[0]?.address ?? '';
    const servers = [{ host, port: 24007 }];
    const share = `${host}:/${VOLUME}`;
    const access = { share, glusterVolumeName: VOLUME, directory: '', servers, mountOptions: null };
    const place = new GuestOnGluster(folder, plan, access, image.file, gluster, openKeys(folder));
    mountShare(share, place.mount);
    try {
      await place.boot();
    } catch (thrown) {
      await place.close().catch(() => undefined); // the first error is the one to tell
      throw thrown;
    }
    return place;
  }

  /** A second Gluster volume of the same server. */
  async addShare(name: string): Promise<{ readonly access: ShareAccess; readonly mount: string }> {
    await ensureVolume(this.plan, this.gluster, { name, replica: 1 });
    const share = this.access.share.replace(/[^/]+$/, name);
    const mount = path.join(this.folder, name);
    mountShare(share, mount);
    return { access: { ...this.access, share, glusterVolumeName: name }, mount };
  }

  private async boot(): Promise<void> {
    const id = newId<string & {}>();
    execFileSync('cp', ['--sparse=always', this.image, path.join(this.mount, `volume-${id}`)]);
    const root = this.disk(id, [{ file: `volume-${id}`, format: 'raw', virtualSizeBytes: GIB, snapshotId: null }], 0);
    const spec: ServerSpec = { serverId: this.serverId, name: 'guest', vcpus: 1, memoryMib: 256, disks: [root] };
    await this.driver.setup();
    await this.driver.startServer(spec);
    this.shell = await GuestConsole.connect(path.join(this.folder, 'servers', this.serverId, 'console.sock'));
    await this.shell.waitUntilReady(GUEST_LIMIT_MS);
  }

  /** Runs a line of shell in the guest; throws when it fails. */
  run(command: string): Promise<string> {
    if (this.shell === null) throw new Error('the guest has not booted');
    return this.shell.check(command, GUEST_LIMIT_MS);
  }

  disk(volumeId: string, chain: Chain, bootIndex: number | null = null): DiskSpec {
    const serial = volumeId.slice(0, 20);
    return { volumeId, serial, access: this.access, chain, readOnly: false, bootIndex };
  }

  /** An image file as the volume side makes it: relative backing name, padded to 64 KiB. */
  makeFile(file: string, format: Layer['format'], below: Layer | null): Layer {
    const size = below?.virtualSizeBytes ?? GIB;
    const backing = below === null ? [] : ['-u', '-b', below.file, '-F', below.format];
    const name = path.join(this.mount, file);
    execFileSync('qemu-img', ['create', '-q', '-f', format, ...backing, name, String(size)]);
    if (format === 'qcow2') truncateSync(name, 256 * 1024);
    return { file, format, virtualSizeBytes: size, snapshotId: null };
  }

  /** A new disk with one empty layer, or one above the given layers of another volume. */
  makeDisk(format: Layer['format'], below: Chain = []): DiskSpec {
    const id = newId<string & {}>();
    const base = this.makeFile(`volume-${id}`, format, below.at(-1) ?? null);
    return { ...this.disk(id, [...below, base]), foreignLayers: below.length };
  }

  async attach(disk: DiskSpec): Promise<string> {
    await this.driver.attachDisk(this.serverId, disk);
    return this.run(`disk ${disk.serial} 120`);
  }

  async snapshot(disk: DiskSpec): Promise<DiskSpec> {
    const overlayFile = `volume-${disk.volumeId}.${newId()}`;
    this.makeFile(overlayFile, 'qcow2', disk.chain.at(-1) ?? null);
    const one = { volumeId: disk.volumeId, chain: disk.chain, overlayFile };
    await this.driver.switchToOverlays({ serverId: this.serverId, disks: [one] });
    return { ...disk, chain: appendOverlay(disk.chain, overlayFile, newId()) };
  }

  /** Bytes that the file takes on the brick. */
  onBrick(file: string): number {
    return statSync(this.brickFile(file)).blocks * 512;
  }

  /** The file behind the share's back: where Gluster has its bytes. */
  brickFile(file: string): string {
    const [brick = ''] = execFileSync('find', [this.plan.directory, '-name', file, '-not', '-path', '*/.glusterfs/*'], {
      encoding: 'utf8',
    }).split('\n');
    return brick;
  }

  async close(): Promise<void> {
    this.shell?.close();
    await this.driver.deleteServer(this.serverId);
    await this.driver.close();
    await unmountBelow(this.folder);
    await stopGluster(this.plan);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
