// Remembers the newest entries only, so that a process that runs for years does not grow.

export class BoundedMap<K, V> {
  private readonly entries = new Map<K, V>();

  /** `onForgotten` is told what had to go for a newer entry. */
  constructor(
    private readonly limit: number,
    private readonly onForgotten: (key: K, value: V) => void = () => undefined,
  ) {}

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  /** Setting a key makes it the newest. */
  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.limit) return;
    const [oldest] = this.entries;
    if (oldest === undefined) return;
    this.entries.delete(oldest[0]);
    this.onForgotten(...oldest);
  }

  get size(): number {
    return this.entries.size;
  }
}
