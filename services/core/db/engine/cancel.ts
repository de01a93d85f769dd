// Asks running operations to stop: one that gives way because another wishes for what it has locked, or any that an administrator cancels.
//
// The wish is a row of its own, written without touching the operation's row: a request must not wait for (or meet in a deadlock) the
// transaction that is just moving that operation on. The worker is told through the outbox, at once and again every second until the
// command has ended; its answer, failed with `cancelled`, ends the operation as any other failure does.
import { ServiceError } from '../../domain/errors.js';
import type { Cancel } from '../../messages/envelope.js';
import { isPastPivot } from '../../operations/reducer.js';
import { definitionFor, definitionOf } from '../../operations/registry.js';
import type { Executor, Transaction } from '../connection.js';
import { engineStateOf, type OperationRow } from './operation-row.js';

export type CancelReason = 'gives-way' | 'asked';

/** Steps that only ask are short, and an undo must come to its end. */
const tellable = `o.state in ('running', 'stuck') and o.phase = 'do' and o.queue is not null`;

/** Tells the workers once more what is still to be cancelled; `everyMs` after the last time. Returns how many were told. */
export async function sendCancels(
  db: Executor,
  everyMs: number,
  operationIds: readonly string[] | null,
): Promise<number> {
  const kind: Pick<Cancel, 'version' | 'kind'> = { version: 1, kind: 'cancel' };
  const { rows } = (await db.raw(
    `with due as (
       update operation_cancels c set sent_at = utc_now() from operations o
       where o.id = c.operation_id and ${tellable} and (?::uuid[] is null or o.id = any(?::uuid[]))
         and (c.sent_at is null or c.sent_at <= utc_now() - ? * interval '1 millisecond')
       returning o.id, o.queue, o.epoch
     ), told as (
       insert into outbox (operation_id, routing_key, message)
       select id, queue, ?::jsonb || jsonb_build_object('operationId', id, 'epoch', epoch) from due returning 1
     )
     select pg_notify('saggar_outbox', '') from told limit 1`,
    [operationIds as string[] | null, operationIds as string[] | null, everyMs, JSON.stringify(kind)],
  )) as { rows: unknown[] };
  return rows.length;
}

async function writeWish(tx: Transaction, operationIds: readonly string[], reason: CancelReason): Promise<void> {
  await tx('operation_cancels')
    .insert(operationIds.map((id) => ({ operation_id: id, reason })))
    .onConflict('operation_id')
    .ignore();
  await sendCancels(tx, 0, operationIds);
}

/** Stops those in the way if all of them give way; one more that does not makes stopping them useless now. */
export async function askToGiveWay(tx: Transaction, operationIds: readonly string[]): Promise<void> {
  if (operationIds.length === 0) return;
  const rows: OperationRow[] = await tx('operations').whereIn('id', [...operationIds]);
  if (rows.some((row) => definitionOf(row.type).givesWay !== true)) return;
  const known: string[] = await tx('operation_cancels')
    .whereIn('operation_id', [...operationIds])
    .pluck('operation_id');
  // Past the pivot there is nothing to stop: the rest is short, and a step of it that is refused only has to be asked again.
  const stoppable = rows.filter((row) => !isPastPivot(definitionFor(row), engineStateOf(row)));
  const fresh = stoppable.map((row) => row.id).filter((id) => !known.includes(id));
  if (fresh.length > 0) await writeWish(tx, fresh, 'gives-way');
}

/** The first operation that has `volumeId` locked and gives way is asked to, whoever wants the volume. */
export async function clearTheWay(tx: Transaction, volumeId: string): Promise<void> {
  const ids: string[] = await tx('resource_locks')
    .where({ resource: `volume:${volumeId}`, held: true })
    .pluck('operation_id');
  await askToGiveWay(tx, ids);
}

/** A server is to be deleted: nobody waits any more for its guest to let go of a disk or to shut down. */
export async function stopWaitingForGuest(tx: Transaction, serverId: string): Promise<void> {
  const rows: OperationRow[] = await tx('operations as o')
    .join('resource_locks as l', 'l.operation_id', 'o.id')
    .where({ 'l.resource': `server:${serverId}`, 'l.held': true, 'o.state': 'running' })
    .select('o.*');
  const waiting = rows.filter(({ type }) => definitionOf(type).waitsForGuest === true).map(({ id }) => id);
  if (waiting.length > 0) await writeWish(tx, waiting, 'asked');
}

/** The operation can only go forward now: nobody is told any more to stop it, and what follows is not cut off. */
export async function forgetWish(tx: Transaction, operationId: string): Promise<void> {
  await tx('operation_cancels').where({ operation_id: operationId }).delete();
}

/**
 * An administrator's wish that a running merge, copy or flatten ends. It ends in its usual failed state, and can be asked for again.
 * Throws `not_found`, and `conflict` when it is none of these, has not begun, has ended, or is past the point of no return.
 */
export async function requestCancel(tx: Transaction, operationId: string): Promise<void> {
  const row: OperationRow | undefined = await tx('operations').where({ id: operationId }).first();
  if (row === undefined) throw new ServiceError('not_found', `Operation ${operationId} could not be found.`);
  const definition = definitionOf(row.type);
  const refuse = (why: string): ServiceError =>
    new ServiceError('conflict', `Operation ${operationId} (${row.type}) cannot be cancelled: ${why}.`);
  if (definition.cancellable !== true) throw refuse('operations of this kind are short');
  if (row.state !== 'running' && row.state !== 'stuck') throw refuse(`it is ${row.state}`);
  if (row.phase === 'undo' || isPastPivot(definition, engineStateOf(row))) throw refuse('it can only go forward');
  await writeWish(tx, [operationId], 'asked');
}
