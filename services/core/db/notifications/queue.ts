// Notifications as the relay sees them: read in order, handed over, deleted when the broker has confirmed them, all in one transaction.
// One conductor at a time (an advisory lock), so that the start of an operation is never told after its end.
import type { Priority } from '../../notifications/event-types.js';
import type { Database } from '../connection.js';

export interface WaitingNotification {
  readonly id: number;
  readonly priority: Priority;
  /** The inner message, complete. */
  readonly message: object;
}

export interface RelayedNotifications {
  readonly taken: number;
  readonly published: number;
}

/** `publish` answers the ids that the broker confirmed and ends within a few seconds; the transaction is open meanwhile. */
export function relayNotifications(
  db: Database,
  limit: number,
  publish: (waiting: readonly WaitingNotification[]) => Promise<readonly number[]>,
): Promise<RelayedNotifications> {
  return db.transaction(async (tx) => {
    const { rows: latch } = (await tx.raw(
      "select pg_try_advisory_xact_lock(hashtextextended('notifications', 18)) as held",
    )) as {
      rows: { held: boolean }[];
    };
    if (latch[0]?.held !== true) return { taken: 0, published: 0 };
    const waiting: WaitingNotification[] = await tx('notifications')
      .orderBy('id')
      .limit(limit)
      .select('id', 'priority', 'message');
    if (waiting.length === 0) return { taken: 0, published: 0 };
    const confirmed = await publish(waiting);
    if (confirmed.length > 0) await tx('notifications').whereIn('id', confirmed).delete();
    return { taken: waiting.length, published: confirmed.length };
  });
}

export interface Kept {
  readonly days: number;
  readonly rows: number;
}

/** Drops what waits for longer than `days`, and the oldest of more than `rows`. Returns how many. */
export async function dropNotifications(db: Database, { days, rows }: Kept): Promise<number> {
  const { rowCount } = (await db.raw(
    `delete from notifications where created_at < utc_now() - ? * interval '1 day'
       or id <= (select id from notifications order by id desc offset ? limit 1)`,
    [days, rows],
  )) as { rowCount: number };
  return rowCount;
}
