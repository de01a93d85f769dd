// For races with a transaction that a test holds open: goes on when the request waits for a lock, or has ended without waiting.
import type { Database } from '../../../services/core/db/connection.js';
import { waitFor } from '../../harness/wait-for.js';

export async function waitsOrEnds(database: Database, request: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  request.then(end, end);
  await waitFor('the request to wait for a lock, or to end', async () => {
    const waiting: unknown = await database('pg_stat_activity')
      .where({ wait_event_type: 'Lock' })
      .andWhereRaw('datname = current_database()')
      .first('pid');
    return ended || waiting !== undefined;
  });
}
