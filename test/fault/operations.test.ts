// The lane itself: learns nothing and names nothing; it plays every generated case on real daemons and checks what is left.
import assert from 'node:assert/strict';
import { operationRegistry } from '../../services/core/operations/registry.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../harness/environment.js';
import { chooseRotation } from '../harness/rotation.js';
import { withOperationId } from '../integration/engine/requests.js';
import { casesBehindRefusal, type FaultCase, generateCases, walkOf } from './cases.js';
import { assertNothingLeft } from './nothing-left.js';
import type { Scenario, Trial } from './scenario-parts.js';
import { scenarios } from './scenarios.js';
import { refusedSwitch } from './server-scenarios.js';
import { Stage } from './stage.js';

const only = process.env['SAGGAR_FAULT_ONLY'];
const chosen = new RegExp(only ?? '');

/** No divisor of the number of faults of a step, so that a share has some of every kind. */
const SHARES = 9;

/** An ordinary run does every ninth case, the next commit others; SAGGAR_FAULT_ONLY=<expression> does those, '.' all. */
function chooseCases(): FaultCase[] {
  const refusals = casesBehindRefusal(refusedSwitch, 'switch-guest:1', 'remove-overlay:1');
  const all = [...generateCases(scenarios), ...refusals];
  if (only !== undefined) return all.filter((one) => chosen.test(one.title));
  const { turn } = chooseRotation();
  return all.filter((_, index) => (index + turn) % SHARES === 0);
}

const cases = chooseCases();

describe('faults in operations', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let stage: Stage;
  const outgrown = new Set<string>();
  let failures = 0;

  before(async function () {
    this.timeout(240_000);
    database = await freshDatabase();
    const broker = await freshBroker();
    const rules = cases.flatMap((one) => one.rules);
    stage = await Stage.open({ databaseUrl: database.url, amqpUrl: broker.url }, rules);
  });
  after(async () => {
    await stage?.close(failures > 0);
    await database?.drop();
    await closeOwnParts();
  });
  afterEach(function () {
    if (this.currentTest?.state !== 'failed') return;
    failures += 1;
    process.stderr.write(`    logs: ${stage.directory}\n`);
  });

  async function volumesSince(mark: string): Promise<string[]> {
    const rows: { id: string }[] = await stage.db('volumes').where('created_at', '>', mark).select('id');
    return rows.map((row) => row.id);
  }

  async function now(): Promise<string> {
    const { rows } = (await stage.db.raw('select utc_now()::text as now')) as { rows: { now: string }[] };
    return rows[0]?.now ?? '';
  }

  async function assertSettled(mark: string): Promise<void> {
    await assertNothingLeft(stage, await volumesSince(mark), { files: stage.outsiders, outgrown });
  }

  async function prepared(scenario: Scenario): Promise<{ trial: Trial; mark: string }> {
    const mark = await now();
    return { trial: await scenario.prepare(stage), mark };
  }

  describe('coverage', () => {
    it('reaches every step of every operation', () => {
      const reached = new Set(scenarios.flatMap((one) => walkOf(one).map((step) => `${one.type} ${step}`)));
      const all = Object.values(operationRegistry).flatMap(({ type, steps }) =>
        steps.map((step) => `${type} ${step.name}`),
      );
      assert.deepEqual(
        all.filter((step) => !reached.has(step)),
        [],
        'steps without a scenario',
      );
    });

    it('runs every undo that a table has', () => {
      const undone = new Set(
        generateCases(scenarios)
          .filter((one) => one.rules.some((rule) => rule.match?.['phase'] === 'undo'))
          .map((one) => `${one.scenario.type} ${one.step}`),
      );
      const all = Object.values(operationRegistry).flatMap(({ type, steps }) =>
        steps.filter((step) => step.undo !== undefined).map((step) => `${type} ${step.name}`),
      );
      assert.deepEqual(
        all.filter((step) => !undone.has(step)),
        [],
        'undos without a case',
      );
    });
  });

  describe('without faults', () => {
    for (const scenario of scenarios.filter((one) => chosen.test(`${one.type} (${one.name})`))) {
      it(`${scenario.type} (${scenario.name})`, async () => {
        const { trial, mark } = await prepared(scenario);
        const { operationId } = await trial.request();
        const end = await stage.restOf(operationId);
        assert.equal(end.state, 'done', JSON.stringify(end.error));
        assert.deepEqual(end.visited, walkOf(scenario), 'the steps that the cases are generated from');
        await trial.check('done');
        await assertSettled(mark);
      });
    }
  });

  describe('with a fault', () => {
    for (const one of cases) {
      it(one.title, async () => {
        const { trial, mark } = await prepared(one.scenario);
        const { operationId } = await withOperationId(one.operationId, trial.request);
        if (one.stuck) await stage.until('stuck', async () => (await stage.operation(operationId)).state === 'stuck');
        const end = await stage.restOf(operationId);
        assert.equal(end.state, one.end, JSON.stringify(end.error));
        await trial.check(one.end);
        await assertFired(one);
        if (one.effectBeforeFailure && one.scenario.mayOutgrowRecord === true)
          for (const id of await volumesSince(mark)) outgrown.add(id);
        if (one.end === 'failed' && trial.remedy !== undefined) {
          if (!one.effectBeforeFailure) await assertSettled(mark);
          const remedy = trial.remedy();
          await stage.ended(await remedy.request());
          await remedy.check();
        }
        await assertSettled(mark);
      });
    }
  });

  /** A fault that did not happen proves nothing. */
  async function assertFired({ rules }: FaultCase): Promise<void> {
    await stage.until(
      `every planned fault to have happened: ${JSON.stringify(rules)}`,
      () => Promise.resolve(rules.every((rule) => stage.hasFired(rule))),
      2000,
    );
  }

  // Nested, because mocha runs a suite's own tests before those of its inner suites.
  describe('in the end', () => {
    it('every planned kill has ended a process, and every process is back', async () => {
      const kills = cases.flatMap((one) => one.rules).filter((rule) => rule.react.kill !== undefined).length;
      const deaths = stage.processes.reduce((sum, one) => sum + one.deaths, 0);
      assert.equal(deaths, kills);
      await stage.until('all processes to live', () => Promise.resolve(stage.processes.every((one) => one.isAlive)));
    });

    it('nothing is left at all', async () => {
      // Headers were compared case by case.
      await assertNothingLeft(stage, [], { files: stage.outsiders, outgrown });
    });
  });
});
