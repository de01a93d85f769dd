// A hypervisor without guests, beside the real one and held to the same contract suite: for tests of everything around it.
// Which servers run, and which layers each disk has open, is kept in one JSON file, so a killed worker finds it again as it would
// find real guests. Merges and growth really change the image files (fake-disk-files.ts); disks must be on `dir:` shares.
// The order within a verb is the real one: files first, then what "the guest" has open, so a kill in between leaves what a kill of
// a real worker would leave.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Chain, findChainDifference, type ObservedLayer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { powerStates } from '../../services/core/domain/server.js';
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
import { QemuImg } from '../image/qemu-img.js';
import { placeOfFlatten, placeOfMerge } from '../merge-place.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { LongWork } from '../volume-driver.js';
import { directoryOf, growFile, mergeFiles, mirrorFiles, observeFiles, pullFiles } from './fake-disk-files.js';

interface FakeServer {
  readonly spec: ServerSpec;
  readonly running: boolean;
  /** Each disk's chain is what "the guest" has open. */
  readonly disks: readonly DiskSpec[];
  readonly console: string;
}

type Servers = Readonly<Record<string, FakeServer>>;

export interface FakeHypervisorOptions {
  readonly stateDirectory: string;
  readonly runner: CommandRunner;
}

export class FakeHypervisor implements HypervisorDriver {
  private readonly stateFile: string;
  private readonly qemuImg: QemuImg;
  /** Changes of the state file, one after another. */
  private changes: Promise<void> = Promise.resolve();

  constructor(private readonly options: FakeHypervisorOptions) {
    this.stateFile = path.join(options.stateDirectory, 'fake-hypervisor.json');
    this.qemuImg = new QemuImg(options.runner);
  }

  async setup(): Promise<void> {
    await mkdir(this.options.stateDirectory, { recursive: true });
    await this.read();
  }

  async startServer(spec: ServerSpec): Promise<ObservedServer> {
    const known = (await this.read())[spec.serverId];
    if (known?.running !== true) {
      for (const disk of spec.disks) await this.observe(disk, disk.chain);
      const text = `${known?.console ?? ''}fake guest ${spec.serverId} started\n`;
      await this.change(spec.serverId, () => ({ spec, running: true, disks: spec.disks, console: text }));
    }
    return this.inspectServer(spec.serverId);
  }

  async stopServer(serverId: string): Promise<void> {
    await this.change(serverId, (server) => (server === null ? null : { ...server, running: false, disks: [] }));
  }

  async deleteServer(serverId: string): Promise<void> {
    await this.change(serverId, () => null);
  }

  async inspectServer(serverId: string): Promise<ObservedServer> {
    const server = (await this.read())[serverId];
    if (server === undefined) throw new ServiceError('not_found', 'This host has no such server.');
    if (!server.running) return { serverId, powerState: powerStates.shutdown, disks: [] };
    const disks = await Promise.all(server.disks.map((disk) => this.observe(disk, null)));
    return { serverId, powerState: powerStates.running, disks };
  }

  async listServers(): Promise<readonly ListedServer[]> {
    const servers = await this.read();
    return Object.entries(servers).map(([serverId, { running, disks }]) => ({
      serverId,
      powerState: running ? powerStates.running : powerStates.shutdown,
      disks: running ? disks.map(({ volumeId, chain }) => ({ volumeId, files: chain.map(({ file }) => file) })) : [],
    }));
  }

  async attachDisk(serverId: string, disk: DiskSpec): Promise<ObservedDisk> {
    const server = await this.need(serverId);
    const open = server.disks.find(({ volumeId }) => volumeId === disk.volumeId);
    if (open !== undefined) {
      requireSame(disk.chain, await this.layersOf(open));
      return this.observe(open, disk.chain);
    }
    const observed = await this.observe(disk, disk.chain);
    await this.changeDisks(serverId, (disks) => [...disks.filter(({ volumeId }) => volumeId !== disk.volumeId), disk]);
    return observed;
  }

  async detachDisk(serverId: string, volumeId: string): Promise<void> {
    await this.changeDisks(serverId, (disks) => disks.filter((disk) => disk.volumeId !== volumeId));
  }

