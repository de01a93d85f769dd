// The outbox as the relay sees it: rows are locked, handed over, and deleted only when the broker has confirmed them, all in one
// transaction. A relay that dies in between leaves the rows; a second relay meanwhile skips what this one holds.
//
// A command (or the wish that one be cancelled) whose step is no longer awaited (its answer came although the relay died before it could delete the row) is dropped
// here: a worker must never be asked for a step of an operation that has gone on.
import type { Cancel, Command } from '../../messages/envelope.js';
import type { Database } from '../connection.js';

export interface OutboxCommand {
  readonly outboxId: number;
  readonly routingKey: string;
  readonly message: Command | Cancel;
}

export interface RelayedBatch {
  readonly taken: number;
  readonly published: number;
}

interface OutboxRow {
  readonly id: number;
  readonly routing_key: string;
  readonly message: Command | Cancel;
  readonly awaited: boolean;
}

const takeSql = `
select b.id, b.routing_key, b.message,
  coalesce(o.state in ('running', 'undoing', 'stuck') and o.queue is not null and case b.message ->> 'kind'
    when 'cancel' then o.phase = 'do' and o.epoch = (b.message ->> 'epoch')::bigint
    else o.attempt = (b.message ->> 'attempt')::integer end, false) as awaited
from outbox b left join operations o on o.id = b.operation_id
order by b.id limit ? for update of b skip locked`;

/**
 * Takes up to `limit` rows, oldest first, and gives them to `publish`, which answers the outbox ids that the broker confirmed and
 * never throws for a single message. `publish` must end within a few seconds: the transaction is open meanwhile.
 */
export async function relayBatch(
  db: Database,
  limit: number,
  publish: (commands: readonly OutboxCommand[]) => Promise<readonly number[]>,
): Promise<RelayedBatch> {
  return db.transaction(async (tx) => {
    const { rows } = (await tx.raw(takeSql, [limit])) as { rows: OutboxRow[] };
    if (rows.length === 0) return { taken: 0, published: 0 };
    const awaited = rows.filter((row) => row.awaited);
    const confirmed =
      awaited.length === 0
        ? []
        : await publish(
            awaited.map(({ id, routing_key: routingKey, message }) => ({ outboxId: id, routingKey, message })),
          );
    const dropped = rows.filter((row) => !row.awaited).map((row) => row.id);
    const finished = [...confirmed, ...dropped];
    if (finished.length > 0) await tx('outbox').whereIn('id', finished).delete();
    return { taken: rows.length, published: finished.length };
  });
}
