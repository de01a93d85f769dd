// The hypervisor driver that steers QEMU by QMP. This file only joins the parts: which server is where, and who does what.
// Guests are detached processes; all that is remembered between calls is open monitor connections, so a new worker starts level.
// The caller lets no two changes of one server run at once; reading (inspect, list, console) is safe at any time. As reading may
// reap a guest that shut itself down, starting and ending of one server's process happen in turn.

import type { Chain } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { type PowerState, powerStates } from '../../services/core/domain/server.js';
import type {
  DiskSpec,
  FlattenSpec,
  HypervisorDriver,
  ListedServer,
  MergeSpec,
  MirrorSpec,
  MirrorState,
  ObservedDisk,
  ObservedServer,
  RecoveryState,
  ServerSpec,
  SwitchOutcome,
  SwitchSpec,
  SwitchState,
} from '../hypervisor-driver.js';
import { type KeyStore, noKeyStore } from '../key-store/key-store.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { LongWork } from '../volume-driver.js';
import { type Accelerator, findAccelerator } from './accelerator.js';
import { attachedVolumes, observedLayers } from './block-graph.js';
import { plugDisk, unplugDisk } from './disk-hotplug.js';
import { endMirror, type MirrorHost, mirrorLive } from './disk-mirror.js';
import { checkStateDirectory, GuestFiles, listServerIds } from './guest-files.js';
import { type FreezeLimits, GuestFreezer } from './guest-freeze.js';
import { askToShutDown, endGuest, launchGuest, releaseGuest } from './guest-life.js';
import { GuestMonitor } from './guest-monitor.js';
import { findGuestProcess, type GuestProcess } from './guest-process.js';
import { flattenLive, mergeLive } from './layer-merge.js';
import { listDisks } from './listed-disks.js';
import type { Warn } from './open-nodes.js';
import { closeUnusedOverlays, resizeActive, switchDisks } from './overlay-switch.js';
import { recoverDisks } from './recover-disks.js';
import { MAX_PORTS } from './root-ports.js';
import { ServerTurns } from './server-turns.js';

export interface QemuHypervisorOptions {
  readonly stateDirectory: string;
  readonly runner: CommandRunner;
  /** Where keys of encrypted disks are; without one they cannot be opened. */
  readonly keys?: KeyStore;
  readonly qemuBinary?: string;
  /** Disks a server can have at once; each is a root port, declared at start. */
  readonly maxDisks?: number;
  /** Told, not probed, in tests. */
  readonly accelerator?: Accelerator;
  readonly warn?: Warn;
  readonly freezeLimits?: FreezeLimits;
}

export class QemuHypervisor implements HypervisorDriver {
  private readonly monitors = new Map<string, GuestMonitor>();
  /** Per server: the end of its last start or end. */
  private readonly turns = new ServerTurns();
  private readonly qemuBinary: string;
  private readonly ports: number;
  private readonly warn: Warn;
  private readonly keys: KeyStore;
  private readonly freezer: GuestFreezer;
  private accelerator: Promise<Accelerator> | null;

  constructor(private readonly options: QemuHypervisorOptions) {
    this.qemuBinary = options.qemuBinary ?? 'qemu-system-x86_64';
    this.ports = Math.min(options.maxDisks ?? 24, MAX_PORTS);
    this.warn = options.warn ?? (() => undefined);
    this.keys = options.keys ?? noKeyStore;
    this.freezer = new GuestFreezer(this.warn, options.freezeLimits);
    this.accelerator = options.accelerator === undefined ? null : Promise.resolve(options.accelerator);
  }

  async setup(): Promise<void> {
    checkStateDirectory(this.options.stateDirectory);
    // Takes seconds where KVM hangs, so it goes on beside the rest; who needs the answer waits for it.
    this.findAccelerator().catch(() => undefined);
    for (const server of await this.listServers()) {
      if (server.powerState === powerStates.nostate) {
        this.warn('a guest runs here and its monitor does not answer', { serverId: server.serverId });
      }
    }
  }

