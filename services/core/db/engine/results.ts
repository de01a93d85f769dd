// Applies what a worker said, or the silence of one, to the operation that waits for it. One transaction each; a result that is
// not the awaited one (other step, phase or attempt) changes nothing.
import type { Result } from '../../messages/envelope.js';
import type { Step } from '../../operations/definition.js';
import { cancelledError, decide, type EngineEvent, isPastPivot } from '../../operations/reducer.js';
import { definitionFor } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { outcomesOf } from '../outcomes/registry.js';
import { forgetWish } from './cancel.js';
import { type Aftermath, carryOut, type EngineSettings, nothingToDo } from './dispatch.js';
import { loadFacts } from './facts.js';
import { contextOf, engineStateOf, type OperationRow } from './operation-row.js';

export type Applied =
  | { readonly kind: 'applied'; readonly aftermath: Aftermath; readonly requestId: string }
  | { readonly kind: 'ignored'; readonly reason: string };

interface HeardRow extends OperationRow {
  /** Somebody wishes that it ends. */
  readonly cancel_asked: boolean;
}

const heardSql = `select o.*, exists (select 1 from operation_cancels c where c.operation_id = o.id) as cancel_asked from operations o`;

/**
 * Not `for update`: a request that lets its operation wait for this one only needs that the row stays, and would else wait for it with the pool in
 * hand, which the end of this one wants.
 */
async function lockRow(tx: Transaction, operationId: string): Promise<HeardRow | null> {
  const { rows } = (await tx.raw(`${heardSql} where o.id = ? for no key update of o`, [operationId])) as {
    rows: HeardRow[];
  };
  return rows[0] ?? null;
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

/** Steps that are done for one of several volumes or servers are called `<kind>:<number>`. */
function kindOfStep(step: string): string {
  return step.split(':', 1)[0] ?? step;
}

async function advance(
  tx: Transaction,
  row: OperationRow & Partial<Pick<HeardRow, 'cancel_asked'>>,
  event: EngineEvent,
  settings: EngineSettings,
  life: string | null = null,
): Promise<Applied> {
  const facts = await loadFacts(tx, row);
  const definition = definitionFor(row);
  const decision = decide(definition, engineStateOf(row), event, contextOf(row, facts));
  if (row.cancel_asked === true && decision.kind === 'ask' && isPastPivot(definition, decision.next))
    await forgetWish(tx, row.id);
  const aftermath = await carryOut(tx, row, decision, facts, settings, life);
  return { kind: 'applied', aftermath, requestId: row.request_id };
}

function stepOf(row: OperationRow): Step | undefined {
  return definitionFor(row).steps.find((one) => one.name === row.step);
}

function timeoutOf(row: OperationRow): number {
  return stepOf(row)?.timeoutMs ?? 60_000;
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

/** What became true with the step, and what its output decides. Facts before the change are enough: `advance` reads them again. */
async function conclude(tx: Transaction, row: OperationRow, stepName: string): Promise<OperationRow> {
  const decides = definitionFor(row).steps.find((one) => one.name === stepName)?.decides;
  const stepDone = outcomesOf(row.type).stepDone?.[kindOfStep(stepName)];
  if (decides === undefined && stepDone === undefined) return row;
  const facts = await loadFacts(tx, row);
  let updated = row;
  if (decides !== undefined) {
    const plan = decides(contextOf(row, facts));
    await tx('operations')
      .where({ id: row.id })
      .update({ plan: plan === null ? null : JSON.stringify(plan) });
    updated = { ...row, plan };
  }
  await stepDone?.(tx, updated, contextOf(updated, facts));
  return updated;
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
      // The worker has just begun, and could not know whether this had been answered. It had not: the step is still waited for.
      if (outcome.askAgain !== undefined) {
        // One life after the other may end by this very step: that must come to somebody's notice, as any silence.
        const kind = outcome.askedBefore === true ? 'silent' : 'retry';
        return advance(tx, row, { kind }, settings, outcome.askAgain);
      }
      return advance(tx, row, { kind: 'failed', error: outcome.error }, settings);
    case 'done':
    case 'forward': {
      const happened = row.phase === 'do' || outcome.kind === 'forward';
      const key = happened ? result.step : `undo ${result.step}`;
      // Why it was taken back, for an operation that goes on without it (`refusalOf`).
      const output = happened || row.error === null ? outcome.output : { ...outcome.output, because: row.error };
      const outputs = { ...row.outputs, [key]: output };
      await tx('operations')
        .where({ id: row.id })
        .update({ outputs: JSON.stringify(outputs) });
      const updated = happened
        ? { ...(await conclude(tx, { ...row, outputs }, result.step)), cancel_asked: row.cancel_asked }
        : { ...row, outputs };
      if (outcome.kind === 'forward') return advance(tx, updated, { kind: 'forward' }, settings);
      return advance(tx, updated, { kind: 'done', cancelled: row.cancel_asked }, settings);
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
  const { rows } = (await tx.raw(
    `${heardSql} where o.id = ? and o.state = any(?)
       and (o.wake_at <= utc_now() or (o.queue is null and o.phase = 'do' and exists (
         select 1 from operation_cancels c where c.operation_id = o.id)))
     for no key update of o skip locked`,
    [operationId, [...open]],
  )) as { rows: HeardRow[] };
  const row = rows[0];
  if (row === undefined) return { kind: 'ignored', reason: 'not due' };
  // It pauses between two tries, so nobody works on it who would have to be told; but only he could say what has become of some steps.
  if (row.cancel_asked && row.queue === null && row.phase === 'do' && stepOf(row)?.mustBeKnown !== true)
    return advance(tx, row, { kind: 'failed', error: cancelledError }, settings);
  if (row.queue !== null && (await isUnpublished(tx, row.id))) {
    await tx('operations')
      .where({ id: row.id })
      .update({ wake_at: tx.raw("utc_now() + ? * interval '1 millisecond'", [timeoutOf(row)]) });
    return { kind: 'ignored', reason: 'its command waits for the broker' };
  }
  return advance(tx, row, { kind: row.queue === null ? 'retry' : 'silent' }, settings);
}
