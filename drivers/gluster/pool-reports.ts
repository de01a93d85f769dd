// One report per configured share: is it up, how large, what is wrong with it. Called every few seconds, so it never waits long: a
// share that is being mounted, or hangs, is `down` with the reason among its findings, and the others are not held up by it.
import { asServiceError, type ServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, PoolReport, ShareAccess } from '../volume-driver.js';
import type { OpenShare, OpenShares } from './open-shares.js';
import type { ShareProvider } from './share-provider.js';

const OPEN_WAIT_MS = 3_000;
const MEASURE_DEADLINE_MS = 3_000;
const OPEN_AGAIN_AFTER_MS = 15_000;

export class PoolReports {
  private readonly failedAt = new Map<string, { readonly at: number; readonly error: ServiceError }>();

  constructor(
    private readonly provider: ShareProvider,
    private readonly shares: OpenShares,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async report(): Promise<readonly PoolReport[]> {
    const listing = await this.provider.list();
    return Promise.all(listing.shares.map((share) => this.reportShare(share, listing.findings)));
  }

  private async reportShare(share: string, listFindings: readonly HealthFinding[]): Promise<PoolReport> {
    const size = await this.measure(share).catch((thrown: unknown) => asServiceError(thrown));
    const access = this.provider.accessOf(share) ?? unknownAccess(share);
    const findings = [...listFindings, ...this.provider.findingsOf(share)];
    if ('totalBytes' in size) return { access, state: 'up', ...size, findings };
    return {
      access,
      state: 'down',
      totalBytes: null,
      freeBytes: null,
      findings: [...findings, downFinding(share, size)],
    };
  }

  private async measure(share: string): Promise<{ totalBytes: number; freeBytes: number }> {
    const opened = await this.open(share);
    try {
      return await opened.io.call('measure', {}, MEASURE_DEADLINE_MS);
    } catch (thrown) {
      if (asServiceError(thrown).context['errno'] !== 'ENOTCONN') throw thrown;
      // The share's client process is gone; nothing can live on the mount any more.
      const revived = await this.inTime(share, () => this.shares.revive(share));
      return revived.io.call('measure', {}, MEASURE_DEADLINE_MS);
    }
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
