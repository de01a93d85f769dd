// Gluster volumes as shares: reads the shares file (again and again, so edits need no restart), mounts through the mount table, and
// looks at the volumes' settings in the background. A share whose line was removed keeps working until restart, as in Cinder.
// The gluster command is never waited for by a verb: what it last said is what is known.
import { readFile } from 'node:fs/promises';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, ShareAccess, ShareServer } from '../volume-driver.js';
import type { BackendOptions } from './backend-options.js';
import type { GlusterCli, GlusterVolumeInfo } from './gluster-cli.js';
import type { Incoherence, Mounted, MountTable } from './mount-table.js';
import { auditVolume, findBrokenRules } from './options-audit.js';
import type { ShareListing, ShareProvider, ShareRoot } from './share-provider.js';
import { backupServersOf, GLUSTERD_PORT, tryParseShareText } from './share-text.js';
import { type ConfiguredShare, parseSharesFile, type SharesFile } from './shares-file.js';

const AUDIT_EVERY_MS = 600_000;
const AUDIT_RETRY_MS = 60_000;
const USER = 'volume-worker';

interface Audit {
  readonly findings: readonly HealthFinding[];
  readonly brickHosts: readonly string[];
}

export class GlusterShareProvider implements ShareProvider {
  readonly storageProtocol = 'glusterfs';
  private readonly known = new Map<string, ConfiguredShare>();
  private readonly audits = new Map<string, Audit>();
  private readonly nextAuditAt = new Map<string, number>();
  private readonly incoherences = new Map<string, HealthFinding>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly options: BackendOptions,
    private readonly mounts: MountTable,
    private readonly cli: GlusterCli,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async list(): Promise<ShareListing> {
    const { shares, complaints } = await this.readShares();
    for (const share of shares) this.known.set(share.name.share, share);
    const findings = complaints.map(({ line, text }) => ({
      code: 'shares-file.line',
      severity: 'warning' as const,
      text: `line ${line} of the shares file: ${text}`,
      cure: 'correct the line; it is ignored until then',
    }));
    return { shares: shares.map((share) => share.name.share), findings };
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

  open(share: string): Promise<ShareRoot> {
    return this.openWith(share, (configured) => this.mounts.acquire(configured, USER));
  }

  reopen(share: string): Promise<ShareRoot> {
    return this.openWith(share, (configured) => this.mounts.remount(configured));
  }

  findingsOf(share: string): readonly HealthFinding[] {
    void this.lookAt(share);
    const incoherence = this.incoherences.get(share);
    const audited = this.audits.get(share)?.findings ?? [];
    return incoherence === undefined ? audited : [incoherence, ...audited];
  }

  lookAt(share: string): Promise<void> {
    const configured = this.known.get(share);
    if (configured === undefined || this.now() < (this.nextAuditAt.get(share) ?? 0)) return Promise.resolve();
    const running = this.running.get(share);
    if (running !== undefined) return running;
    const work = this.auditNow(configured).finally(() => this.running.delete(share));
    this.running.set(share, work);
    return work;
  }

  close(): void {
    // mounts stay: guests on this host may use them
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
    const configured = this.known.get(share);
    const access = this.accessOf(share);
    if (configured === undefined || access === null) {
      throw new ServiceError('backend_offline', 'The share is not configured.', { context: { share } });
    }
    const { path, incoherence } = await mount(configured);
    if (incoherence === null) this.incoherences.delete(share);
    else this.incoherences.set(share, notCoherent(path, incoherence));
    return { access, path, kind: 'mount', incoherence: incoherence?.reason ?? null };
  }

  /** The share's own hosts first, then backup servers, then the bricks' hosts: every server QEMU may ask. */
  private serversOf(configured: ConfiguredShare): readonly ShareServer[] {
    const { share, hosts } = configured.name;
    const bricks = this.audits.get(share)?.brickHosts ?? [];
    const all = new Set([...hosts, ...backupServersOf(configured.mountArguments), ...bricks]);
    return [...all].map((host) => ({ host, port: GLUSTERD_PORT }));
  }

  private async auditNow(configured: ConfiguredShare): Promise<void> {
    const { share } = configured.name;
    try {
      let volume = await this.askVolume(configured);
      if (volume !== null && this.options.setGlusterOptions) volume = await this.cure(configured, volume);
      this.audits.set(share, {
        findings: volume === null ? [unknownVolume(configured)] : auditVolume(volume),
        brickHosts: volume?.brickHosts ?? [],
      });
      this.nextAuditAt.set(share, this.now() + AUDIT_EVERY_MS);
    } catch (thrown) {
      const { message } = asServiceError(thrown);
      this.audits.set(share, {
        findings: [notAudited(configured, message)],
        brickHosts: this.audits.get(share)?.brickHosts ?? [],
      });
      this.nextAuditAt.set(share, this.now() + AUDIT_RETRY_MS);
    }
  }

  private async askVolume(configured: ConfiguredShare): Promise<GlusterVolumeInfo | null> {
    const { hosts, glusterVolumeName } = configured.name;
    let failure: unknown = null;
    for (const remoteHost of [...hosts, ...backupServersOf(configured.mountArguments)]) {
      try {
        return await this.cli.tryVolumeInfo({ remoteHost }, glusterVolumeName);
      } catch (thrown) {
        failure = thrown;
      }
    }
    throw failure;
  }

  /** Sets what the rules want, one by one; what cannot be set stays a finding. */
  private async cure(configured: ConfiguredShare, volume: GlusterVolumeInfo): Promise<GlusterVolumeInfo | null> {
    const socket = this.options.glusterdSocket ?? '/var/run/glusterd.socket';
    for (const rule of findBrokenRules(volume)) {
      await this.cli.setVolumeOption({ socket }, volume.name, rule.key, rule.wanted);
    }
    return this.askVolume(configured);
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

function unknownVolume(configured: ConfiguredShare): HealthFinding {
  return {
    code: 'volume.unknown',
    severity: 'error',
    text: `the servers know no Gluster volume ${configured.name.glusterVolumeName}`,
    cure: 'correct the shares file or create the volume',
  };
}

function notAudited(configured: ConfiguredShare, reason: string): HealthFinding {
  return {
    code: 'volume.not-audited',
    severity: 'info',
    text: `the settings of ${configured.name.glusterVolumeName} could not be read: ${reason}`,
    cure: 'check that glusterd answers on port 24007 of the share servers and that the gluster command is installed here',
  };
}
