// Locks on volumes and servers, as rows: first wished, then held, gone when the operation ends.
//
// Timeline of the race that this excludes: two operations look at one resource, both see it free, both take it. Both must first
// latch the resource (an advisory lock until the end of their transaction), so the second sees the first one's row.
// An operation waits behind every older wish and every held lock that it cannot share, and holds nothing while it waits:
// so there is neither starvation nor deadlock.
import { type LockWish, locksCompatible } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';

/** Serialises transactions that look at these resources; sorted, so that two callers never wait for each other. */
export async function latchResources(tx: Transaction, resources: readonly string[]): Promise<void> {
  const sorted = [...new Set(resources)].sort();
  await tx.raw(
    'select pg_advisory_xact_lock(hashtextextended(r, 7)) from unnest(?::text[]) with ordinality as t(r, n) order by n',
    [sorted],
  );
}

export async function writeWishes(
  tx: Transaction,
  operationId: string,
  seq: number,
  wishes: readonly LockWish[],
): Promise<void> {
  if (wishes.length === 0) return;
  await tx('resource_locks')
    .insert(wishes.map((wish) => ({ ...wish, operation_id: operationId, seq })))
    .onConflict(['resource', 'operation_id'])
    .ignore();
}

interface LockRow {
  readonly resource: string;
  readonly operation_id: string;
  readonly seq: number;
  readonly mode: LockWish['mode'];
  readonly held: boolean;
}

/** Holds all wishes of the operation, or none: then the ids of the operations in the way are returned. Resources must be latched. */
export async function tryHoldLocks(tx: Transaction, operationId: string, seq: number): Promise<readonly string[]> {
  const rows: LockRow[] = await tx('resource_locks')
    .whereIn('resource', tx('resource_locks').where({ operation_id: operationId }).select('resource'))
    .select('resource', 'operation_id', 'seq', 'mode', 'held');
  const mine = new Map(rows.filter((row) => row.operation_id === operationId).map((row) => [row.resource, row.mode]));
  const inTheWay = new Set<string>();
  for (const row of rows) {
    const wanted = mine.get(row.resource);
    if (row.operation_id === operationId || wanted === undefined) continue;
    if ((row.held || row.seq < seq) && !locksCompatible(row.mode, wanted)) inTheWay.add(row.operation_id);
  }
  if (inTheWay.size > 0) return [...inTheWay];
  await tx('resource_locks').where({ operation_id: operationId }).update({ held: true });
  return [];
}

/**
 * Ends all wishes and locks of the operation, and the wish that it be cancelled; returns the waiting operations that may be able to start
 * now, oldest first: those behind it, and those that waited for a volume to be independent and are due.
 */
export async function releaseLocks(tx: Transaction, operationId: string): Promise<string[]> {
  const { rows } = (await tx.raw(
    `with gone as (delete from resource_locks where operation_id = ? returning resource),
       forgotten as (delete from operation_cancels where operation_id = ?)
     select distinct o.id, o.seq from operations o
     where o.state = 'pending' and o.id <> ? and (o.depends_on = ?
       or (o.awaits_volume_id is not null and o.wake_at <= utc_now())
       or exists (select 1 from resource_locks l join gone g on g.resource = l.resource where l.operation_id = o.id))
     order by o.seq`,
    [operationId, operationId, operationId, operationId],
  )) as { rows: { id: string }[] };
  return rows.map((row) => row.id);
}
