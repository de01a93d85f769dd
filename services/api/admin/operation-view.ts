// How an operation looks to administrators, and what a person can do about it. Pure.
import type { components } from '../../../api-spec/generated/admin.js';
import type { LockRecord, OperationRecord } from '../../core/db/admin/operations.js';
import { errorCodes, isErrorCode } from '../../core/domain/errors.js';
import { definitionFor } from '../../core/operations/registry.js';
import { naiveTime, naiveTimeOrNull } from '../block-storage/naive-time.js';

type Schemas = components['schemas'];

const resourceParams = {
  volumeId: 'volume',
  snapshotId: 'snapshot',
  attachmentId: 'attachment',
  serverId: 'server',
  pool: 'pool',
} as const satisfies Record<string, Schemas['ResourceRef']['type']>;

function resourcesOf(params: Readonly<Record<string, unknown>>): Schemas['ResourceRef'][] {
  return Object.entries(resourceParams).flatMap(([name, type]) => {
    const id = params[name];
    return typeof id === 'string' ? [{ type, id }] : [];
  });
}

export function errorOf({ error }: Pick<OperationRecord, 'error'>): Schemas['OperationError'] | null {
  if (error === null) return null;
  const { code, message, detail } = error;
  const recovery = isErrorCode(code) ? errorCodes[code].recovery : errorCodes.internal.recovery;
  return { code, message, recovery, ...(detail === undefined || detail === '' ? {} : { detail }) };
}

/** Silence of so many seconds is worth a word, though the engine asks again by itself. */
const LONG_SILENCE_SECONDS = 600;

/** A deletion, move or merge that copies stand in the way of: they are made independent at once, one after the other. */
function awaitsCopies(volumeId: string): string {
  return (
    `It begins when no other volume stands on the layers of volume ${volumeId} any more. The copies are made independent by themselves; ` +
    'see who they are with `saggar admin chain tree`, and how far they are with `saggar admin operation list --type volume-flatten`.'
  );
}

/** null when nothing is asked of anybody. */
function adviceOf(record: OperationRecord, error: Schemas['OperationError'] | null): string | null {
  const { state, step, queue, phase } = record;
  const where = `${phase === 'undo' ? 'the undoing of ' : ''}step ${step ?? '?'}`;
  switch (state) {
    case 'stuck': {
      const why = error === null ? `the worker behind ${queue ?? 'the queue'} says nothing: start it` : error.recovery;
      return `It cannot go on at ${where}: ${why}. It is asked again every minute and goes on by itself when the reason is gone.`;
    }
    case 'failed':
      return error === null ? null : `It was given up and taken back: ${error.recovery}.`;
    case 'running':
    case 'undoing': {
      if (record.tries === 0 || error === null) return null;
      return `${record.tries} tries of ${where} have failed; it is tried again by itself.`;
    }
    case 'pending':
      if (record.awaits_volume_id !== null) return awaitsCopies(record.awaits_volume_id);
      return record.age_seconds > LONG_SILENCE_SECONDS ? 'It waits for the operations under waits_for.' : null;
    case 'done':
      return null;
  }
}

export function viewOperation(record: OperationRecord): Schemas['Operation'] {
  const error = errorOf(record);
  return {
    id: record.id,
    type: record.type,
    state: record.state,
    step: record.step,
    phase: record.phase,
    progress: Math.round(record.progress * 10) / 10,
    tries: record.tries,
    age_seconds: record.age_seconds,
    created_at: naiveTime(record.created_at),
    updated_at: naiveTime(record.updated_at),
    finished_at: naiveTimeOrNull(record.finished_at),
    project_id: record.project_id,
    user_id: record.user_id,
    request_id: record.request_id,
    resources: resourcesOf(record.params as unknown as Record<string, unknown>),
    error,
    advice: adviceOf(record, error),
  };
}

export function viewOperationDetail(
  record: OperationRecord,
  locks: readonly LockRecord[],
  waitsFor: readonly string[],
): Schemas['OperationDetail'] {
  const steps = definitionFor(record).steps.map(({ name }) => ({
    name,
    asked: record.visited.includes(name),
    done: Object.hasOwn(record.outputs, name),
  }));
  return {
    ...viewOperation(record),
    params: record.params as unknown as Record<string, never>,
    steps,
    outputs: record.outputs as unknown as Record<string, never>,
    locks: [...locks],
    waits_for: [...waitsFor],
    queue: record.queue,
    wake_at: naiveTimeOrNull(record.wake_at),
  };
}
