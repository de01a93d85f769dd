// A clock that stands still until a test moves it. Timers run in order of their time, then of their making.
import type { CancelTimer, Clock } from './clock.js';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  private elapsedMs = 0;
  private made = 0;
  private readonly timers = new Set<Timer>();

  constructor(private readonly startMs = Date.parse('2026-01-01T00:00:00Z')) {}

  now(): number {
    return this.startMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    this.made += 1;
    const timer: Timer = { dueMs: this.elapsedMs + Math.max(0, delayMs), order: this.made, run };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves time on and runs what falls due; promises that depend on it settle before the call resolves. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.elapsedMs + byMs;
    await settle();
    for (let next = this.nextUntil(endMs); next !== null; next = this.nextUntil(endMs)) {
      this.timers.delete(next);
      this.elapsedMs = next.dueMs;
      next.run();
      await settle();
    }
    this.elapsedMs = endMs;
  }

  private nextUntil(endMs: number): Timer | null {
    const due = [...this.timers].filter(({ dueMs }) => dueMs <= endMs);
    due.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    return due[0] ?? null;
  }
}

/** A turn of the event loop, so that chains of promises run to their next wait. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
