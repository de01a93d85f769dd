// Gluster volumes as shares: reads the shares file (again and again, so edits need no restart) and mounts through the mount table. How the
// volumes behind them do is looked at by ShareHealth; a verb never waits for that.
//   - a share whose line was removed is retired: its volumes go on, from its mount, and it gets no new ones
//   - one that this process does not know, but whose mount it finds in its place, was retired before this process began
//   - other options in the file are told, and applied by a new mount as soon as nobody has anything open (`renew`)
//   - a shares file that cannot be read any more changes nothing, and is told
import { readFile } from 'node:fs/promises';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, PoolFigures, ShareAccess, ShareServer } from '../volume-driver.js';
import type { BackendOptions } from './backend-options.js';
import type { Incoherence, Mounted, MountTable } from './mount-table.js';
import type { ShareHealth } from './share-health.js';
import type { ShareListing, ShareProvider, ShareRoot } from './share-provider.js';
import { backupServersOf, GLUSTERD_PORT, tryParseShareText } from './share-text.js';
import { type ConfiguredShare, parseSharesFile, type SharesFile } from './shares-file.js';

/** How long a first mount waits to learn of further servers. */
const SERVERS_WAIT_MS = 4_000;
const OPTIONS_EVERY_MS = 30_000;
const USER = 'volume-worker';

export class GlusterShareProvider implements ShareProvider {
  readonly storageProtocol = 'glusterfs';
  private readonly known = new Map<string, ConfiguredShare>();
  private readonly incoherences = new Map<string, HealthFinding>();
  private readonly differences = new Map<string, string>();
  private readonly differencesAt = new Map<string, number>();
  private listed: ReadonlySet<string> = new Set();
  private lastRead: SharesFile | null = null;

