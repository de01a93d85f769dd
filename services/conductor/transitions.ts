// Runs the engine's transitions for the conductor: one transaction each, repeated while the database's trouble can pass, and
// followed by the operations that it let go.

import type { Database, Transaction } from '../core/db/connection.js';
import { databaseTroubleOf } from '../core/db/database-trouble.js';
import { startOperation } from '../core/db/engine/accept.js';
import type { Aftermath, EngineSettings } from '../core/db/engine/dispatch.js';
import { type Applied, applyResult, wakeOperation } from '../core/db/engine/results.js';
import { isAskAgain, type Result } from '../core/messages/envelope.js';
import { pause, systemClock } from '../core/runtime/clock.js';
import type { FaultFacts, FaultPoint } from '../core/runtime/fault-points.js';
import type { Logger } from '../core/runtime/logger.js';

export interface TransitionOptions {
  readonly db: Database;
  readonly settings: EngineSettings;
  readonly logger: Logger;
  readonly faultPoint: FaultPoint;
  /** Aborted at shutdown: what is not committed by then is left to the redelivered message or to the next sweep. */
  readonly signal: AbortSignal;
}

const SHORTEST_MS = 20;
const SLOWEST_MS = 2000;
const MAX_RACES = 10;

export class Transitions {
  constructor(private readonly options: TransitionOptions) {}

  /** Applies what a worker said. Resolves when it is committed (or was not awaited); rejects at shutdown and on defects. */
  async applyResult(result: Result): Promise<Applied> {
    const { operationId, step, phase, attempt, outcome } = result;
    const said = isAskAgain(outcome) ? 'ask-again' : outcome.kind;
    const applied = await this.inTransaction(
      (tx) => applyResult(tx, result, this.options.settings),
      (answer) => ({ operationId, step, phase, outcome: said, requestId: requestIdOf(answer) }),
    );
    const log = this.options.logger.child({ requestId: requestIdOf(applied), operationId, step, phase, attempt });
    if (applied.kind === 'ignored') log.debug({ reason: applied.reason, outcome: said }, 'result ignored');
    else if (isAskAgain(outcome)) log.info({ worker: result.worker }, 'step asked again: its worker has just begun');
    else if (outcome.kind === 'failed' && outcome.error.code === 'cancelled')
      log.info({ worker: result.worker }, 'step cancelled');
    else if (outcome.kind === 'failed') log.warn({ error: outcome.error, worker: result.worker }, 'step failed');
    else log.debug({ outcome: outcome.kind, worker: result.worker }, 'result applied');
    if (applied.kind === 'applied') await this.follow(applied.aftermath);
    return applied;
  }

  /** Asks a silent or pausing step again. */
  async wake(operationId: string): Promise<void> {
    const applied = await this.inTransaction(
      (tx) => wakeOperation(tx, operationId, this.options.settings),
      (answer) => ({ operationId, requestId: requestIdOf(answer) }),
    );
    if (applied.kind === 'applied') await this.follow(applied.aftermath);
  }

  /** Starts a pending operation if nothing is in its way. */
  async start(operationId: string): Promise<void> {
    const aftermath = await this.inTransaction(
      (tx) => startOperation(tx, operationId, this.options.settings),
      () => ({ operationId }),
    );
    await this.follow(aftermath);
  }

  private async follow({ startable, ended, stuck }: Aftermath): Promise<void> {
    if (stuck !== undefined) {
      const { id: operationId, type: operationType, step, phase, error } = stuck;
      this.options.logger.error(
        { operationId, operationType, step, phase, error },
        'operation is stuck; it is asked again slowly, but somebody has to look at what its step needs',
      );
    }
    if (ended !== null)
      this.options.logger.info(
        { operationId: ended.id, operationType: ended.type, state: ended.state },
        'operation ended',
      );
    for (const id of startable) await this.start(id);
  }

  private async inTransaction<T>(
    work: (tx: Transaction) => Promise<T>,
    factsOf: (answer: T) => FaultFacts,
  ): Promise<T> {
    const { db, faultPoint, logger, signal } = this.options;
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        const answer = await db.transaction(async (tx) => {
          const result = await work(tx);
          await faultPoint('conductor:before-commit', factsOf(result));
          return result;
        });
        await faultPoint('conductor:after-commit', factsOf(answer));
        return answer;
      } catch (thrown) {
        const trouble = databaseTroubleOf(thrown);
        if (trouble === 'defect' || (trouble === 'race' && tries >= MAX_RACES)) throw thrown;
        if (tries === 0) logger.warn({ err: thrown }, 'the database refused; trying again');
        await pause(systemClock, Math.min(SLOWEST_MS, SHORTEST_MS * 2 ** tries), signal);
      }
    }
  }
}

function requestIdOf(applied: Applied): string | undefined {
  return applied.kind === 'applied' ? applied.requestId : undefined;
}
