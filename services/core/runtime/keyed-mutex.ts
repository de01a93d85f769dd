// One at a time per key, in order of the calls. A caller may need several keys: it stands in all their lines from the moment of the
// call, so two callers can never wait for each other. Nothing is left behind for a key that nobody holds or wants.

export class KeyedMutex {
  /** For each key, what the next caller has to wait for. */
  private readonly tails = new Map<string, Promise<void>>();

  /** Runs the effect once every earlier caller of any of the keys has ended. Rejects with what the effect rejects with. */
  async run<T>(keys: string | readonly string[], effect: () => Promise<T>): Promise<T> {
    const unique = [...new Set(typeof keys === 'string' ? [keys] : keys)];
    const earlier = unique.map((key) => this.tails.get(key));
    let release: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const key of unique) this.tails.set(key, ended);
    try {
      await Promise.all(earlier);
      return await effect();
    } finally {
      for (const key of unique) if (this.tails.get(key) === ended) this.tails.delete(key);
      release();
    }
  }

  /** How many keys are held or waited for. */
  get size(): number {
    return this.tails.size;
  }
}
