// Why the broker did not take a message. `unroutable`, `refused` and `topology` are certain; after `timeout` and `disconnected` the
// message may have been taken all the same, so whoever sends it again must expect that it arrives twice.

export type BusErrorCode =
  /** No queue is bound for the routing key, even after it was declared again. */
  | 'unroutable'
  /** The broker said no (a full or failing queue). */
  | 'refused'
  /** The broker refuses our exchange or queue, as one of that name exists with other properties. */
  | 'topology'
  | 'timeout'
  | 'disconnected'
  /** Too many messages wait already. */
  | 'overloaded'
  | 'closed';

export class BusError extends Error {
  override readonly name = 'BusError';
  constructor(
    readonly code: BusErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Rejects with BusError `timeout` after the limit; the promise that lost is still heard, so it can never become an unhandled rejection. */
export async function withLimit<T>(what: string, limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BusError('timeout', `${what}: no answer within ${Math.round(limitMs)} ms`)),
      limitMs,
    );
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