  async switchToOverlays(spec: SwitchSpec): Promise<SwitchOutcome> {
    const server = await this.need(spec.serverId);
    const chains = new Map<string, Chain>();
    for (const { volumeId, chain, overlayFile } of spec.disks) {
      const disk = needDisk(server, volumeId);
      if (disk.chain.some(({ file }) => file === overlayFile)) continue;
      requireSame(chain, await this.layersOf(disk));
      const size = chain.at(-1)?.virtualSizeBytes ?? 0;
      const switched: Chain = [
        ...chain,
        { file: overlayFile, format: 'qcow2', virtualSizeBytes: size, snapshotId: null },
      ];
      await this.observe(disk, switched);
      chains.set(volumeId, switched);
    }
    await this.changeDisks(spec.serverId, (disks) =>
      disks.map((disk) => ({ ...disk, chain: chains.get(disk.volumeId) ?? disk.chain })),
    );
    const after = await this.need(spec.serverId);
    const disks = await Promise.all(spec.disks.map(({ volumeId }) => this.observe(needDisk(after, volumeId), null)));
    // No guest, no agent. A repeated switch knows no more of the freeze than the real one does.
    const reason = chains.size === 0 ? 'unknown' : spec.freeze === 'try' ? 'no_agent' : 'not_asked';
    return { disks, freeze: { frozen: false, fileSystems: 0, reason } };
  }

  async closeOverlays(spec: SwitchSpec): Promise<SwitchState> {
    const server = (await this.read())[spec.serverId];
    // Nobody runs, so nobody writes to the layer below: forward is safe, and only forward.
    if (server?.running !== true) return 'switched';
    const switched = spec.disks.some(({ volumeId, overlayFile }) =>
      server.disks.some((disk) => disk.volumeId === volumeId && disk.chain.some(({ file }) => file === overlayFile)),
    );
    return switched ? 'switched' : 'not-switched';
  }

  async mergeLayer(spec: MergeSpec, work: LongWork): Promise<ObservedDisk> {
    const disk = needDisk(await this.need(spec.serverId), spec.volumeId);
    const place = placeOfMerge(spec.chain, spec.file, spec.direction);
    if (disk.chain.some(({ file }) => file === spec.file)) {
      await mergeFiles(this.qemuImg, directoryOf(disk.access), disk.chain, place, work);
      await this.setChain(spec.serverId, spec.volumeId, place.result);
    }
    return this.observe({ ...disk, chain: place.result }, place.result);
  }

  async flattenDisk(spec: FlattenSpec, work: LongWork): Promise<ObservedDisk> {
    const disk = needDisk(await this.need(spec.serverId), spec.volumeId);
    const { left, result } = placeOfFlatten(spec.chain, spec.file);
    if (disk.chain.some(({ file }) => left.some((layer) => layer.file === file))) {
      await pullFiles(this.qemuImg, directoryOf(disk.access), disk.chain, spec.file, null, work);
      await this.setChain(spec.serverId, spec.volumeId, result);
    }
    return this.observe({ ...disk, chain: result }, result);
  }

  async mirrorDisk(spec: MirrorSpec, work: LongWork): Promise<ObservedDisk> {
    const { serverId, volumeId, target } = spec;
    const switched = await this.switchedDisk(spec);
    if (switched !== null) return switched;
    const disk = needDisk(await this.need(serverId), volumeId);
    await this.observe(disk, spec.chain);
    await mirrorFiles(this.qemuImg, directoryOf(disk.access), disk.chain, target, work);
    await this.change(serverId, (server) => (server === null ? null : onTarget(server, volumeId, target)));
    return this.observe({ ...disk, ...target }, target.chain);
  }

  async endMirror(spec: MirrorSpec): Promise<MirrorState> {
    return { switched: await this.switchedDisk(spec) };
  }

  /** By the record, which outlives the guest; null when it does not name the target. */
  private async switchedDisk({ serverId, volumeId, target }: MirrorSpec): Promise<ObservedDisk | null> {
    const server = (await this.read())[serverId];
    const disk = server?.spec.disks.find((one) => one.volumeId === volumeId);
    const isThere = disk !== undefined && disk.chain.at(-1)?.file === target.chain.at(-1)?.file;
    return isThere ? this.observe(disk, target.chain) : null;
  }