  async startServer(spec: ServerSpec): Promise<ObservedServer> {
    if ((await this.reapIfShutDown(spec.serverId)) === null) await this.launch(spec);
    const monitor = this.monitor(spec.serverId);
    if ((await monitor.runState()) === 'prelaunch') {
      try {
        await releaseGuest(monitor, spec.disks);
      } catch (thrown) {
        if (thrown instanceof ServiceError && thrown.code === 'chain_mismatch') await this.end(spec.serverId);
        throw thrown;
      }
    }
    return this.inspectServer(spec.serverId);
  }

  async stopServer(serverId: string, graceMs: number, signal?: AbortSignal): Promise<void> {
    const files = this.files(serverId);
    const guest = await findGuestProcess(files.file('pid'));
    if (guest === null) return;
    try {
      await askToShutDown(this.monitor(serverId), guest, graceMs, signal);
    } catch (thrown) {
      // A monitor that does not answer cannot pass on the wish, and somebody may not want to wait any more; the power is cut all the same.
      if (!(thrown instanceof ServiceError && ['hypervisor_offline', 'cancelled'].includes(thrown.code))) throw thrown;
    }
    await this.end(serverId);
  }

  async deleteServer(serverId: string): Promise<void> {
    await this.end(serverId);
    await this.files(serverId).remove();
  }

  async inspectServer(serverId: string): Promise<ObservedServer> {
    const files = this.files(serverId);
    const state = await this.reapIfShutDown(serverId);
    if (state === null) {
      if (!(await files.exists())) throw new ServiceError('not_found', 'This host has no such server.');
      return { serverId, powerState: powerStates.shutdown, disks: [] };
    }
    const graph = await this.monitor(serverId).blockGraph();
    const disks = attachedVolumes(graph).map((volumeId) => ({ volumeId, layers: observedLayers(graph, volumeId) }));
    return { serverId, powerState: powerStateOf(state), disks };
  }

  async listServers(): Promise<readonly ListedServer[]> {
    const ids = await listServerIds(this.options.stateDirectory);
    return Promise.all(
      ids.map(async (serverId) => {
        await this.files(serverId)
          .trimConsole()
          .catch(() => undefined);
        this.freezer.lookAfter({ serverId, files: this.files(serverId), monitor: this.monitor(serverId) });
        const powerState = await this.powerState(serverId);
        return { serverId, powerState, disks: await this.tryListDisks(serverId, powerState) };
      }),
    );
  }

  async attachDisk(serverId: string, disk: DiskSpec): Promise<ObservedDisk> {
    const monitor = await this.runningMonitor(serverId);
    // Recorded first: what is not attached and on record does no harm, what is attached must be reachable after a restart.
    await this.files(serverId).addDisk(disk);
    return { volumeId: disk.volumeId, layers: await plugDisk(monitor, disk, this.warn) };
  }

  async detachDisk(serverId: string, volumeId: string, signal?: AbortSignal): Promise<void> {
    const state = await this.reapIfShutDown(serverId);
    if (state !== null) await unplugDisk(this.monitor(serverId), volumeId, signal);
    await this.files(serverId).removeDisk(volumeId);
  }

  async switchToOverlays(spec: SwitchSpec): Promise<SwitchOutcome> {
    const { serverId } = spec;
    const monitor = await this.runningMonitor(serverId);
    const files = this.files(serverId);
    const record = await files.readSpec();
    const accessOf = (volumeId: string) => {
      const disk = record?.disks.find((one) => one.volumeId === volumeId);
      if (disk === undefined) throw new ServiceError('not_found', 'The disk is not attached to the server.');
      return disk.access;
    };
    const outcome = await switchDisks(monitor, spec.disks, accessOf, async (moment) => {
      if (spec.freeze === 'try') return (await this.freezer.whileFrozen({ serverId, files, monitor }, moment)).freeze;
      await moment();
      return { frozen: false, fileSystems: 0, reason: 'not_asked' };
    });
    for (const disk of outcome.disks) await files.updateChain(disk);
    return outcome;
  }

