// Waiting in tests: for a condition, with a bound, never for a fixed time. What the condition last said is in the error, so that a
// failed wait explains itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { readPatience } from './patience.js';

export interface WaitOptions {
  /** Milliseconds; default 10 s. A lane run waits longer (patience.ts). */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks; default 10. */
  readonly intervalMs?: number;
}

/** Looks until the answer is neither undefined, null nor false, and returns it. Errors of a look count as "not yet". */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 10 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const limitMs = timeoutMs * readPatience();
  const deadline = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== undefined && answer !== null && answer !== false) {
        return answer as Exclude<T, undefined | null | false>;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const said = last instanceof Error ? (last.stack ?? last.message) : JSON.stringify(last);
      throw new Error(`waited ${limitMs} ms for ${what}; last seen: ${said}`);
    }
    await sleep(intervalMs);
  }
}
