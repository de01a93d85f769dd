// A transaction that is repeated when it met another one: a deadlock or a failed serialisation says nothing about the request, and
// PostgreSQL has undone all of it. Example: accepting takes a row and then a latch, while an operation that ends takes them the
// other way round. The work must therefore do nothing but speak to the database.
import type { Database, Transaction } from './connection.js';
import { metAnotherTransaction } from './database-trouble.js';

const MAX_ATTEMPTS = 4;

/** The work's answer, after its transaction has committed. Errors: the work's own; a race only after the last attempt. */
export async function inTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (thrown) {
      if (attempt >= MAX_ATTEMPTS || !metAnotherTransaction(thrown)) throw thrown;
    }
  }
}