  /**
   * With no process there is nobody who writes to the layer below, so going forward is safe, and it is the only safe way: the guest
   * may have written to the overlay before it ended.
   */
  async closeOverlays(spec: SwitchSpec): Promise<SwitchState> {
    if ((await this.reapIfShutDown(spec.serverId)) === null) return 'switched';
    return closeUnusedOverlays(this.monitor(spec.serverId), spec.disks);
  }

  async mergeLayer(spec: MergeSpec, work: LongWork): Promise<ObservedDisk> {
    return this.recorded(spec.serverId, await mergeLive(await this.runningMonitor(spec.serverId), spec, work));
  }

  async flattenDisk(spec: FlattenSpec, work: LongWork): Promise<ObservedDisk> {
    return this.recorded(spec.serverId, await flattenLive(await this.runningMonitor(spec.serverId), spec, work));
  }

  async mirrorDisk(spec: MirrorSpec, work: LongWork): Promise<ObservedDisk> {
    const monitor = await this.mirrorMonitor(spec);
    return 'layers' in monitor ? monitor : mirrorLive(monitor, spec, this.mirrorHost(spec), work);
  }

  async endMirror(spec: MirrorSpec): Promise<MirrorState> {
    try {
      const monitor = await this.mirrorMonitor(spec);
      return 'layers' in monitor ? { switched: monitor } : await endMirror(monitor, spec, this.mirrorHost(spec));
    } catch (thrown) {
      // Nobody has the disk open, and the record on this host does not name the target.
      if (thrown instanceof ServiceError && ['guest_not_running', 'not_found'].includes(thrown.code)) {
        return { switched: null };
      }
      throw thrown;
    }
  }

  async resizeDisk(serverId: string, volumeId: string, _chain: Chain, newSizeBytes: number): Promise<ObservedDisk> {
    return this.recorded(serverId, await resizeActive(await this.runningMonitor(serverId), volumeId, newSizeBytes));
  }

  async recoverDisks(serverId: string): Promise<RecoveryState> {
    const monitor = await this.runningMonitor(serverId);
    const files = this.files(serverId);
    const record = await files.readSpec();
    return recoverDisks(monitor, record?.disks ?? []);
  }

  async consoleOutput(serverId: string, lines: number | null): Promise<string> {
    const files = this.files(serverId);
    if (!(await files.exists())) throw new ServiceError('not_found', 'This host has no such server.');
    return files.readConsole(lines);
  }

  async close(): Promise<void> {
    await this.freezer.close();
    await Promise.all([...this.monitors.values()].map((monitor) => monitor.close()));
    this.monitors.clear();
  }

  private async tryListDisks(serverId: string, powerState: PowerState): Promise<ListedServer['disks']> {
    if (powerState === powerStates.nostate) return null;
    if (powerState === powerStates.shutdown) return [];
    try {
      return await listDisks(this.monitor(serverId), await this.files(serverId).readSpec());
    } catch {
      return null;
    }
  }

  private async powerState(serverId: string): Promise<PowerState> {
    try {
      const state = await this.reapIfShutDown(serverId);
      if (state !== null) return powerStateOf(state);
      return (await this.files(serverId).exists()) ? powerStates.shutdown : powerStates.nostate;
    } catch {
      return powerStates.nostate;
    }
  }

  private async recorded(serverId: string, disk: ObservedDisk): Promise<ObservedDisk> {
    await this.files(serverId).updateChain(disk);
    return disk;
  }

  private mirrorHost({ serverId, target }: MirrorSpec): MirrorHost {
    const { warn } = this;
    return { warn, record: ({ volumeId }) => this.files(serverId).moveDisk(volumeId, target) };
  }

