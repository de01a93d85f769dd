// Stores what the reducer decided: a command into the outbox, a pause, or the end with its outcome. Always inside the caller's
// transaction, so that state, rows and message stand or fall together.
import { randomUUID } from 'node:crypto';
import { asServiceError } from '../../domain/errors.js';
import { type Command, routingKeys, type WireError } from '../../messages/envelope.js';
import type { Ask, Step, StepContext } from '../../operations/definition.js';
import type { OperationFacts } from '../../operations/facts.js';
import { type Decision, decideUnaskable, type EngineState, isPastPivot } from '../../operations/reducer.js';
import { definitionFor, definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { prepareEnd, tellEnd } from '../notifications/operation-events.js';
import { outcomesOf } from '../outcomes/registry.js';
import { releaseLocks } from './locks.js';
import { contextOf, type OperationRow } from './operation-row.js';

export interface EngineSettings {
  /** Unit of the pauses between tries, in milliseconds. */
  readonly retryBaseMs: number;
}
export const defaultEngineSettings: EngineSettings = { retryBaseMs: 1000 };

/** What the caller must do after its transaction has committed. */
export interface Aftermath {
  /** Operations that may be able to start now. */
  readonly startable: readonly string[];
  readonly ended: { readonly id: string; readonly type: string; readonly state: 'done' | 'failed' } | null;
  /** Has become stuck now: a person is needed. Told once, not with every try. */
  readonly stuck?: StuckOperation;
}

export interface StuckOperation {
  readonly id: string;
  readonly type: string;
  readonly step: string | null;
  readonly phase: string;
  /** null: the worker says nothing at all. */
  readonly error: WireError | null;
}

function stuckNow(row: OperationRow, { state, step, phase, error }: EngineState): { stuck?: StuckOperation } {
  return state === 'stuck' && row.state !== 'stuck'
    ? { stuck: { id: row.id, type: row.type, step, phase, error } }
    : {};
}

export const nothingToDo: Aftermath = { startable: [], ended: null };

function queueOf(step: Step, context: StepContext): string {
  const { facts } = context;
  const worker = step.worker?.(context);
  if (worker !== undefined) return routingKeys[step.on === 'compute-worker' ? 'compute' : 'volume'](worker);
  if (step.on === 'compute-worker') {
    if (facts.server === null) throw new Error('a compute step without a server');
    return routingKeys.compute(facts.server.computeHost);
  }
  if (step.at !== undefined) {
    if (facts.places === null) throw new Error('a step of a move without its pools');
    return routingKeys.volume(facts.places[step.at].backendHost);
  }
  if (facts.volume === null) throw new Error('a volume step without a placed volume');
  return routingKeys.volume(facts.volume.backendHost);
}

function wireError(thrown: unknown): WireError {
  const error = asServiceError(thrown);
  return { code: error.code, message: error.message, detail: String(error.cause ?? '') };
}

function prepareAsk(step: Step, phase: 'do' | 'undo', context: StepContext): { asked: Ask; queue: string } | WireError {
  try {
    const make = phase === 'do' ? step.do : step.undo;
    if (make === undefined) throw new Error(`step ${step.name} has no undo`);
    return { asked: make(context), queue: queueOf(step, context) };
  } catch (thrown) {
    return wireError(thrown);
  }
}

const storedState = (next: EngineState) => ({
  state: next.state,
  step: next.step,
  phase: next.phase,
  tries: next.tries,
  visited: JSON.stringify(next.visited),
  error: next.error === null ? null : JSON.stringify(next.error),
});

/** Publishes NOTIFY for the relay; PostgreSQL folds equal notifications of one transaction into one. */
export async function writeOutbox(
  tx: Transaction,
  operationId: string,
  routingKey: string,
  message: object,
): Promise<void> {
  await tx.raw(
    `with row as (insert into outbox (operation_id, routing_key, message) values (?, ?, ?))
     select pg_notify('saggar_outbox', '')`,
    [operationId, routingKey, JSON.stringify(message)],
  );
}

async function sendCommand(
  tx: Transaction,
  row: OperationRow,
  decision: Extract<Decision, { kind: 'ask' }>,
  { asked, queue }: { asked: Ask; queue: string },
  life: string | null,
): Promise<void> {
  const { step, next } = decision;
  const { rows } = (await tx.raw(
    `update operations set state = ?, step = ?, phase = ?, tries = ?, visited = ?, error = ?, attempt = attempt + 1,
       queue = ?, progress = case when step is not distinct from ? then progress else 0 end,
       epoch = nextval('operation_epochs'), updated_at = utc_now(), wake_at = utc_now() + ? * interval '1 millisecond'
     where id = ? returning attempt, epoch`,
    [
      next.state,
      next.step,
      next.phase,
      next.tries,
      JSON.stringify(next.visited),
      next.error === null ? null : JSON.stringify(next.error),
      queue,
      next.step,
      step.timeoutMs,
      row.id,
    ],
  )) as { rows: { attempt: number; epoch: number }[] };
  const stored = rows[0];
  if (stored === undefined) throw new Error(`operation ${row.id} is gone`);
  const command: Command = {
    version: 1,
    kind: 'command',
    id: randomUUID(),
    operationId: row.id,
    operationType: row.type,
    step: step.name,
    phase: next.phase,
    attempt: stored.attempt,
    epoch: stored.epoch,
    life,
    timeoutMs: step.timeoutMs,
    requestId: row.request_id,
    type: asked.command,
    params: asked.params,
  };
  await writeOutbox(tx, row.id, queue, command);
}

async function succeed(tx: Transaction, row: OperationRow, context: StepContext): Promise<void> {
  const announcement = await prepareEnd(tx, row);
  await outcomesOf(row.type).done(tx, row, context);
  await tellEnd(tx, row, announcement, null);
}

async function fail(tx: Transaction, row: OperationRow, next: EngineState, context: StepContext): Promise<void> {
  const error = next.error ?? { code: 'internal', message: 'unknown' };
  const announcement = await prepareEnd(tx, row);
  await outcomesOf(row.type).failed(tx, row, error, context);
  await tellEnd(tx, row, announcement, error);
}

async function endOperation(
  tx: Transaction,
  row: OperationRow,
  next: EngineState,
  context: StepContext,
): Promise<Aftermath> {
  const state = next.state === 'done' ? 'done' : 'failed';
  if (state === 'done') await succeed(tx, row, context);
  else if (!row.settled) await fail(tx, row, next, context);
  await tx('operations')
    .where({ id: row.id })
    .update({
      ...storedState(next),
      queue: null,
      wake_at: null,
      ...(state === 'done' ? { progress: 100 } : {}),
      updated_at: tx.raw('utc_now()'),
      finished_at: tx.raw('utc_now()'),
    });
  const startable = await releaseLocks(tx, row.id);
  return { startable, ended: { id: row.id, type: row.type, state } };
}

/** Shows the resource as failed while the cleaning up has to wait, where the operation's table allows that. True when it is shown so. */
async function settleEarly(
  tx: Transaction,
  row: OperationRow,
  next: EngineState,
  context: StepContext,
): Promise<boolean> {
  if (row.settled || next.phase !== 'undo' || definitionOf(row.type).settlesBeforeUndone !== true) return row.settled;
  // Whether it happened is not known yet: nobody may act on either answer.
  if (definitionFor(row).steps.some(({ name, mustBeKnown }) => name === next.step && mustBeKnown === true))
    return false;
  // A step that fails alone is taken back, not the operation.
  if (isPastPivot(definitionFor(row), next)) return false;
  await fail(tx, row, next, context);
  return true;
}

/**
 * Stores the decision. A step whose command cannot be made counts as failed before it did anything.
 * @param life of the worker that wants to be asked again by it
 */
export async function carryOut(
  tx: Transaction,
  row: OperationRow,
  decision: Decision,
  facts: OperationFacts,
  settings: EngineSettings,
  life: string | null = null,
): Promise<Aftermath> {
  const context = contextOf(row, facts);
  switch (decision.kind) {
    case 'ask': {
      const prepared = prepareAsk(decision.step, decision.next.phase, context);
      if ('asked' in prepared) {
        await sendCommand(tx, row, decision, prepared, life);
        return { ...nothingToDo, ...stuckNow(row, decision.next) };
      }
      const definition = definitionFor(row);
      return carryOut(tx, row, decideUnaskable(definition, decision.next, prepared), facts, settings);
    }
    case 'later': {
      const pauseMs = decision.delayFactor * settings.retryBaseMs;
      const settled = await settleEarly(tx, row, decision.next, context);
      await tx('operations')
        .where({ id: row.id })
        .update({
          ...storedState(decision.next),
          settled,
          queue: null,
          updated_at: tx.raw('utc_now()'),
          wake_at: tx.raw("utc_now() + ? * interval '1 millisecond'", [pauseMs]),
        });
      const unlocks = settled && !row.settled && definitionOf(row.type).unlocksBeforeUndone === true;
      const startable = unlocks ? await releaseLocks(tx, row.id) : [];
      return { ...nothingToDo, ...stuckNow(row, decision.next), startable };
    }
    case 'end':
      return endOperation(tx, row, decision.next, context);
  }
}
