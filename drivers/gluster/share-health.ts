// Looks at the Gluster volumes behind the shares, in the background: settings, bricks, heal backlog. Each look has a period of its own, at
// most three run at once over all shares, and nobody waits for one: what was last seen is what is known. A look that fails is told as
// such and repeated soon; the gluster command may be missing, and a pool may be busy for minutes.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { asServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, PoolFigures } from '../volume-driver.js';
import { judgeBricks, judgeHeal, judgeVersion, keepsCopies, unknownHeal } from './brick-health.js';
import type { GlusterCli } from './gluster-cli.js';
import type { GlusterVolumeInfo } from './gluster-xml.js';
import { auditVolume, findCurableRules, judgeSharding } from './options-audit.js';
import { backupServersOf } from './share-text.js';
import type { ConfiguredShare } from './shares-file.js';

export interface ShareHealthOptions {
  readonly cli: GlusterCli;
  /** glusterd's own socket, if it runs here; changes need it. */
  readonly glusterdSocket: string | null;
  /** Set what the audit wants. */
  readonly setOptions: boolean;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  /** Rejects for a host whose name means nothing here. */
  readonly resolve?: (host: string) => Promise<unknown>;
}

/** Milliseconds between looks, and after one that failed. */
const periods = {
  settings: { usual: 120_000, retry: 30_000 },
  bricks: { usual: 30_000, retry: 30_000 },
  heal: { usual: 300_000, retry: 120_000 },
} as const;
type LookName = keyof typeof periods;
/** While something is to be healed, somebody watches how it goes. */
const HEALING_PERIOD_MS = 60_000;
const LOOKS_AT_ONCE = 3;
const RESOLVE_LIMIT_MS = 3_000;

interface Look {
  readonly findings: readonly HealthFinding[];
  readonly figures?: PoolFigures;
  /** Milliseconds until the next one. */
  readonly again: number;
}

interface Known {
  volume: GlusterVolumeInfo | null;
  /** Hosts of bricks that this host can resolve. */
  brickHosts: readonly string[];
  /** Named by the shares file or the volume, and no name that means anything here. */
  unresolvable: readonly string[];
  largestBytes: number | null;
  readonly findings: Map<LookName, readonly HealthFinding[]>;
  readonly figures: Map<LookName, PoolFigures>;
  readonly nextAt: Map<LookName, number>;
  readonly running: Map<LookName, Promise<void>>;
}

export class ShareHealth {
  private readonly known = new Map<string, Known>();
  private readonly now: () => number;
  private readonly resolve: (host: string) => Promise<unknown>;
  private free = LOOKS_AT_ONCE;
  private readonly line: (() => void)[] = [];
  private version: Promise<string | null> | null = null;

  constructor(private readonly options: ShareHealthOptions) {
    this.now = options.now ?? (() => performance.now());
    this.resolve = options.resolve ?? ((host) => lookup(host));
  }

  /** What is known; begins the looks that are due. */
  findingsOf(configured: ConfiguredShare): readonly HealthFinding[] {
    void this.look(configured, 'settings');
    void this.look(configured, 'bricks');
    void this.look(configured, 'heal');
    const { findings, volume, largestBytes } = this.of(configured);
    return [...[...findings.values()].flat(), ...(volume === null ? [] : judgeSharding(volume, largestBytes))];
  }

  /** What was counted by the looks that `findingsOf` begins. */
  figuresOf(configured: ConfiguredShare): PoolFigures {
    return Object.assign({}, ...this.of(configured).figures.values()) as PoolFigures;
  }

  /** Waits for the look at the settings when one is due. Never rejects. */
  lookAtSettings(configured: ConfiguredShare): Promise<void> {
    return this.look(configured, 'settings');
  }

  /** Hosts of the volume's bricks, in their order, without those that mean nothing here. */
  serversOf(configured: ConfiguredShare): readonly string[] {
    return this.of(configured).brickHosts;
  }

