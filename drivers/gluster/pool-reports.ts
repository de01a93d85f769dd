// One report per share: is it up, how large, what is wrong with it. Called every few seconds, so it never waits long: a share that is being
// mounted, or hangs, is `down` with the reason among its findings, and the others are not held up by it. A share that answers but takes
// no writes is `down` too: its disks can be read, and it gets no new ones.
import { asServiceError, type ServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, PoolReport, ShareAccess } from '../volume-driver.js';
import { FindingHistory } from './finding-history.js';
import type { OpenShare, OpenShares } from './open-shares.js';
import type { ShareFigures } from './share-io-protocol.js';
import type { ShareProvider } from './share-provider.js';
import { ShareWatch } from './share-watch.js';

const OPEN_WAIT_MS = 3_000;
const MEASURE_DEADLINE_MS = 3_000;
const OPEN_AGAIN_AFTER_MS = 15_000;

export class PoolReports {
  private readonly failedAt = new Map<string, { readonly at: number; readonly error: ServiceError }>();
  private readonly watch: ShareWatch;
  private readonly history: FindingHistory;

  constructor(
    private readonly provider: ShareProvider,
    private readonly shares: OpenShares,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.watch = new ShareWatch(provider, now);
    this.history = new FindingHistory(now);
  }

  async report(): Promise<readonly PoolReport[]> {
    const { shares, retired, findings } = await this.provider.list();
    const pools = [
      ...shares.map((share) => this.reportShare(share, findings, false)),
      ...retired.map((share) => this.reportShare(share, [], true)),
    ];
    return Promise.all(pools);
  }

  private async reportShare(
    share: string,
    listFindings: readonly HealthFinding[],
    retired: boolean,
  ): Promise<PoolReport> {
    const size = await this.measure(share).catch((thrown: unknown) => asServiceError(thrown));
    const access = this.provider.accessOf(share) ?? unknownAccess(share);
    const isUp = 'totalBytes' in size;
    const watched = isUp ? this.watch.findingsOf(share, size) : [];
    const found = [...listFindings, ...this.provider.findingsOf(share), ...watched];
    const writable = !watched.some(({ code }) => code === 'share.not-writable');
    const findings = this.history.note(share, isUp ? found : [...found, downFinding(share, size)]);
    const figures = this.provider.figuresOf(share);
    const common = { access, findings, figures, ...(retired ? { retired } : {}) };
    if (!isUp) return { ...common, state: 'down', totalBytes: null, freeBytes: null };
    const { totalBytes, freeBytes } = size;
    return { ...common, state: writable ? 'up' : 'down', totalBytes, freeBytes };
  }

  private async measure(share: string): Promise<ShareFigures> {
    const opened = await this.open(share);
    if (this.provider.renewalDue(share)) void this.inTime(share, () => this.renewed(share)).catch(() => undefined);
    try {
      const figures = await opened.io.call('measure', {}, MEASURE_DEADLINE_MS);
      this.watch.look(opened);
      return figures;
    } catch (thrown) {
      if (asServiceError(thrown).context['errno'] !== 'ENOTCONN') throw thrown;
      // The share's client process is gone; nothing can live on the mount any more.
      const revived = await this.inTime(share, () => this.shares.revive(share));
      return revived.io.call('measure', {}, MEASURE_DEADLINE_MS);
    }
  }

  private async renewed(share: string): Promise<OpenShare> {
    await this.shares.renewIdle(share);
    return this.shares.get(share);
  }

  private open(share: string): Promise<OpenShare> {
    const failed = this.failedAt.get(share);
    if (failed !== undefined && this.now() - failed.at < OPEN_AGAIN_AFTER_MS) return Promise.reject(failed.error);
    return this.inTime(share, () => this.shares.get(share));
  }

  /** Lets the opening go on in the background when it takes longer than a report may wait. */
  private async inTime(share: string, start: () => Promise<OpenShare>): Promise<OpenShare> {
    const work = start();
    work.then(
      () => this.failedAt.delete(share),
      (thrown: unknown) => this.failedAt.set(share, { at: this.now(), error: asServiceError(thrown) }),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the share is still being mounted')), OPEN_WAIT_MS);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

function downFinding(share: string, error: ServiceError): HealthFinding {
  const causes = error.context['likelyCauses'];
  const cause = error.cause instanceof Error ? error.cause.message : (error.context['reason'] ?? error.message);
  return {
    code: 'share.down',
    severity: 'error',
    text: `${share} cannot be used: ${String(cause)}`,
    cure: Array.isArray(causes)
      ? causes.join('; ')
      : 'look at the mount and at the Gluster servers; it is tried again by itself',
  };
}

function unknownAccess(share: string): ShareAccess {
  return { share, glusterVolumeName: '', directory: '', servers: [], mountOptions: null };
}
