// Notices when a transfer does not move: no data, or so little that somebody keeps it open for its own sake. Looks at counters now and then
// instead of at every piece, so that it costs nothing while data flows.

/** Less than this, over the whole idle time, is not moving. */
const LEAST_BYTES_PER_SECOND = 1024;
const LOOKS = 8;

export interface MovementWatchOptions {
  readonly idleMs: number;
  /** Bytes moved so far; null while it is not the other side's turn to move. */
  readonly moved: () => number | null;
  readonly onLook?: (moved: number) => void;
  /** Called once. */
  readonly onIdle: () => void;
}

export class MovementWatch {
  private readonly timer: NodeJS.Timeout;
  private markedBytes = 0;
  private markedAt = performance.now();

  constructor(private readonly options: MovementWatchOptions) {
    this.timer = setInterval(() => this.look(), Math.max(20, options.idleMs / LOOKS));
  }

  /** The time counts from now again. */
  restart(): void {
    this.markedAt = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { moved, idleMs, onIdle, onLook } = this.options;
    const now = moved();
    const least = (idleMs / 1000) * LEAST_BYTES_PER_SECOND;
    if (now !== null) onLook?.(now);
    if (now === null || now - this.markedBytes >= least) {
      this.markedBytes = now ?? this.markedBytes;
      this.restart();
      return;
    }
    if (performance.now() - this.markedAt < idleMs) return;
    this.stop();
    onIdle();
  }
}