  /** Hosts that the shares file or the volume names, and whose names mean nothing here. */
  unresolvableOf(configured: ConfiguredShare): readonly string[] {
    return this.of(configured).unresolvable;
  }

  /** The next looks are due at once: something has happened to the share. */
  expire(configured: ConfiguredShare): void {
    this.of(configured).nextAt.clear();
  }

  /** Bytes of the largest file on the share. */
  tellLargestFile(configured: ConfiguredShare, bytes: number): void {
    this.of(configured).largestBytes = bytes;
  }

  private of({ name: { share } }: ConfiguredShare): Known {
    const known = this.known.get(share) ?? {
      volume: null,
      brickHosts: [],
      unresolvable: [],
      largestBytes: null,
      findings: new Map(),
      figures: new Map(),
      nextAt: new Map(),
      running: new Map(),
    };
    this.known.set(share, known);
    return known;
  }

  private look(configured: ConfiguredShare, name: LookName): Promise<void> {
    const known = this.of(configured);
    const running = known.running.get(name);
    if (running !== undefined) return running;
    if (this.now() < (known.nextAt.get(name) ?? 0)) return Promise.resolve();
    const work = this.inTurn(() => this.lookNow(configured, known, name)).finally(() => known.running.delete(name));
    known.running.set(name, work);
    return work;
  }

  private async lookNow(configured: ConfiguredShare, known: Known, name: LookName): Promise<void> {
    const { usual, retry } = periods[name];
    try {
      const looks = { settings: this.lookSettings, bricks: this.lookBricks, heal: this.lookHeal };
      const { findings, figures = {}, again } = await looks[name].call(this, configured, known, usual);
      known.findings.set(name, findings);
      known.figures.set(name, figures);
      known.nextAt.set(name, this.now() + again);
    } catch (thrown) {
      // What was counted before is not what is now.
      known.figures.delete(name);
      known.findings.set(name, [failedLook(name, configured, reasonOf(thrown))]);
      known.nextAt.set(name, this.now() + retry);
    }
  }

  private async lookSettings(configured: ConfiguredShare, known: Known, again: number): Promise<Look> {
    let volume = await this.askVolume(configured);
    if (volume !== null && this.options.setOptions) volume = await this.cure(configured, volume);
    known.volume = volume;
    if (volume === null) {
      known.brickHosts = [];
      return { findings: [unknownVolume(configured)], again };
    }
    const named = [...configured.name.hosts, ...backupServersOf(configured.mountArguments), ...volume.brickHosts];
    const unresolvable = await this.findUnresolvable([...new Set(named)]);
    known.unresolvable = unresolvable;
    known.brickHosts = volume.brickHosts.filter((host) => !unresolvable.includes(host));
    this.version ??= this.options.cli.clientVersion().catch(() => null);
    const version = await this.version;
    return {
      findings: [
        ...auditVolume(volume),
        ...(version === null ? [] : judgeVersion(version, volume)),
        ...(unresolvable.length === 0 ? [] : [unresolvableServers(unresolvable)]),
      ],
      again,
    };
  }

  private async lookBricks(configured: ConfiguredShare, known: Known, again: number): Promise<Look> {
    await this.settingsFirst(known);
    const { volume } = known;
    if (volume?.started !== true) return { findings: [], again };
    const online = await this.asked(configured, (address) => this.options.cli.bricksOnline(address, volume.name));
    const bricksUp = volume.bricks.filter(({ name }) => online.has(name)).length;
    return { findings: judgeBricks(volume, online), figures: { bricks: volume.bricks.length, bricksUp }, again };
  }

  private async lookHeal(configured: ConfiguredShare, known: Known, again: number): Promise<Look> {
    await this.settingsFirst(known);
    const { volume } = known;
    if (volume?.started !== true || !keepsCopies(volume)) return { findings: [], again };
    const summary = await this.asked(configured, (address) => this.options.cli.healSummary(address, volume.name));
    const { pending, splitBrain } = summary;
    const figures = { healPending: Math.max(0, pending - splitBrain), splitBrain };
    return { findings: judgeHeal(volume, summary), figures, again: pending > 0 ? HEALING_PERIOD_MS : again };
  }