  /** Of a guest that has ended, the record on this host says whether it was switched: then the disk is what the record names. */
  private async mirrorMonitor({ serverId, volumeId, target }: MirrorSpec): Promise<GuestMonitor | ObservedDisk> {
    try {
      return await this.runningMonitor(serverId);
    } catch (thrown) {
      if (!(thrown instanceof ServiceError && thrown.code === 'guest_not_running')) throw thrown;
      const record = await this.files(serverId).readSpec();
      const disk = record?.disks.find((one) => one.volumeId === volumeId);
      if (disk?.chain.at(-1)?.file !== target.chain.at(-1)?.file) throw thrown;
      return { volumeId, layers: asObserved(target.chain) };
    }
  }

  private files(serverId: string): GuestFiles {
    return new GuestFiles(this.options.stateDirectory, serverId);
  }

  private monitor(serverId: string): GuestMonitor {
    let monitor = this.monitors.get(serverId);
    if (monitor === undefined) {
      monitor = new GuestMonitor(this.files(serverId).file('qmp.sock'), this.keys);
      this.monitors.set(serverId, monitor);
    }
    return monitor;
  }

  private findAccelerator(): Promise<Accelerator> {
    this.accelerator ??= findAccelerator(this.options.runner, this.qemuBinary, this.options.stateDirectory).catch(
      (thrown) => {
        this.accelerator = null;
        throw thrown;
      },
    );
    return this.accelerator;
  }

  private async runningMonitor(serverId: string): Promise<GuestMonitor> {
    if ((await this.reapIfShutDown(serverId)) !== null) return this.monitor(serverId);
    if (!(await this.files(serverId).exists())) throw new ServiceError('not_found', 'This host has no such server.');
    throw new ServiceError('guest_not_running', 'The server is not running.');
  }

  /** QEMU's run state, null when no process runs. A guest that shut itself down holds nothing but open files: it is ended here. */
  private async reapIfShutDown(serverId: string): Promise<string | null> {
    const guest = await findGuestProcess(this.files(serverId).file('pid'));
    if (guest === null) return null;
    const state = await this.monitor(serverId).runState();
    if (state !== 'shutdown') return state;
    await this.end(serverId, guest);
    return null;
  }

  private async launch(spec: ServerSpec): Promise<void> {
    const accelerator = await this.findAccelerator();
    await this.turns.take(spec.serverId, async () => {
      const files = this.files(spec.serverId);
      if ((await findGuestProcess(files.file('pid'))) !== null) return;
      const { runner } = this.options;
      const { qemuBinary, ports, warn, keys } = this;
      await launchGuest(spec, files, { runner, keys, qemuBinary, accelerator, ports, warn });
    });
  }

  /** Ends the server's process, or only the given one: what was started since is then left alone. */
  private end(serverId: string, only: GuestProcess | null = null): Promise<void> {
    return this.turns.take(serverId, async () => {
      const files = this.files(serverId);
      const guest = await findGuestProcess(files.file('pid'));
      if (only !== null && guest !== null && guest.startTime !== only.startTime) return;
      await endGuest(this.monitor(serverId), files);
      await this.monitors.get(serverId)?.close();
      this.monitors.delete(serverId);
      await files.removeStale();
    });
  }
}

function asObserved(chain: Chain): ObservedDisk['layers'] {
  return chain.map(({ file, format, virtualSizeBytes }, index) => ({
    file,
    format,
    virtualSizeBytes,
    backingFile: chain[index - 1]?.file ?? null,
  }));
}

/** Source: QEMU qapi/run-state.json (RunState). */
function powerStateOf(state: string): PowerState {
  switch (state) {
    case 'running':
      return powerStates.running;
    case 'suspended':
      return powerStates.suspended;
    case 'internal-error':
    case 'guest-panicked':
      return powerStates.crashed;
    default:
      return powerStates.paused;
  }
}
