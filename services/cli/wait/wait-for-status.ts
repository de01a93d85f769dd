// Waits until something that a request began has settled, by asking for its status: short steps at first, longer ones later.
// "Settled" includes failing: a status that begins with `error` ends the wait with the user's message, when there is one.
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, isApiError } from '../cli-error.js';
import type { Progress } from './progress.js';

export interface Observed {
  readonly status: string;
}

export interface WaitPlan<T extends Observed> {
  /** For messages: `volume data`. */
  readonly what: string;
  /** Asks the API. A 404 means that it is gone. */
  look(): Promise<T>;
  /** True when the wished state is reached. */
  done(seen: T): boolean;
  /** True while it is still on its way; any other state that is not done is a failure. */
  pending(seen: T): boolean;
  /** When the thing shall disappear: a 404 is then success. */
  readonly goneIsDone?: boolean;
  /** The reason the service gives to users; null when it gives none. */
  readonly reason?: () => Promise<string | null>;
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** The last state seen; null when it is gone. Errors: CliError for a failure or when the time is over. */
export async function waitForStatus<T extends Observed>(plan: WaitPlan<T>, progress: Progress): Promise<T | null> {
  const started = performance.now();
  try {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      const seen = await lookOnce(plan);
      if (seen === null) return null;
      if (plan.done(seen)) return seen;
      if (!plan.pending(seen)) throw await failureOf(plan, seen.status);
      const elapsedMs = performance.now() - started;
      if (elapsedMs > plan.timeoutMs) {
        throw new CliError(
          `The ${plan.what} is still '${seen.status}' after ${Math.round(elapsedMs / 1_000)} s.`,
          'It goes on in the background; look again later, or give a longer --timeout.',
        );
      }
      progress.show(`${plan.what}: ${seen.status} (${(elapsedMs / 1_000).toFixed(0)} s)`);
      await sleep(pause);
    }
  } finally {
    progress.clear();
  }
}

async function lookOnce<T extends Observed>(plan: WaitPlan<T>): Promise<T | null> {
  try {
    return await plan.look();
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
    if (plan.goneIsDone === true) return null;
    throw new CliError(`The ${plan.what} disappeared while it was waited for.`, 'Somebody deleted it.');
  }
}

async function failureOf<T extends Observed>(plan: WaitPlan<T>, status: string): Promise<CliError> {
  const reason = (await plan.reason?.().catch(() => null)) ?? null;
  return new CliError(`The ${plan.what} ended as '${status}'${reason === null ? '.' : `: ${reason}`}`);
}
