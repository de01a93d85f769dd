// QEMU's jobs as the driver sees them. "No such job" is never taken for success.
//
// A commit is made with auto-dismiss off, so it stays to be read when it has ended. A stream must not: QEMU 7.2 dies (SIGSEGV, measured
// every time) of query-named-block-nodes while a stream that has concluded is not dismissed, and every report of guests asks that. So a
// stream goes by itself, its end is heard as an event, and who did not hear it reads the block graph.
// Source: QEMU qapi/job.json (JobStatus), qapi/block-core.json (events), docs/interop/live-block-operations.rst.
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

/** Hears the end of a job that does not stay to be read. Begun before the job, or before it is asked for its end. */
export class JobWatch {
  private heard: string | null = null;
  private over = false;
  private readonly forget: () => void;

  constructor(monitor: GuestMonitor, id: string) {
    this.forget = monitor.listen(['BLOCK_JOB_COMPLETED', 'BLOCK_JOB_CANCELLED'], ({ name, data }) => {
      if (data['device'] !== id) return;
      this.over = true;
      if (name === 'BLOCK_JOB_CANCELLED') this.heard = 'Operation canceled';
      else this.heard = typeof data['error'] === 'string' ? data['error'] : null;
    });
  }

  /** What the job ended with; null when no end was heard. */
  endOf(id: string): BlockJob | null {
    return this.over ? { id, status: 'concluded', percent: 100, error: this.heard } : null;
  }

  stop(): void {
    this.forget();
  }
}

/** Waits until the job has done all it does by itself. The job runs on when the wait is aborted. */
export async function waitForJob(
  monitor: GuestMonitor,
  id: string,
  watch: JobWatch,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
  past: readonly JobStatus[] = ['moving'],
): Promise<BlockJob> {
  const ended = await monitor.until(
    async () => {
      const job = (await readJob(monitor, id)) ?? watch.endOf(id);
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

/**
 * Waits as waitForJob does. When the work is cancelled, the job is too, and the wait is for its end, however long a share that hangs holds
 * it: whoever waits for the volume must not find the job still there. A job that is past its moving was too quick for that, and its caller
 * finishes it. When only the worker ends, the job runs on and `cancelled` is thrown.
 */
export async function waitOrCancel(
  monitor: GuestMonitor,
  id: string,
  watch: JobWatch,
  { signal, onProgress }: LongWork,
): Promise<BlockJob> {
  try {
    return await waitForJob(monitor, id, watch, signal, onProgress);
  } catch (thrown) {
    if (!signal.aborted || isHandOver(signal)) throw thrown;
  }
  const job = await readJob(monitor, id);
  if (job?.status === 'moving') {
    // Refused when it came to its end this very moment.
    await monitor.tryExecute('job-cancel', { id }, /./);
  }
  return waitForJob(monitor, id, watch, new AbortController().signal, () => undefined);
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
