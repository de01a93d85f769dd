// Stores an operation as `pending`: its row and, unless it waits for another operation or for volumes that share what it wants to change,
// its lock wishes. Starting it is accept.ts's.
import { ServiceError } from '../../domain/errors.js';
import { newId, type OperationId } from '../../domain/ids.js';
import type { LockWish } from '../../operations/definition.js';
import type { OperationParams, OperationType } from '../../operations/params.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { awaitIndependence, findObstacle } from './dependants.js';
import { attachableIdsOf, findAttachedServerIds } from './facts.js';
import { latchResources, writeWishes } from './locks.js';
import type { OperationRow } from './operation-row.js';

export interface OperationRequest<T extends OperationType> {
  readonly type: T;
  readonly params: OperationParams[T];
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  /** Chosen by the caller when it must know the id before; random otherwise. */
  readonly id?: OperationId;
  /** Starts only after that operation has ended; with `success`, fails when that one failed. */
  readonly after?: { readonly operationId: string; readonly mode: 'success' | 'end' };
}

/** The resources that the operation needs, with the servers that have its volumes attached at this moment. */
export async function wishesOf(tx: Transaction, row: Pick<OperationRow, 'type' | 'params'>): Promise<LockWish[]> {
  const definition = definitionOf(row.type);
  const wishes = [...definition.locks(row.params)];
  const servers = await findAttachedServerIds(tx, attachableIdsOf(row));
  for (const id of new Set(servers.values())) wishes.push({ resource: `server:${id}`, mode: 'chain' });
  return wishes;
}

/** The stored row; the wished resources stay latched until the transaction ends. */
export async function enqueueOperation<T extends OperationType>(
  tx: Transaction,
  request: OperationRequest<T>,
): Promise<OperationRow> {
  const id = request.id ?? newId<OperationId>();
  // One that waits for another wishes for nothing yet, or it would keep others waiting for as long as that one takes.
  const wishes = request.after === undefined ? await wishesOf(tx, request) : [];
  await latchResources(
    tx,
    wishes.map((wish) => wish.resource),
  );
  const rows: OperationRow[] = await tx('operations')
    .insert({
      id,
      seq: tx.raw("nextval('operation_seq')"),
      type: request.type,
      project_id: request.projectId,
      user_id: request.userId,
      request_id: request.requestId,
      params: JSON.stringify(request.params),
      state: 'pending',
      depends_on: request.after?.operationId ?? null,
      depends_mode: request.after?.mode ?? 'success',
    })
    .returning('*');
  const row = rows[0];
  if (row === undefined) throw new ServiceError('internal', 'The operation was not stored.');
  const obstacle = request.after === undefined ? await findObstacle(tx, row) : null;
  if (obstacle !== null) {
    await awaitIndependence(tx, id, obstacle);
    return { ...row, awaits_volume_id: obstacle };
  }
  await writeWishes(tx, id, row.seq, wishes);
  return row;
}
