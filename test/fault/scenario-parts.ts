// What a scenario is, and what scenarios are made of: preparations, checks of what clients see, and trials.
import assert from 'node:assert/strict';
import type { OperationType } from '../../services/core/operations/params.js';
import { type Asked, actOnServer, createServer, createSnapshot, createVolume } from '../integration/engine/requests.js';
import type { GuestShape } from '../unit/operations/sample-contexts.js';
import type { Stage } from './stage.js';

export type End = 'done' | 'failed';

/** What a client does after a failure: the same thing again, or the way out that the status allows. Must end well. */
export interface Remedy {
  readonly request: () => Promise<Asked>;
  readonly check: () => Promise<void>;
}

/** The request that is put to the test, and the check of what clients see afterwards. */
export interface Trial {
  readonly request: () => Promise<Asked>;
  readonly check: (end: End) => Promise<void>;
  readonly remedy?: () => Remedy;
}

export interface Scenario {
  readonly type: OperationType;
  /** Unique together with the type. */
  readonly name: string;
  readonly guest: GuestShape;
  /** Which of the operation's samples it is like, when there are several with this guest. */
  readonly variant?: number;
  /** The volume grew although the step was reported as failed; `error_extending` says so, and it can be deleted. */
  readonly mayOutgrowRecord?: true;
  readonly prepare: (stage: Stage) => Promise<Trial>;
}

export const GUEST_DISK_GIB = 1;

export async function volumeOf(stage: Stage): Promise<string> {
  return stage.ended(await createVolume(stage.db, stage.place, GUEST_DISK_GIB));
}

export async function snapshotOf(stage: Stage, volumeId: string): Promise<string> {
  return stage.ended(await createSnapshot(stage.db, volumeId));
}

/** A running server with one disk. */
export async function guestOf(stage: Stage): Promise<{ readonly serverId: string; readonly volumeId: string }> {
  const volumeId = await volumeOf(stage);
  const serverId = await stage.ended(await createServer(stage.db, stage.place, [volumeId]));
  return { serverId, volumeId };
}

export async function statusIs(
  stage: Stage,
  table: 'volumes' | 'snapshots',
  id: string,
  wanted: string | null,
): Promise<void> {
  const row: { status: string } | undefined = await stage.db(table).where({ id }).first('status');
  assert.equal(row?.status ?? null, wanted, `status of ${table} ${id}`);
}

export async function serverIs(stage: Stage, id: string, wanted: string | null): Promise<void> {
  const row: { vm_state: string; task_state: string | null } | undefined = await stage
    .db('servers')
    .where({ id })
    .first('vm_state', 'task_state');
  assert.equal(row?.vm_state ?? null, wanted, 'state of the server');
  assert.equal(row?.task_state ?? null, null, 'nothing is being done to the server');
}

/** A trial about one volume whose id is known before the request. */
export function onVolume(
  stage: Stage,
  id: string,
  request: () => Promise<Asked>,
  ends: Record<End, string | null>,
): Trial {
  return { request, check: (end) => statusIs(stage, 'volumes', id, ends[end]) };
}

/** The same trial, whose remedy is to ask for the same again. */
export function repeatable(trial: Trial, again: () => Promise<Asked> = trial.request): Trial {
  return { ...trial, remedy: () => ({ request: again, check: () => trial.check('done') }) };
}

/** A trial whose resource is made by the request itself; after a failure the client deletes what is left of it. */
export function making(
  stage: Stage,
  table: 'volumes' | 'snapshots',
  request: () => Promise<Asked>,
  ends: Record<End, string | null>,
  discard?: (id: string) => Promise<Asked>,
): Trial {
  let made = '';
  const trial: Trial = {
    request: async () => {
      const asked = await request();
      made = asked.id;
      return asked;
    },
    check: (end) => statusIs(stage, table, made, ends[end]),
  };
  if (discard === undefined) return trial;
  return {
    ...trial,
    remedy: () => ({ request: () => discard(made), check: () => statusIs(stage, table, made, null) }),
  };
}

export function onServer(
  stage: Stage,
  id: string,
  type: 'server-start' | 'server-stop' | 'server-delete',
  ends: Record<End, string | null>,
): Trial {
  return { request: () => actOnServer(stage.db, type, id), check: (end) => serverIs(stage, id, ends[end]) };
}
