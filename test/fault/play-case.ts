// Cases on a stage: the request, the fault, the operation's end, what clients see, and what is left. The same for the lane and for
// `npm run crash-matrix`. Throws what is wrong; `leftKindOf` tells its kind.
import assert from 'node:assert/strict';
import { withOperationId } from '../integration/engine/requests.js';
import type { FaultCase } from './cases.js';
import { demandThat, demandThatAll } from './left-behind.js';
import { assertNothingLeft } from './nothing-left.js';
import type { Scenario, Trial } from './scenario-parts.js';
import type { Stage } from './stage.js';

export interface Played {
  /** From the death or standstill of a process until its operation was at rest, milliseconds; null when nobody died. */
  readonly takeoverMs: number | null;
}

/** A worker says one of these when it is through with a command. */
const endOfWork = new Set([
  'step carried out',
  'step failed',
  'the step was interrupted and is handed back',
  'the process stood still: the step is handed back',
]);

interface Met extends Played {
  readonly trial: Trial;
}

function needsRemedy(one: FaultCase, { trial }: Met): boolean {
  return one.end === 'failed' && trial.remedy !== undefined;
}

async function remedied(stage: Stage, { trial }: Met): Promise<void> {
  const remedy = trial.remedy?.();
  if (remedy === undefined) return;
  await stage.ended(await remedy.request());
  await remedy.check();
}

export class CasePlayer {
  /** Volumes whose file may be larger than on record; their status says so. */
  readonly outgrown = new Set<string>();

  constructor(private readonly stage: Stage) {}

  async prepared(scenario: Scenario): Promise<{ trial: Trial; mark: string }> {
    const mark = await this.now();
    return { trial: await scenario.prepare(this.stage), mark };
  }

  async assertSettled(mark: string): Promise<void> {
    const { stage, outgrown } = this;
    await assertNothingLeft(stage, await this.volumesSince(mark), { files: stage.outsiders, outgrown });
  }

  async play(one: FaultCase): Promise<Played> {
    const mark = await this.now();
    const met = await this.meet(one);
    if (one.effectBeforeFailure && one.scenario.mayOutgrowRecord === true)
      for (const id of await this.volumesSince(mark)) this.outgrown.add(id);
    if (needsRemedy(one, met)) {
      if (!one.effectBeforeFailure) await this.assertSettled(mark);
      await remedied(this.stage, met);
    }
    await this.assertSettled(mark);
    return met;
  }

  /**
   * Cases of one round (rounds.ts) at the same time. Answers what was wrong, by operation id; then the others of the round prove nothing.
   * Throws when each ended well and what they left together is wrong: nobody knows whose it is.
   */
  async playTogether(round: readonly FaultCase[]): Promise<ReadonlyMap<string, unknown>> {
    const mark = await this.now();
    const wrong = new Map<string, unknown>();
    const forEach = async (act: (one: FaultCase) => Promise<void>): Promise<void> => {
      const noted = (one: FaultCase) => (thrown: unknown) => void wrong.set(one.operationId, thrown);
      await Promise.all(round.map((one) => act(one).catch(noted(one))));
    };
    const met = new Map<string, Met>();
    await forEach(async (one) => void met.set(one.operationId, await this.meet(one)));
    if (wrong.size > 0) return wrong;
    if (!round.some((one) => one.effectBeforeFailure)) await this.assertSettled(mark);
    await forEach(async (one) => {
      const its = met.get(one.operationId);
      if (its !== undefined && needsRemedy(one, its)) await remedied(this.stage, its);
    });
    if (wrong.size === 0) await this.assertSettled(mark);
    return wrong;
  }

  /** The request, its fault and its end as clients see it. */
  private async meet(one: FaultCase): Promise<Met> {
    const { stage } = this;
    const trial = await one.scenario.prepare(stage);
    const { operationId } = await withOperationId(one.operationId, trial.request);
    if (one.stuck) await stage.until('stuck', async () => (await stage.operation(operationId)).state === 'stuck');
    let end = await stage.operation(operationId);
    await demandThatAll('stuck', async () => {
      end = await stage.restOf(operationId);
    });
    const takeoverMs = this.sinceDeath(one);
    assert.equal(end.state, one.end, JSON.stringify(end.error));
    if (one.kind === 'zombie') await this.untilZombieIsThrough(operationId, one.step);
    await trial.check(one.end);
    await this.assertFired(one);
    return { takeoverMs, trial };
  }

  /** A fault that did not happen proves nothing. */
  private async assertFired({ rules }: FaultCase): Promise<void> {
    await this.stage.until(
      `every planned fault to have happened: ${JSON.stringify(rules)}`,
      () => Promise.resolve(rules.every((rule) => this.stage.hasFired(rule))),
      2000,
    );
  }

  /** Of all operations that the stage has seen: two conductors that both ended one would have written its outcome twice. */
  assertNoneEndedTwice(): void {
    const ended = this.stage.logLines('operation ended').map((line) => String(line['operationId']));
    const seen = new Set<string>();
    const again = ended.filter((id) => seen.size === seen.add(id).size);
    demandThat('double', () => assert.deepEqual(again, [], 'operations that ended twice'));
  }

  /** Another must have done the step, and the one that stood still must have come back and done whatever it does then. */
  async untilZombieIsThrough(operationId: string, step: string): Promise<void> {
    await this.stage.until(`two workers to be through with ${step}`, () => {
      const lines = this.stage.logLines(operationId);
      const through = lines.filter((line) => line['step'] === step && endOfWork.has(String(line['msg'])));
      return Promise.resolve(through.length >= 2);
    });
  }

  private sinceDeath({ rules }: FaultCase): number | null {
    const deadly = rules.find(({ react }) => react.kill !== undefined || react.stop !== undefined);
    const fired = deadly === undefined ? null : this.stage.firstFired(deadly);
    return fired === null ? null : Number(process.hrtime.bigint() - fired.atNs) / 1e6;
  }

  private async volumesSince(mark: string): Promise<string[]> {
    const rows: { id: string }[] = await this.stage.db('volumes').where('created_at', '>', mark).select('id');
    return rows.map((row) => row.id);
  }

  /** By the database's clock. */
  async now(): Promise<string> {
    const { rows } = (await this.stage.db.raw('select utc_now()::text as now')) as { rows: { now: string }[] };
    return rows[0]?.now ?? '';
  }
}