  async resizeDisk(serverId: string, volumeId: string, _chain: Chain, newSizeBytes: number): Promise<ObservedDisk> {
    const disk = needDisk(await this.need(serverId), volumeId);
    const active = (await this.layersOf(disk)).at(-1);
    if (active === undefined || active.virtualSizeBytes > newSizeBytes) {
      throw new ServiceError('bad_request', 'A volume cannot shrink.');
    }
    if (active.virtualSizeBytes < newSizeBytes) {
      await growFile(this.qemuImg, directoryOf(disk.access), disk.chain, newSizeBytes);
    }
    const grown = disk.chain.map((layer, index) =>
      index === disk.chain.length - 1 ? { ...layer, virtualSizeBytes: newSizeBytes } : layer,
    );
    await this.setChain(serverId, volumeId, grown);
    return this.observe({ ...disk, chain: grown }, grown);
  }

  /** A file that cannot be read fails the command that reads it; nothing stands here. */
  async recoverDisks(serverId: string): Promise<RecoveryState> {
    await this.inspectServer(serverId);
    return 'not-needed';
  }

  async consoleOutput(serverId: string, lines: number | null): Promise<string> {
    const server = (await this.read())[serverId];
    if (server === undefined) throw new ServiceError('not_found', 'This host has no such server.');
    return lines === null
      ? server.console
      : server.console
          .split('\n')
          .slice(-lines - 1)
          .join('\n');
  }

  async close(): Promise<void> {
    await this.changes;
  }

  private layersOf(disk: DiskSpec): Promise<ObservedLayer[]> {
    return observeFiles(directoryOf(disk.access), disk.chain);
  }

  /** What the headers say; compared with `expected` when given. */
  private async observe(disk: DiskSpec, expected: Chain | null): Promise<ObservedDisk> {
    const layers = await observeFiles(directoryOf(disk.access), expected ?? disk.chain);
    if (expected !== null) requireSame(expected, layers);
    return { volumeId: disk.volumeId, layers };
  }

  private async need(serverId: string): Promise<FakeServer> {
    const server = (await this.read())[serverId];
    if (server === undefined) throw new ServiceError('not_found', 'This host has no such server.');
    if (!server.running) throw new ServiceError('guest_not_running', 'The server is not running.');
    return server;
  }

  private setChain(serverId: string, volumeId: string, chain: Chain): Promise<void> {
    return this.changeDisks(serverId, (disks) =>
      disks.map((disk) => (disk.volumeId === volumeId ? { ...disk, chain } : disk)),
    );
  }

  private changeDisks(serverId: string, change: (disks: readonly DiskSpec[]) => readonly DiskSpec[]): Promise<void> {
    return this.change(serverId, (server) => (server === null ? null : { ...server, disks: change(server.disks) }));
  }

  private change(serverId: string, make: (server: FakeServer | null) => FakeServer | null): Promise<void> {
    const done = this.changes.then(async () => {
      const { [serverId]: old, ...others } = await this.read();
      const server = make(old ?? null);
      await this.write(server === null ? others : { ...others, [serverId]: server });
    });
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async read(): Promise<Servers> {
    try {
      return JSON.parse(await readFile(this.stateFile, 'utf8')) as Servers;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw thrown;
    }
  }

  private async write(servers: Servers): Promise<void> {
    const name = `${this.stateFile}.${randomUUID()}`;
    await writeFile(name, JSON.stringify(servers, null, 1));
    await rename(name, this.stateFile);
  }
}

/** The server with that disk on other files, in what it has open and in what it was told. */
function onTarget(server: FakeServer, volumeId: string, { access, chain }: MirrorSpec['target']): FakeServer {
  const move = (disks: readonly DiskSpec[]) =>
    disks.map((one) => (one.volumeId === volumeId ? { ...one, access, chain, foreignLayers: 0 } : one));
  const told = server.spec.disks.some((one) => one.volumeId === volumeId)
    ? server.spec.disks
    : [...server.spec.disks, ...server.disks.filter((one) => one.volumeId === volumeId)];
  return { ...server, spec: { ...server.spec, disks: move(told) }, disks: move(server.disks) };
}

function needDisk(server: FakeServer, volumeId: string): DiskSpec {
  const disk = server.disks.find((one) => one.volumeId === volumeId);
  if (disk === undefined) throw new ServiceError('not_found', 'The disk is not attached to the server.');
  return disk;
}

function requireSame(chain: Chain, layers: readonly ObservedLayer[]): void {
  const difference = findChainDifference(chain, layers);
  if (difference !== null) {
    throw new ServiceError('chain_mismatch', 'The guest’s disk is not made of the files on record.', {
      context: { difference },
    });
  }
}
