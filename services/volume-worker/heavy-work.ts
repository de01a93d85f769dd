// Places for heavy work: copies, comparisons, merges and full allocation move whole disks, and ten at once on one share leave guests
// nothing. Each share has so many places; who finds none waits for one, in order, without holding up light work.
//
//   asked -> (a free place on every share that it touches?) --yes--> works -> gives its places back -> the next that fits
//                                     \--no--> waits, silent at 0 percent; cancelled while it waits, it leaves
// A command that touches two shares takes both places at the same moment or none, so two of them never wait for each other.
// Must never be asked for light work: creating an overlay, reading headers, removing files.
import { ServiceError } from '../core/domain/errors.js';
import type { Command } from '../core/messages/envelope.js';

export interface HeavyWait {
  readonly signal: AbortSignal;
  readonly onWait: () => void;
}

interface Waiting {
  readonly shares: readonly string[];
  readonly begin: () => void;
}

export class HeavyWork {
  private readonly limits = new Map<string, number>();
  private readonly taken = new Map<string, number>();
  private waiting: Waiting[] = [];

  /** `usual`: places of a share that was given no number of its own. */
  constructor(private readonly usual: number) {}

  /** The backend that serves the share says how many. */
  limit(share: string, places: number): void {
    this.limits.set(share, places);
  }

  runningOn(share: string): number {
    return this.taken.get(share) ?? 0;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** `onWait` is called when there is no place at once. Errors: the work's own; `cancelled` when aborted before it has begun. */
  async run<T>(shares: readonly string[], wait: HeavyWait, work: () => Promise<T>): Promise<T> {
    const wanted = [...new Set(shares)];
    await this.placeFor(wanted, wait);
    try {
      return await work();
    } finally {
      for (const share of wanted) this.taken.set(share, this.runningOn(share) - 1);
      this.letIn();
    }
  }

  private placeFor(shares: readonly string[], { signal, onWait }: HeavyWait): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting = this.waiting.filter((one) => one !== mine);
        reject(
          new ServiceError('cancelled', 'The work was cancelled before it began.', { context: { partial: false } }),
        );
        this.letIn();
      };
      const mine: Waiting = {
        shares,
        begin: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(mine);
      this.letIn();
      if (this.waiting.includes(mine)) onWait();
    });
  }

  /** Everybody who fits, in order; who does not fit keeps those behind it from the same share, or a copy between two would starve. */
  private letIn(): void {
    const heldBack = new Set<string>();
    const still: Waiting[] = [];
    for (const one of this.waiting) {
      const fits = one.shares.every((share) => !heldBack.has(share) && this.runningOn(share) < this.placesOf(share));
      if (fits) {
        for (const share of one.shares) this.taken.set(share, this.runningOn(share) + 1);
        one.begin();
      } else {
        still.push(one);
        for (const share of one.shares) heldBack.add(share);
      }
    }
    this.waiting = still;
  }

  private placesOf(share: string): number {
    return this.limits.get(share) ?? this.usual;
  }
}

/** Command types that load a share, and when. */
const heavyTypes: Readonly<Record<string, (target: { preallocation: string } | undefined) => boolean>> = {
  'image.copy': () => true,
  'image.compare': () => true,
  'backup.write': () => true,
  'backup.read': () => true,
  'image.convert': () => true,
  'image.digest': () => true,
  'image.checksum': () => true,
  'chain.copy': () => true,
  'chain.compare': () => true,
  'layer.commit': () => true,
  'layer.flatten': () => true,
  'image.create': (target) => target?.preallocation === 'full',
};

/** Whoever reads whole backups keeps objects of theirs in memory, and loads no share: the store counts as one. No share has such a name. */
export const backupStorePlace = 'backup store';

export interface HeavyShares {
  /** Of the backend that the command was sent to. */
  readonly own: readonly string[];
  /** Of another backend of the same worker. */
  readonly others: readonly string[];
}

/** The shares that a command loads heavily; none for light work. Pure. */
export function heavySharesOf({ type, params }: Pick<Command, 'type' | 'params'>): HeavyShares {
  const { share, sourceShare, sourceBackend, target, deep } = params as {
    deep?: boolean;
    share?: string;
    sourceShare?: string;
    sourceBackend?: string;
    target?: { share: string; preallocation: string };
  };
  if (type === 'backup.verify') return { own: deep === true ? [backupStorePlace] : [], others: [] };
  if (heavyTypes[type]?.(target) !== true) return { own: [], others: [] };
  const isForeign = sourceBackend !== undefined;
  const present = (...names: (string | undefined)[]) => names.filter((name) => name !== undefined);
  return {
    own: present(share, target?.share, isForeign ? undefined : sourceShare),
    others: present(isForeign ? sourceShare : undefined),
  };
}
