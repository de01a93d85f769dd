// Drives the engine against a real database without broker and processes: takes commands from the outbox, lets a FakeWorld do
// them, applies the results, starts what may start. Everything is explicit, so a test decides the order of events.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  listDueOperations,
  listPausingCancelled,
  listStartableOperations,
} from '../../../services/core/db/conductor/sweeps.js';
import { type Database, migrate, openDatabase } from '../../../services/core/db/connection.js';
import { startOperation } from '../../../services/core/db/engine/accept.js';
import { sendCancels } from '../../../services/core/db/engine/cancel.js';
import type { Aftermath, EngineSettings } from '../../../services/core/db/engine/dispatch.js';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import { type Applied, applyResult, wakeOperation } from '../../../services/core/db/engine/results.js';
import { inTransaction } from '../../../services/core/db/in-transaction.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import {
  type Cancel,
  type Command,
  type Result,
  resultOf,
  type StepOutcome,
} from '../../../services/core/messages/envelope.js';
import { FakeWorld } from './fake-world.js';
import type { Place } from './requests.js';

export const settings: EngineSettings = { retryBaseMs: 1 };
export const place: Place = { pool: 'host@backend#dir:/share', computeHost: 'host' };

const access = {
  share: 'dir:/share',
  glusterVolumeName: 'share',
  directory: '',
  servers: [{ host: '127.0.0.1', port: 24007 }],
  mountOptions: null,
};

/** Answers instead of the world; null lets the world answer. */
export type Interference = (command: Command) => StepOutcome | 'silence' | null;

export class Rig {
  readonly world = new FakeWorld();
  /** Every command that was taken from the outbox, in order. */
  readonly commands: Command[] = [];
  /** Every wish that a command be cancelled, in order. A test that cares answers the command. */
  readonly cancels: Cancel[] = [];
  interfere: Interference = () => null;
  /** Told as stuck, by operation id. */
  readonly stuck: string[] = [];

  constructor(readonly db: Database) {}

  static async open(url: string): Promise<Rig> {
    const db = openDatabase({ url });
    await migrate(db);
    await db('pools').insert({
      name: place.pool,
      backend_host: 'host@backend',
      share: access.share,
      state: 'up',
      access: JSON.stringify(access),
      capabilities: '{}',
    });
    return new Rig(db);
  }

  close(): Promise<void> {
    return this.db.destroy();
  }

  /** The oldest command in the outbox, removed from it as the relay does after the broker's confirm. */
  async takeCommand(): Promise<Command | null> {
    for (;;) {
      const { rows } = (await this.db.raw(
        'delete from outbox where id = (select min(id) from outbox) returning message',
      )) as { rows: { message: Command | Cancel }[] };
      const message = rows[0]?.message ?? null;
      if (message?.kind === 'cancel') {
        this.cancels.push(message);
        continue;
      }
      if (message !== null) this.commands.push(message);
      return message;
    }
  }

  perform(command: Command): StepOutcome {
    try {
      const answer = this.world.perform(command);
      if ('forward' in answer) return { kind: 'forward', output: answer.forward as object };
      return { kind: 'done', output: answer };
    } catch (thrown) {
      if (!(thrown instanceof ServiceError)) throw thrown;
      return { kind: 'failed', error: { code: thrown.code, message: thrown.message }, partial: false };
    }
  }

  async answer(command: Command, outcome: StepOutcome): Promise<Applied> {
    const result: Result = resultOf(command, 'test', outcome);
    // A race with a request is repeated, as the conductor does.
    const applied = await inTransaction(this.db, (tx) => applyResult(tx, result, settings));
    if (applied.kind === 'applied') {
      if (applied.aftermath.stuck !== undefined) this.stuck.push(applied.aftermath.stuck.id);
      await this.follow(applied.aftermath);
    }
    return applied;
  }

  /** Starts what an ended operation let go, as the conductor does after its commit. */
  async follow({ startable }: Aftermath): Promise<void> {
    for (const id of startable) await this.follow(await this.db.transaction((tx) => startOperation(tx, id, settings)));
  }

