// Connections for servers elsewhere while a volume is being made independent of its source. No hypervisor of ours is asked, so there is no
// operation that could wait in line: the request itself asks the flatten to stop, waits for its end, which takes a second or two, and is
// then done once more. Whoever only reserves a volume asks already then, and nobody begins a flatten behind a reservation.
import { ServiceError } from '../../domain/errors.js';
import { pause, systemClock } from '../../runtime/clock.js';
import type { Database, Transaction } from '../connection.js';
import { askToGiveWay } from '../engine/cancel.js';
import { inTransaction } from '../in-transaction.js';

const LOOK_EVERY_MS = 100;
const LIMIT_MS = 5000;

const over: ReadonlySet<string> = new Set(['done', 'failed']);

async function hasEnded(database: Database, operationId: string): Promise<boolean> {
  for (let waited = 0; waited < LIMIT_MS; waited += LOOK_EVERY_MS) {
    const row: { state: string } | undefined = await database('operations').where({ id: operationId }).first('state');
    if (row === undefined || over.has(row.state)) return true;
    await pause(systemClock, LOOK_EVERY_MS);
  }
  return false;
}

/** Runs the work in a transaction; once more after a flatten that was in its way. Errors: the work's own. */
export async function pastFlatten<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(database, work);
  } catch (thrown) {
    const blocker = thrown instanceof ServiceError ? thrown.context['givesWay'] : undefined;
    if (typeof blocker !== 'string') throw thrown;
    await inTransaction(database, (tx) => askToGiveWay(tx, [blocker]));
    if (!(await hasEnded(database, blocker))) throw thrown;
    return inTransaction(database, work);
  }
}
