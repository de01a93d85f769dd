// A loop that looks for work at once when it is woken and otherwise now and then, one look at a time. An error is logged when it
// begins and when it has passed, not at every look, and the loop goes on, slower, for as long as it lasts.
import type { Logger } from '../core/runtime/logger.js';

export interface LoopOptions {
  readonly name: string;
  /** Pause between looks that found nothing, in milliseconds. */
  readonly everyMs: number;
  /** One look. `again` means there may be more to do right now. Must end by itself within seconds. */
  readonly look: () => Promise<'again' | 'idle'>;
  readonly logger: Logger;
}

export interface WakeableLoop {
  /** Looks again as soon as the look under way (if any) has ended. */
  wake(): void;
  /** No further looks; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

const SLOWEST_MS = 5000;

/** Starts the loop; the first look is at once. */
export function startWakeableLoop({ name, everyMs, look, logger }: LoopOptions): WakeableLoop {
  let stopped = false;
  let woken = false;
  let failures = 0;
  let endPause: (() => void) | null = null;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        endPause = null;
        resolve();
      };
      const timer = setTimeout(end, ms);
      endPause = end;
    });

  const lookOnce = async (): Promise<number> => {
    try {
      const found = await look();
      if (failures > 0) logger.info({ loop: name, failures }, 'the loop works again');
      failures = 0;
      return found === 'again' ? 0 : everyMs;
    } catch (error) {
      failures += 1;
      if (failures === 1) logger.warn({ loop: name, err: error }, 'the loop cannot work; it goes on trying');
      else logger.debug({ loop: name, err: error, failures }, 'still not');
      // A wake must not turn a broken database or broker into a busy loop.
      woken = false;
      return Math.min(SLOWEST_MS, everyMs * 2 ** Math.min(failures, 8));
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      woken = false;
      const pauseMs = await lookOnce();
      if (!stopped && !woken && pauseMs > 0) await pause(pauseMs);
    }
  };
  const running = run();

  return {
    wake: () => {
      woken = true;
      if (failures === 0) endPause?.();
    },
    stop: () => {
      stopped = true;
      endPause?.();
      return running;
    },
  };
}
