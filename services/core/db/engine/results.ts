// Applies what a worker said, or the silence of one, to the operation that waits for it. One transaction each; a result that is
// not the awaited one (other step, phase or attempt) changes nothing.
import type { Result } from '../../messages/envelope.js';
import { decide, type EngineEvent } from '../../operations/reducer.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { outcomesOf } from '../outcomes/registry.js';
import { type Aftermath, carryOut, type EngineSettings, nothingToDo } from './dispatch.js';
import { loadFacts } from './facts.js';
import { contextOf, engineStateOf, type OperationRow } from './operation-row.js';

export type Applied =
  | { readonly kind: 'applied'; readonly aftermath: Aftermath; readonly requestId: string }
  | { readonly kind: 'ignored'; readonly reason: string };

async function lockRow(tx: Transaction, operationId: string): Promise<OperationRow | null> {
  const row = (await tx('operations').where({ id: operationId }).forUpdate().first()) as OperationRow | undefined;
  return row ?? null;
}

const open: ReadonlySet<string> = new Set(['running', 'undoing', 'stuck']);

function whyIgnored(row: OperationRow | null, result: Result): string | null {
  if (row === null) return 'unknown operation';
  if (!open.has(row.state)) return `operation is ${row.state}`;
  if (row.step !== result.step || row.phase !== result.phase) return `operation waits for ${row.phase} ${row.step}`;
  if (row.attempt !== result.attempt) return `operation waits for attempt ${row.attempt}`;
  if (row.queue === null) return 'operation pauses before its next try';
  return null;
}

async function advance(
  tx: Transaction,
  row: OperationRow,
  event: EngineEvent,
  settings: EngineSettings,
): Promise<Applied> {
  const facts = await loadFacts(tx, row);
  const decision = decide(definitionOf(row.type), engineStateOf(row), event, contextOf(row, facts));
  const aftermath = await carryOut(tx, row, decision, facts, settings);
  return { kind: 'applied', aftermath, requestId: row.request_id };
}

function timeoutOf(row: OperationRow): number {
  return definitionOf(row.type).steps.find((one) => one.name === row.step)?.timeoutMs ?? 60_000;
}

async function applyProgress(tx: Transaction, row: OperationRow, percent: number): Promise<Applied> {
  const progress = Math.max(row.progress, percent);
  // A sign of life ends a row of silences, not a row of failures: a copy that fails half-way every time must end some day.
  const onlySilences = row.error === null;
  await tx('operations')
    .where({ id: row.id })
    .update({
      progress,
      ...(onlySilences ? { tries: 0, state: row.state === 'stuck' ? 'running' : row.state } : {}),
      updated_at: tx.raw('utc_now()'),
      wake_at: tx.raw("utc_now() + ? * interval '1 millisecond'", [timeoutOf(row)]),
    });
  await outcomesOf(row.type).progress?.(tx, row, progress);
  return { kind: 'applied', aftermath: nothingToDo, requestId: row.request_id };
}

export async function applyResult(tx: Transaction, result: Result, settings: EngineSettings): Promise<Applied> {
  const row = await lockRow(tx, result.operationId);
  const reason = whyIgnored(row, result);
  if (row === null || reason !== null) return { kind: 'ignored', reason: reason ?? '' };
  const { outcome } = result;
  switch (outcome.kind) {
    case 'progress':
      return applyProgress(tx, row, outcome.percent);
    case 'failed':
      return advance(tx, row, { kind: 'failed', error: outcome.error }, settings);
    case 'done':
    case 'forward': {
      const happened = row.phase === 'do' || outcome.kind === 'forward';
      const key = happened ? result.step : `undo ${result.step}`;
      const outputs = { ...row.outputs, [key]: outcome.output };
      await tx('operations')
        .where({ id: row.id })
        .update({ outputs: JSON.stringify(outputs) });
      const updated: OperationRow = { ...row, outputs };
      // Facts before the change are enough for the outcome; `advance` reads them again for the next step.
      if (happened)
        await outcomesOf(row.type).stepDone?.[result.step]?.(tx, updated, contextOf(updated, await loadFacts(tx, row)));
      return advance(tx, updated, { kind: outcome.kind }, settings);
    }
  }
}

/** The broker is away: asking again would only pile up commands of the same step. */
async function isUnpublished(tx: Transaction, operationId: string): Promise<boolean> {
  const waiting: unknown = await tx('outbox').where({ operation_id: operationId }).first('id');
  return waiting !== undefined;
}

/** Re-asks one operation whose wake time has come: after a pause the same step, after silence with a higher attempt number. */
export async function wakeOperation(tx: Transaction, operationId: string, settings: EngineSettings): Promise<Applied> {
  const row = (await tx('operations')
    .where({ id: operationId })
    .whereIn('state', [...open])
    .whereRaw('wake_at <= utc_now()')
    .forUpdate()
    .skipLocked()
    .first()) as OperationRow | undefined;
  if (row === undefined) return { kind: 'ignored', reason: 'not due' };
  if (row.queue !== null && (await isUnpublished(tx, row.id))) {
    await tx('operations')
      .where({ id: row.id })
      .update({ wake_at: tx.raw("utc_now() + ? * interval '1 millisecond'", [timeoutOf(row)]) });
    return { kind: 'ignored', reason: 'its command waits for the broker' };
  }
  return advance(tx, row, { kind: row.queue === null ? 'retry' : 'silent' }, settings);
}
