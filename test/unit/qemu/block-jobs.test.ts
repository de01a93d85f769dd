// A cancelled block job that a hung share keeps from ending: the cancel is not answered before the job has gone.
import assert from 'node:assert/strict';
import { JobWatch, waitOrCancel, wasCancelled } from '../../../drivers/qemu/block-jobs.js';
import type { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';

/** As long as a share that hangs may well take to answer. */
const HANGS_MS = 5_000;

describe('a cancelled block job', () => {
  it('is waited for while the share holds it', async () => {
    let goneAtMs = Number.POSITIVE_INFINITY;
    const answer = () =>
      performance.now() < goneAtMs
        ? { id: 'j', status: goneAtMs === Number.POSITIVE_INFINITY ? 'running' : 'aborting' }
        : { id: 'j', status: 'concluded', error: 'Operation canceled' };
    const monitor = {
      execute: () => Promise.resolve([{ ...answer(), 'current-progress': 1, 'total-progress': 2 }]),
      tryExecute: (command: string) => {
        assert.equal(command, 'job-cancel');
        goneAtMs = performance.now() + HANGS_MS;
        return Promise.resolve(true);
      },
      listen: () => () => undefined,
      async until<T>(check: () => Promise<T | null>, { signal }: { signal: AbortSignal }): Promise<T> {
        for (;;) {
          if (signal.aborted) throw new Error('gave up');
          const found = await check();
          if (found !== null) return found;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    } as unknown as GuestMonitor;
    const cancel = new AbortController();
    const waiting = waitOrCancel(monitor, 'j', new JobWatch(monitor, 'j'), {
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    const job = await waiting;
    assert.ok(wasCancelled(job));
    assert.ok(performance.now() >= goneAtMs);
  }).timeout(20_000);
});
