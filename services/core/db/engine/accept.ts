// Accepts an operation: its row, its lock wishes and, when nothing is in the way, its first command, all in the transaction that
// also moved the status. What cannot start yet stays `pending` and is started by the conductor.
import { ServiceError } from '../../domain/errors.js';
import type { OperationId } from '../../domain/ids.js';
import type { WireError } from '../../messages/envelope.js';
import type { LockWish } from '../../operations/definition.js';
import type { OperationType } from '../../operations/params.js';
import { cancelledError, decide } from '../../operations/reducer.js';
import { definitionFor } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { tellStart } from '../notifications/operation-events.js';
import { outcomesOf } from '../outcomes/registry.js';
import { askToGiveWay } from './cancel.js';
import { awaitIndependence, findObstacle } from './dependants.js';
import { type Aftermath, carryOut, defaultEngineSettings, type EngineSettings, nothingToDo } from './dispatch.js';
import { enqueueOperation, type OperationRequest, wishesOf } from './enqueue.js';
import { attachableIdsOf, findAttachedServerIds, loadFacts } from './facts.js';
import { latchResources, releaseLocks, tryHoldLocks, writeWishes } from './locks.js';
import { contextOf, engineStateOf, type OperationRow } from './operation-row.js';

/** Stores the operation and starts it if it can. Returns its id; the caller's commit makes it real. */
export async function acceptOperation<T extends OperationType>(
  tx: Transaction,
  request: OperationRequest<T>,
): Promise<OperationId> {
  const row = await enqueueOperation(tx, request);
  const waits = request.after !== undefined || row.awaits_volume_id !== null;
  if (!waits) await startLatched(tx, row, defaultEngineSettings);
  return row.id as OperationId;
}

type Dependency = 'ready' | 'waiting' | WireError;

/** An error: why this operation cannot begin, in the words of the one that it waited for. */
async function dependencyOf(tx: Transaction, row: OperationRow): Promise<Dependency> {
  if (row.depends_on === null) return 'ready';
  const other: { state: string; error: WireError | null } | undefined = await tx('operations')
    .where({ id: row.depends_on })
    .first('state', 'error');
  if (other === undefined || other.state === 'done') return 'ready';
  if (other.state !== 'failed') return 'waiting';
  if (row.depends_mode === 'end') return 'ready';
  return { code: other.error?.code ?? 'cancelled', message: 'An earlier operation of the same request failed.' };
}

async function failAtOnce(
  tx: Transaction,
  row: OperationRow,
  error: WireError,
  settings: EngineSettings,
): Promise<Aftermath> {
  const facts = await loadFacts(tx, row);
  const next = { ...engineStateOf(row), state: 'failed' as const, step: null, error };
  return carryOut(tx, row, { kind: 'end', next }, facts, settings);
}

/** True when the volume was attached between the reading of the wishes and the latch, so that the server is not wished for. */
async function serverIsUnwished(tx: Transaction, row: OperationRow): Promise<boolean> {
  const servers = [...new Set((await findAttachedServerIds(tx, attachableIdsOf(row))).values())];
  if (servers.length === 0) return false;
  const wishes: unknown[] = await tx('resource_locks')
    .where({ operation_id: row.id })
    .whereIn(
      'resource',
      servers.map((id) => `server:${id}`),
    )
    .select('resource');
  return wishes.length < servers.length;
}

async function startLatched(tx: Transaction, row: OperationRow, settings: EngineSettings): Promise<Aftermath> {
  // Left pending: the conductor's next look reads the wishes anew.
  if (await serverIsUnwished(tx, row)) return nothingToDo;
  const inTheWay = await tryHoldLocks(tx, row.id, row.seq);
  if (inTheWay.length > 0) {
    await askToGiveWay(tx, inTheWay);
    return nothingToDo;
  }
  const definition = definitionFor(row);
  const facts = await loadFacts(tx, row);
  let plan: OperationRow['plan'];
  try {
    plan = definition.plans?.(row.params, facts) ?? definition.plan?.(row.params, facts) ?? null;
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown;
    return failAtOnce(tx, row, { code: thrown.code, message: thrown.message }, settings);
  }
  if (plan !== null)
    await tx('operations')
      .where({ id: row.id })
      .update({ plan: JSON.stringify(plan) });
  const planned: OperationRow = { ...row, plan };
  await outcomesOf(row.type).begun?.(tx, planned);
  await tellStart(tx, planned);
  const decision = decide(definition, engineStateOf(planned), { kind: 'begin' }, contextOf(planned, facts));
  return carryOut(tx, planned, decision, facts, settings);
}

interface Withdrawal {
  readonly types: readonly OperationType[];
  /** Which of the parameters names the resource, and its id. */
  readonly of: 'volumeId' | 'snapshotId';
  readonly id: string;
}

/**
 * Operations that have not begun end as cancelled, with the outcomes of any failure; one that is just being started is left alone. The
 * resource's row must be locked.
 */
export async function withdrawPending(tx: Transaction, { types, of, id }: Withdrawal): Promise<void> {
  const rows: OperationRow[] = await tx('operations')
    .where({ state: 'pending' })
    .whereIn('type', [...types])
    .whereRaw('params->>? = ?', [of, id])
    .orderBy('seq')
    .forNoKeyUpdate()
    .skipLocked();
  for (const row of rows) await failAtOnce(tx, row, cancelledError, defaultEngineSettings);
}

/** Starts a pending operation if its dependency has ended and its locks are free. Safe to call at any time, by anybody. */
export async function startOperation(
  tx: Transaction,
  operationId: string,
  settings: EngineSettings,
): Promise<Aftermath> {
  const seen = await tx<OperationRow>('operations').where({ id: operationId, state: 'pending' }).first();
  if (seen === undefined) return nothingToDo;
  const wishes = await wishesOf(tx, seen);
  await latchResources(
    tx,
    wishes.map((wish) => wish.resource),
  );
  const row = (await tx('operations')
    .where({ id: operationId, state: 'pending' })
    .forNoKeyUpdate()
    .skipLocked()
    .first()) as OperationRow | undefined;
  if (row === undefined) return nothingToDo;
  const dependency = await dependencyOf(tx, row);
  if (dependency === 'waiting') return nothingToDo;
  if (dependency !== 'ready') return failAtOnce(tx, row, dependency, settings);
  const obstacle = await findObstacle(tx, row);
  if (obstacle !== null) return stepAside(tx, row, obstacle);
  const queued = await enqueue(tx, row, wishes);
  return startLatched(tx, queued, settings);
}

/** Out of the line, so that those behind it go on. */
async function stepAside(tx: Transaction, row: OperationRow, volumeId: string): Promise<Aftermath> {
  const startable = await releaseLocks(tx, row.id);
  await awaitIndependence(tx, row.id, volumeId);
  return { ...nothingToDo, startable };
}

/** Writes the wishes; one that had to wait for other operations or volumes takes its place in the line only now. */
async function enqueue(tx: Transaction, row: OperationRow, wishes: readonly LockWish[]): Promise<OperationRow> {
  let { seq } = row;
  if (row.depends_on !== null || row.awaits_volume_id !== null) {
    const present: unknown = await tx('resource_locks').where({ operation_id: row.id }).first('resource');
    if (present === undefined) {
      const renewed: { seq: number }[] = await tx('operations')
        .where({ id: row.id })
        .update({ seq: tx.raw("nextval('operation_seq')"), awaits_volume_id: null, wake_at: null })
        .returning('seq');
      seq = renewed[0]?.seq ?? seq;
    }
  }
  await writeWishes(tx, row.id, seq, wishes);
  return { ...row, seq };
}