  /** The first look at a share finds no settings yet; the other looks need them. Holds no turn while it waits. */
  private async settingsFirst(known: Known): Promise<void> {
    if (known.volume !== null) return;
    const running = known.running.get('settings');
    if (running === undefined) return;
    this.giveTurn();
    try {
      await running;
    } finally {
      await this.takeTurn();
    }
  }

  private askVolume(configured: ConfiguredShare): Promise<GlusterVolumeInfo | null> {
    return this.asked(configured, (address) =>
      this.options.cli.tryVolumeInfo(address, configured.name.glusterVolumeName),
    );
  }

  /** Asks one server after the other until one answers. Throws what the last one has said. */
  private async asked<T>(
    configured: ConfiguredShare,
    ask: (address: { readonly remoteHost: string }) => Promise<T>,
  ): Promise<T> {
    const { hosts } = configured.name;
    const others = [...backupServersOf(configured.mountArguments), ...this.of(configured).brickHosts];
    let failure: unknown = null;
    for (const remoteHost of new Set([...hosts, ...others])) {
      try {
        return await ask({ remoteHost });
      } catch (thrown) {
        failure = thrown;
      }
    }
    throw failure;
  }

  /** Sets what the rules want, one by one; what cannot be set stays a finding. */
  private async cure(configured: ConfiguredShare, volume: GlusterVolumeInfo): Promise<GlusterVolumeInfo | null> {
    const socket = this.options.glusterdSocket ?? '/var/run/glusterd.socket';
    for (const rule of findCurableRules(volume)) {
      await this.options.cli.setVolumeOption({ socket }, volume.name, rule.key, rule.wanted);
    }
    return this.askVolume(configured);
  }

  private async findUnresolvable(hosts: readonly string[]): Promise<readonly string[]> {
    const answers = await Promise.all(hosts.map((host) => (isIP(host) === 0 ? this.canResolve(host) : true)));
    return hosts.filter((_host, index) => answers[index] === false);
  }

  private async canResolve(host: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), RESOLVE_LIMIT_MS);
    });
    const found = this.resolve(host).then(
      () => true,
      () => false,
    );
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    await this.takeTurn();
    try {
      await work();
    } finally {
      this.giveTurn();
    }
  }

  private async takeTurn(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.line.push(resolve));
  }

  private giveTurn(): void {
    const next = this.line.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}

function reasonOf(thrown: unknown): string {
  const { message, context } = asServiceError(thrown);
  const said = context['opErrstr'];
  return typeof said === 'string' && said !== '' ? `${message} (${said})` : message;
}

function failedLook(name: LookName, { name: { glusterVolumeName } }: ConfiguredShare, reason: string): HealthFinding {
  if (name === 'heal') return unknownHeal(glusterVolumeName, reason);
  const what = name === 'settings' ? 'the settings' : 'the state of the bricks';
  return {
    code: name === 'settings' ? 'volume.not-audited' : 'bricks.unknown',
    severity: 'info',
    text: `${what} of ${glusterVolumeName} could not be read: ${reason}`,
    cure: 'check that glusterd answers on port 24007 of the share servers and that the gluster command is installed here',
  };
}

function unknownVolume({ name }: ConfiguredShare): HealthFinding {
  return {
    code: 'volume.unknown',
    severity: 'error',
    text: `the servers know no Gluster volume ${name.glusterVolumeName}`,
    cure: 'correct the shares file or create the volume',
  };
}

function unresolvableServers(hosts: readonly string[]): HealthFinding {
  return {
    code: 'servers.unresolvable',
    severity: 'warning',
    text: `the names of these servers mean nothing on this host, so neither mounts nor guests are told of them: ${hosts.join(', ')}`,
    cure: 'add them to the DNS or to /etc/hosts, here and on every compute host; the client itself needs them to reach the bricks',
  };
}
