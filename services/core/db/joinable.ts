// A database handle whose queries join a transaction that the caller opened further out, without being told of it.
//
// A request with an Idempotency-Key stores its answer in the transaction of its deed, though some sixty handlers open their own
// transactions and read their answer afterwards. They all use a joinable handle: inside `joining` every query of the same chain of
// calls (AsyncLocalStorage) goes to that transaction, and what would be a transaction of its own becomes a savepoint. Outside of it the
// handle is the pool's, unchanged.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Transaction } from './connection.js';

const joined = new AsyncLocalStorage<Transaction>();

/** Queries of `work` through a joinable handle run in `tx`; `work` must have ended them all when it ends. */
export function joining<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  return joined.run(tx, work);
}

/** The same database; made once, where the handlers are given theirs. */
export function joinable(database: Database): Database {
  return new Proxy(database, {
    apply: (pool, _self, args: Parameters<Database>) => Reflect.apply(joined.getStore() ?? pool, undefined, args),
    get: (pool, property) => {
      const target = joined.getStore() ?? pool;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
