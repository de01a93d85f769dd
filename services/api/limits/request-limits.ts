// How much one project, one address, and all together may ask of this process: requests per second (a token bucket) and requests under way.
// The address counts before a token is looked at, so that who has none cannot make the process look up tokens without end; the project
// counts once the token has named it. Kept in memory, apart in every api process: with n of them behind a balancer, n times as much.
import { ServiceError } from '../../core/domain/errors.js';
import type { LimitsConfig } from '../../core/runtime/config-types.js';
import { rateLimited } from './rate-limited.js';
import { RateTable } from './rate-table.js';

type ShareConfig = LimitsConfig['ofAddress'];

/** As many addresses or projects are told apart; an entry is about 100 bytes. */
const MAX_KEYS = 50_000;

/** What one request takes of the limits, from its arrival to the end of its answer. */
export interface Visit {
  /** The token has named a project. Throws `rate_limited`. */
  countProject(projectId: string): void;
  /**
   * Waits for what the sender still sends. Of the places of all it takes none meanwhile, so that a few senders who are slow on purpose cannot have
   * every one of them; of its address's and project's it keeps its own. Rejects as `work` does, and with `service_unavailable`.
   */
  whileReceiving<T>(work: () => Promise<T>): Promise<T>;
  /** The answer has ended, however. May be called twice. */
  leave(): void;
}

/** The limits of one kind of asker. */
class Share {
  private readonly rates: RateTable;
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly config: ShareConfig,
    now: () => number,
  ) {
    this.rates = new RateTable({ perSecond: config.perSecond, burst: config.burst, maxKeys: MAX_KEYS, now });
  }

  /** Throws `rate_limited`; otherwise `leave` must be called once. */
  enter(key: string): void {
    const count = this.underWay.get(key) ?? 0;
    if (count >= this.config.underWay) {
      throw rateLimited(1000, `Only ${this.config.underWay} requests may be under way at the same time.`);
    }
    const wait = this.rates.tryTake(key);
    if (wait > 0) throw rateLimited(wait, `Only ${this.config.perSecond} requests can be made every second.`);
    this.underWay.set(key, count + 1);
  }

  leave(key: string): void {
    const count = (this.underWay.get(key) ?? 0) - 1;
    if (count > 0) this.underWay.set(key, count);
    else this.underWay.delete(key);
  }

  get isIdle(): boolean {
    return this.underWay.size === 0;
  }
}

export class RequestLimits {
  private readonly addresses: Share;
  private readonly projects: Share;
  private underWay = 0;

  constructor(
    private readonly config: LimitsConfig,
    now: () => number = () => performance.now(),
  ) {
    this.addresses = new Share(config.ofAddress, now);
    this.projects = new Share(config.ofProject, now);
  }

  /** Throws `rate_limited`, and `service_unavailable` when the whole process has enough to do. */
  arrive(address: string): Visit {
    this.demandPlace();
    this.addresses.enter(address);
    this.underWay += 1;
    let project: string | null = null;
    let isOver = false;
    let hasPlace = true;
    const giveBack = (): void => {
      if (hasPlace) this.underWay -= 1;
      hasPlace = false;
    };
    return {
      whileReceiving: async (work) => {
        giveBack();
        const received = await work();
        if (isOver) return received;
        this.demandPlace();
        this.underWay += 1;
        hasPlace = true;
        return received;
      },
      countProject: (projectId) => {
        this.projects.enter(projectId);
        // The client may have gone while its token was looked up.
        if (isOver) this.projects.leave(projectId);
        else project = projectId;
      },
      leave: () => {
        if (isOver) return;
        isOver = true;
        giveBack();
        this.addresses.leave(address);
        if (project !== null) this.projects.leave(project);
      },
    };
  }

  private demandPlace(): void {
    if (this.underWay >= this.config.underWay) {
      throw new ServiceError('service_unavailable', 'Too many requests are under way. Please try again later.');
    }
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.underWay === 0 && this.addresses.isIdle && this.projects.isIdle;
  }
}
