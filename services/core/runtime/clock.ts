// Time as a dependency, so that tests need not wait for it. Leases and deadlines that several processes compare are computed with the
// database's clock, never with this one.

export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds since 1970, for people and logs; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary point; never jumps. For measuring and for limits. */
  monotonicMs(): number;
  /** Calls once after so many milliseconds. Cancelling twice or late is harmless. */
  after(delayMs: number, run: () => void): CancelTimer;
}

/** The machine's clock. Its timers keep the process alive like any other. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Calls again and again, each time so many milliseconds after the last call returned. */
export function every(clock: Clock, periodMs: number, run: () => void): CancelTimer {
  let cancel: CancelTimer = () => undefined;
  let cancelled = false;
  const arm = (): void => {
    cancel = clock.after(periodMs, () => {
      run();
      if (!cancelled) arm();
    });
  };
  arm();
  return () => {
    cancelled = true;
    cancel();
  };
}

/** Resolves after the pause, or at once when the signal aborts; true when the whole pause has passed. Never rejects. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(false);
      return;
    }
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
