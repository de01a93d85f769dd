// How many messages may be under way at a time. Who comes when all places are taken waits in line; who comes when the line is full, or
// waits longer than its limit, is refused.
import { BusError } from './bus-error.js';

type GiveBack = () => void;

interface Waiter {
  readonly enter: (giveBack: GiveBack) => void;
  readonly refuse: (error: BusError) => void;
}

export class PlacesInFlight {
  private taken = 0;
  private closed = false;
  private readonly line = new Set<Waiter>();

  constructor(
    private readonly places: number,
    private readonly maxWaiting: number,
  ) {}

  /** Resolves with the way to give the place back. Rejects with BusError `overloaded`, `timeout` or `closed`. */
  take(limitMs: number): Promise<GiveBack> {
    if (this.closed) return Promise.reject(new BusError('closed', 'the publisher was closed'));
    if (this.taken < this.places) return Promise.resolve(this.occupy());
    if (this.line.size >= this.maxWaiting) {
      return Promise.reject(new BusError('overloaded', `${this.maxWaiting} messages wait for the broker already`));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.line.delete(waiter);
        reject(new BusError('timeout', 'no place among the messages in flight in time'));
      }, limitMs);
      const waiter: Waiter = {
        enter: (giveBack) => {
          clearTimeout(timer);
          resolve(giveBack);
        },
        refuse: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.line.add(waiter);
    });
  }

  close(): void {
    this.closed = true;
    for (const waiter of this.line) waiter.refuse(new BusError('closed', 'the publisher was closed'));
    this.line.clear();
  }

  private occupy(): GiveBack {
    this.taken += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.taken -= 1;
      const [next] = this.line;
      if (next === undefined) return;
      this.line.delete(next);
      next.enter(this.occupy());
    };
  }
}