  /** One look of the reconciler, with every wake time brought forward but of those that wait for volumes to be independent. */
  async sweep(): Promise<number> {
    await this.db('operations')
      .whereNotNull('wake_at')
      .whereNot({ state: 'pending' })
      .update({ wake_at: this.db.raw("utc_now() - interval '1 second'") });
    await sendCancels(this.db, 0, null);
    const due = [...(await listDueOperations(this.db, 100)), ...(await listPausingCancelled(this.db, 100))];
    for (const id of due) await this.db.transaction((tx) => wakeOperation(tx, id, settings));
    const startable = await listStartableOperations(this.db, 100);
    for (const id of startable) await this.follow(await this.db.transaction((tx) => startOperation(tx, id, settings)));
    return due.length + startable.length;
  }

  /** Starts what waited and may begin now, and nothing else. */
  async sweepStartable(): Promise<void> {
    for (const id of await listStartableOperations(this.db, 100)) {
      await this.follow(await this.db.transaction((tx) => startOperation(tx, id, settings)));
    }
  }

  /** Answers one command; false when the outbox is empty. */
  async step(): Promise<boolean> {
    const command = await this.takeCommand();
    if (command === null) return false;
    const said = this.interfere(command);
    if (said === 'silence') return true;
    await this.answer(command, said ?? this.perform(command));
    return true;
  }

  /** Works until nothing moves any more: outbox empty, nothing due, nothing startable. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 500; turn += 1) {
      while (await this.step());
      if ((await this.sweep()) === 0) return;
    }
    assert.fail('the operations do not come to rest');
  }

  /** Makes every volume independent that stands on another one's layers, the deepest first, and lets what waited for that end. */
  async flattenAll(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) {
      if ((await scheduleFlattens(this.db, { perPool: 100, bytesPerSecond: null, delaySeconds: 0 })) === 0) return;
      await this.settle();
    }
    assert.fail('flattening does not end');
  }

  async operation(id: string): Promise<{ state: string; step: string | null; error: { code: string } | null }> {
    const row: { state: string; step: string | null; error: { code: string } | null } | undefined = await this.db(
      'operations',
    )
      .where({ id })
      .first();
    assert.ok(row);
    return row;
  }

  async statusOf(table: 'volumes' | 'snapshots' | 'attachments', id: string): Promise<string | null> {
    const row: { status: string } | undefined = await this.db(table).where({ id }).first('status');
    return row?.status ?? null;
  }

  async vmState(id: string): Promise<string | null> {
    const row: { vm_state: string } | undefined = await this.db('servers').where({ id }).first('vm_state');
    return row?.vm_state ?? null;
  }

  async chainFiles(volumeId: string): Promise<string[]> {
    const rows: { file: string }[] = await this.db('chain_layers')
      .where({ volume_id: volumeId })
      .orderBy('position')
      .select('file');
    return rows.map((row) => row.file);
  }

  /** Nothing runs, nothing is locked, nothing waits; the promise equals the sizes; the share holds what the record says. */
  async assertNothingLeft(): Promise<void> {
    const open: unknown[] = await this.db('operations')
      .whereNotIn('state', ['done', 'failed'])
      .select('type', 'state', 'step');
    assert.deepEqual(open, [], 'operations that do not rest');
    assert.deepEqual(await this.db('resource_locks').select('resource', 'operation_id'), [], 'locks');
    assert.deepEqual(await this.db('outbox').select('id'), [], 'outbox rows');
    const onRecord: { file: string }[] = await this.db('chain_layers').select('file');
    assert.deepEqual([...this.world.files.keys()].sort(), onRecord.map((row) => row.file).sort(), 'files');
    const { rows } = (await this.db.raw(
      `select p.provisioned_gib as promised, (select coalesce(sum(size_gib), 0) from volumes v where v.host = p.name)::int as sizes
       from pools p`,
    )) as { rows: { promised: number; sizes: number }[] };
    for (const { promised, sizes } of rows) assert.equal(promised, sizes, 'promised capacity');
  }
}

/** A random id that no table knows. */
export const unknownId = (): string => randomUUID();
