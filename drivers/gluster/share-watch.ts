// Watches over a mounted share through its helper process: whether it can be written (a small file, written, synced, removed) and what room
// it has left. In the background and at most so often, because every probe is a write on all copies; a report never waits for one.
import { asServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding } from '../volume-driver.js';
import type { OpenShare } from './open-shares.js';
import type { ShareFigures } from './share-io-protocol.js';
import type { ShareProvider } from './share-provider.js';

const PROBE_EVERY_MS = 60_000;
/** While it takes no writes, somebody waits to hear that it does again. */
const PROBE_AGAIN_MS = 10_000;
/** A brick that is being given up holds a write for as long as its ping timeout. */
const PROBE_DEADLINE_MS = 50_000;
const SURVEY_EVERY_MS = 1_800_000;
const SURVEY_DEADLINE_MS = 60_000;

export class ShareWatch {
  private readonly unwritable = new Map<string, HealthFinding>();
  private readonly probeAt = new Map<string, number>();
  private readonly surveyAt = new Map<string, number>();
  private readonly probing = new Set<string>();

  constructor(
    private readonly provider: ShareProvider,
    private readonly now: () => number,
  ) {}

  /** What the last probe and the figures of now say. */
  findingsOf(share: string, figures: ShareFigures): readonly HealthFinding[] {
    const unwritable = this.unwritable.get(share);
    return [...(unwritable === undefined ? [] : [unwritable]), ...judgeRoom(share, figures)];
  }

  /** Probes the share when that is due; does not wait for it. Only for one that has just answered. */
  look(opened: OpenShare): void {
    const { share } = opened.access;
    const isDue = (at: ReadonlyMap<string, number>) => this.now() >= (at.get(share) ?? 0);
    if (this.probing.has(share) || !(isDue(this.probeAt) || isDue(this.surveyAt))) return;
    this.probing.add(share);
    const work = async () => {
      if (isDue(this.probeAt)) await this.probe(opened);
      if (isDue(this.surveyAt)) await this.survey(opened);
    };
    void work().finally(() => this.probing.delete(share));
  }

  private async probe({ access: { share }, io }: OpenShare): Promise<void> {
    try {
      await io.call('probeWrite', {}, PROBE_DEADLINE_MS);
      this.unwritable.delete(share);
    } catch (thrown) {
      const error = asServiceError(thrown);
      const errno = error.context['errno'];
      // A helper that went away says nothing about the share; `measure` finds out why. A full share is told by its figures.
      if (typeof errno === 'string' && !['ENOSPC', 'EDQUOT'].includes(errno)) {
        this.unwritable.set(share, notWritable(share, errno));
      }
    }
    this.probeAt.set(share, this.now() + (this.unwritable.has(share) ? PROBE_AGAIN_MS : PROBE_EVERY_MS));
  }

  private async survey({ access: { share }, io }: OpenShare): Promise<void> {
    this.surveyAt.set(share, this.now() + SURVEY_EVERY_MS);
    const seen = await io.call('survey', {}, SURVEY_DEADLINE_MS).catch(() => null);
    if (seen !== null) this.provider.tellLargestFile(share, seen.largestBytes);
  }
}

function notWritable(share: string, errno: string): HealthFinding {
  const cures: Readonly<Record<string, string>> = {
    EROFS: 'bring bricks back until every set has its quorum, or end what made the volume read-only',
    ENOTCONN: 'bring bricks back until every set has its quorum',
    EACCES: 'give the storage user the right to write in the root of the share (storage.owner-uid, storage.owner-gid)',
    EPERM: 'give the storage user the right to write in the root of the share (storage.owner-uid, storage.owner-gid)',
  };
  return {
    code: 'share.not-writable',
    severity: 'error',
    text: `${share} takes no writes (${errno}): it gets no new volumes`,
    cure: cures[errno] ?? 'look at the bricks and at the log of the mount; it is tried again by itself',
  };
}

/** Percent of what is left at which somebody should know, and must act. */
const LOW_PERCENT = 5;
const OUT_PERCENT = 1;

/** Pure. A file system without a fixed number of inodes says 0 in all. */
export function judgeRoom(share: string, figures: Partial<ShareFigures>): readonly HealthFinding[] {
  const { totalBytes = 0, freeBytes = 0, totalInodes = 0, freeInodes = 0 } = figures;
  const rows = [
    [
      'share.nearly-full',
      'of its bytes',
      totalBytes,
      freeBytes,
      'delete what nobody needs, empty the trash, or add bricks',
    ],
    [
      'share.few-inodes',
      'of its inodes',
      totalInodes,
      freeInodes,
      'remove files that are no disks, or make larger brick file systems',
    ],
  ] as const;
  return rows.flatMap(([code, what, total, free, cure]) => {
    if (total <= 0) return [];
    const percent = (100 * free) / total;
    if (percent >= LOW_PERCENT) return [];
    const severity = percent < OUT_PERCENT ? ('error' as const) : ('warning' as const);
    return [{ code, severity, text: `${share} has ${percent.toFixed(1)} % ${what} left`, cure }];
  });
}