  constructor(
    private readonly options: BackendOptions,
    private readonly mounts: MountTable,
    private readonly health: ShareHealth,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async list(): Promise<ShareListing> {
    const { file, trouble } = await this.readAgain();
    for (const share of file.shares) this.known.set(share.name.share, share);
    this.listed = new Set(file.shares.map(({ name }) => name.share));
    const complaints = file.complaints.map(({ line, text }) => ({
      code: 'shares-file.line',
      severity: 'warning' as const,
      text: `line ${line} of the shares file: ${text}`,
      cure: 'correct the line; it is ignored until then',
    }));
    const notes = this.options.notes.map(({ option, reason }) => ({
      code: `option.${option}`,
      severity: 'info' as const,
      text: `the option ${option} does nothing here: ${reason}`,
      cure: 'take it out of the configuration when nothing else reads it',
    }));
    const retired = [...this.known.keys()].filter((share) => !this.listed.has(share));
    return { shares: [...this.listed], retired, findings: [...trouble, ...complaints, ...notes] };
  }

  accessOf(share: string): ShareAccess | null {
    const configured = this.known.get(share);
    if (configured === undefined) return null;
    const { glusterVolumeName, directory } = configured.name;
    return {
      share,
      glusterVolumeName,
      directory,
      servers: this.serversOf(configured),
      mountOptions: configured.mountArguments,
    };
  }

  async open(share: string): Promise<ShareRoot> {
    return this.openWith(share, async (configured) => {
      await this.learnServers(configured);
      return this.mounts.acquire(this.withServers(configured), USER);
    });
  }

  reopen(share: string): Promise<ShareRoot> {
    return this.openWith(share, (configured) => {
      this.health.expire(configured);
      return this.mounts.remount(this.withServers(configured));
    });
  }

  renewalDue(share: string): boolean {
    return this.differences.has(share);
  }

  /** Mounts with the options of now when nobody has anything open; the root either way. */
  renew(share: string): Promise<ShareRoot> {
    return this.openWith(share, async (configured) => {
      await this.mounts.renew(this.withServers(configured));
      this.differencesAt.delete(share);
      return this.mounts.acquire(this.withServers(configured), USER);
    });
  }

  findingsOf(share: string): readonly HealthFinding[] {
    const configured = this.known.get(share);
    if (configured === undefined) return [];
    void this.compareOptions(configured);
    const incoherence = this.incoherences.get(share);
    const difference = this.differences.get(share);
    return [
      ...(incoherence === undefined ? [] : [incoherence]),
      ...(difference === undefined ? [] : [otherOptions(this.mounts.pathOf(share), difference)]),
      ...(this.listed.has(share) ? [] : [retiredShare(share)]),
      ...this.health.findingsOf(configured),
    ];
  }

  figuresOf(share: string): PoolFigures {
    const configured = this.known.get(share);
    return configured === undefined ? {} : this.health.figuresOf(configured);
  }

  lookAt(share: string): Promise<void> {
    const configured = this.known.get(share);
    return configured === undefined ? Promise.resolve() : this.health.lookAtSettings(configured);
  }

  tellLargestFile(share: string, bytes: number): void {
    const configured = this.known.get(share);
    if (configured !== undefined) this.health.tellLargestFile(configured, bytes);
  }

  close(): void {
    // mounts stay: guests on this host may use them
  }

  private async readAgain(): Promise<{ file: SharesFile; trouble: readonly HealthFinding[] }> {
    try {
      this.lastRead = await this.readShares();
      return { file: this.lastRead, trouble: [] };
    } catch (thrown) {
      if (this.lastRead === null) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return { file: this.lastRead, trouble: [unreadableFile(reason)] };
    }
  }

  private async readShares(): Promise<SharesFile> {
    const { nasShare, sharesConfig } = this.options;
    if (nasShare !== null) {
      const name = tryParseShareText(nasShare.share);
      if (name === null) throw new Error(`nas_host and nas_share_path make no share: ${nasShare.share}`);
      return { shares: [{ name, mountArguments: nasShare.mountOptions }], complaints: [] };
    }
    if (sharesConfig === null) throw new Error('glusterfs_shares_config is not set');
    return parseSharesFile(await readFile(sharesConfig, 'utf8'));
  }

  private async openWith(share: string, mount: (configured: ConfiguredShare) => Promise<Mounted>): Promise<ShareRoot> {
    const configured = this.known.get(share) ?? (await this.findRetired(share));
    const access = this.accessOf(share);
    if (configured === null || access === null) {
      throw new ServiceError('backend_offline', 'The share is not configured.', { context: { share } });
    }
    const { path, incoherence } = await mount(configured);
    if (incoherence === null) this.incoherences.delete(share);
    else this.incoherences.set(share, notCoherent(path, incoherence));
    return { access, path, kind: 'mount', incoherence: incoherence?.reason ?? null };
  }

  /** A share in no file, asked for by its name, and mounted in its place: its line was removed before this process began. */
  private async findRetired(share: string): Promise<ConfiguredShare | null> {
    const name = tryParseShareText(share);
    if (name === null) return null;
    const configured: ConfiguredShare = { name, mountArguments: null };
    if (!(await this.mounts.isMounted(configured))) return null;
    this.known.set(share, configured);
    return configured;
  }

  private async compareOptions(configured: ConfiguredShare): Promise<void> {
    const { share } = configured.name;
    if (!this.listed.has(share) || this.now() < (this.differencesAt.get(share) ?? 0)) return;
    this.differencesAt.set(share, this.now() + OPTIONS_EVERY_MS);
    const difference = await this.mounts.findOptionDifference(configured).catch(() => null);
    if (difference === null) this.differences.delete(share);
    else this.differences.set(share, difference);
  }

  private async learnServers(configured: ConfiguredShare): Promise<void> {
    if (await this.mounts.isMounted(configured).catch(() => true)) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SERVERS_WAIT_MS);
    });
    await Promise.race([this.health.lookAtSettings(configured), late]);
    clearTimeout(timer);
  }

  private withServers(configured: ConfiguredShare): ConfiguredShare {
    return { ...configured, foundServers: this.health.serversOf(configured) };
  }

  /** The share's own hosts first, then backup servers, then the bricks' hosts: every server QEMU may ask, without names that mean nothing here. */
  private serversOf(configured: ConfiguredShare): readonly ShareServer[] {
    const { hosts } = configured.name;
    const all = new Set([
      ...hosts,
      ...backupServersOf(configured.mountArguments),
      ...this.health.serversOf(configured),
    ]);
    const unresolvable = this.health.unresolvableOf(configured);
    const known = [...all].filter((host) => !unresolvable.includes(host));
    return (known.length === 0 ? [...all] : known).map((host) => ({ host, port: GLUSTERD_PORT }));
  }
}

function notCoherent(path: string, { reason, cure }: Incoherence): HealthFinding {
  return {
    code: 'mount.not-coherent',
    severity: 'error',
    text: `reads through ${path} may show old data, so most work on the share is refused: ${reason}`,
    cure,
  };
}

function otherOptions(path: string, difference: string): HealthFinding {
  return {
    code: 'mount.options-changed',
    severity: 'info',
    text: `${path} is mounted with other options than the shares file names: ${difference}`,
    cure: 'nothing: it is mounted anew as soon as nobody on this host has a file open there',
  };
}

function retiredShare(share: string): HealthFinding {
  return {
    code: 'share.retired',
    severity: 'info',
    text: `${share} is not in the shares file any more: its volumes go on, and it gets no new ones`,
    cure: 'move its volumes elsewhere before it is unmounted, or put the line back',
  };
}

function unreadableFile(reason: string): HealthFinding {
  return {
    code: 'shares-file.unreadable',
    severity: 'warning',
    text: `the shares file cannot be read: ${reason}`,
    cure: 'put it back; until then what it last said holds, and a restart of the worker would fail',
  };
}
