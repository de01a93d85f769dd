// QEMU's jobs as the driver sees them. Jobs are made with auto-dismiss off, so a job that ended stays to be read: "no such job" is
// never taken for success. Source: QEMU qapi/job.json (JobStatus), docs/interop/live-block-operations.rst.
import { ServiceError } from '../../services/core/domain/errors.js';
import { isHandOver } from '../../services/core/domain/work-end.js';
import type { LongWork } from '../volume-driver.js';
import type { GuestMonitor } from './guest-monitor.js';
import { isObject } from './qmp-messages.js';

export type JobStatus = 'moving' | 'ready' | 'pending' | 'concluded';

export interface BlockJob {
  readonly id: string;
  readonly status: JobStatus;
  /** 0..100. */
  readonly percent: number;
  readonly error: string | null;
}

const endings: Readonly<Record<string, JobStatus>> = {
  ready: 'ready',
  standby: 'ready',
  pending: 'pending',
  concluded: 'concluded',
};

/** The job as it is now; null when QEMU has no such job. */
export async function readJob(monitor: GuestMonitor, id: string): Promise<BlockJob | null> {
  const jobs = await monitor.execute('query-jobs');
  if (!Array.isArray(jobs)) return null;
  const job: unknown = jobs.find((one) => isObject(one) && one['id'] === id);
  if (!isObject(job)) return null;
  const total = Number(job['total-progress']);
  const current = Number(job['current-progress']);
  const percent = total > 0 ? Math.min(100, (100 * current) / total) : 0;
  return {
    id,
    status: endings[String(job['status'])] ?? 'moving',
    percent,
    error: typeof job['error'] === 'string' ? job['error'] : null,
  };
}

/** Waits until the job has done all it does by itself. The job runs on when the wait is aborted. */
export async function waitForJob(
  monitor: GuestMonitor,
  id: string,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
  past: readonly JobStatus[] = ['moving'],
): Promise<BlockJob> {
  const ended = await monitor.until(
    async () => {
      const job = await readJob(monitor, id);
      if (job === null) {
        throw new ServiceError('hypervisor_offline', 'A block job vanished without an answer.', { context: { id } });
      }
      onProgress(job.percent);
      return past.includes(job.status) ? null : job;
    },
    {
      limitMs: Number.POSITIVE_INFINITY,
      events: ['JOB_STATUS_CHANGE', 'BLOCK_JOB_READY', 'BLOCK_JOB_COMPLETED', 'BLOCK_JOB_PENDING'],
      signal,
    },
  );
  if (ended === null) throw new ServiceError('deadline_exceeded', 'The block job did not end in time.');
  return ended;
}

/** How long a cancelled job may take to let go; a share that hangs holds it longer. */
const CANCEL_MS = 4_000;

/**
 * Waits as waitForJob does. When the work is cancelled, the job is too, and the wait is for its end; a job that is past its moving was
 * too quick for that, and its caller finishes it. When only the worker ends, the job runs on and `cancelled` is thrown.
 */
export async function waitOrCancel(
  monitor: GuestMonitor,
  id: string,
  { signal, onProgress }: LongWork,
): Promise<BlockJob> {
  try {
    return await waitForJob(monitor, id, signal, onProgress);
  } catch (thrown) {
    if (!signal.aborted || isHandOver(signal)) throw thrown;
  }
  const job = await readJob(monitor, id);
  if (job?.status === 'moving') {
    // Refused when it came to its end this very moment.
    await monitor.tryExecute('job-cancel', { id }, /./);
  }
  const patience = AbortSignal.timeout(CANCEL_MS);
  return waitForJob(monitor, id, patience, () => undefined);
}

/** True for a job that ended because somebody cancelled it: the disk is as before. */
export function wasCancelled(job: BlockJob): boolean {
  return job.status === 'concluded' && /^Operation cancell?ed$/i.test(job.error ?? '');
}

/** What a failed job's text means. */
export function jobFailure(job: BlockJob): ServiceError {
  const code = /No space left/i.test(job.error ?? '')
    ? 'no_space'
    : /Transport endpoint|Input\/output/i.test(job.error ?? '')
      ? 'backend_offline'
      : 'internal';
  return new ServiceError(code, 'The merge of the layers failed.', { context: { said: job.error } });
}
