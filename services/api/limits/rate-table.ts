// A token bucket for each key, as one number: the moment at which its bucket will be full again (the generic cell rate algorithm). A bucket
// that is full is no entry, and there are never more entries than `maxKeys`, so that a flood of keys (addresses, names) costs no memory.
// Monotonic milliseconds, given from outside; no timers.

export interface Rate {
  readonly perSecond: number;
  /** So many at once before `perSecond` counts. */
  readonly burst: number;
}

export interface RateTableOptions extends Rate {
  readonly maxKeys: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/** Nobody is made to wait longer for what was counted in one moment. */
const MAX_DEBT_MS = 3_600_000;

export class RateTable {
  private readonly fullAt = new Map<string, number>();
  private readonly costMs: number;
  private readonly depthMs: number;

  constructor(private readonly options: RateTableOptions) {
    this.costMs = 1000 / options.perSecond;
    this.depthMs = options.burst * this.costMs;
  }

  /** How long until there is a token for the key, in milliseconds; 0: there is one. Takes none. */
  waitFor(key: string): number {
    const now = this.options.now();
    const fullAt = this.fullAt.get(key) ?? now;
    return Math.max(0, fullAt + this.costMs - this.depthMs - now);
  }

  /** Takes a token, whether there is one or not: what has happened is counted, up to an hour of waiting. */
  take(key: string): void {
    const now = this.options.now();
    const from = Math.max(this.fullAt.get(key) ?? now, now);
    this.fullAt.delete(key);
    this.fullAt.set(key, Math.min(from + this.costMs, now + this.depthMs + MAX_DEBT_MS));
    if (this.fullAt.size > this.options.maxKeys) this.forget(now);
  }

  /** Takes a token if there is one. Returns 0, or the milliseconds until there is one. */
  tryTake(key: string): number {
    const wait = this.waitFor(key);
    if (wait === 0) this.take(key);
    return wait;
  }

  /** The key's bucket is full again. */
  forgive(key: string): void {
    this.fullAt.delete(key);
  }

  get size(): number {
    return this.fullAt.size;
  }

  /** Full buckets go; where that is not enough, whoever was counted longest ago. */
  private forget(now: number): void {
    for (const [key, fullAt] of this.fullAt) if (fullAt <= now) this.fullAt.delete(key);
    for (const key of this.fullAt.keys()) {
      if (this.fullAt.size <= this.options.maxKeys) return;
      this.fullAt.delete(key);
    }
  }
}
