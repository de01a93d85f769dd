// The lane itself: learns nothing and names nothing; it plays every generated case on real daemons and checks what is left.
import assert from 'node:assert/strict';
import { operationRegistry } from '../../services/core/operations/registry.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../harness/environment.js';
import { chooseRotation } from '../harness/rotation.js';
import { generateCases, walkOf } from './cases.js';
import { allCases, chooseShare } from './choose-cases.js';
import { assertNothingLeft } from './nothing-left.js';
import { CasePlayer } from './play-case.js';
import { scenarios } from './scenarios.js';
import { Stage } from './stage.js';
import { touchedOperations } from './touched-operations.js';

const only = process.env['SAGGAR_FAULT_ONLY'];
const chosen = new RegExp(only ?? '');

/** An ordinary run does a share and what the last change has touched; SAGGAR_FAULT_ONLY=<expression> does those, '.' all. */
const touched = only === undefined ? touchedOperations() : new Set<string>();
const cases =
  only === undefined
    ? chooseShare(allCases(), chooseRotation().turn, touched)
    : allCases().filter((one) => chosen.test(one.title));

describe('faults in operations', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let stage: Stage;
  let player: CasePlayer;
  let failures = 0;

  before(async function () {
    this.timeout(240_000);
    database = await freshDatabase();
    const broker = await freshBroker();
    const rules = cases.flatMap((one) => one.rules);
    stage = await Stage.open({ databaseUrl: database.url, amqpUrl: broker.url }, rules);
    player = new CasePlayer(stage);
    if (touched.size > 0) console.log(`    changed lately, so more of its cases: ${[...touched].join(', ')}`);
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
        const { trial, mark } = await player.prepared(scenario);
        const { operationId } = await trial.request();
        const end = await stage.restOf(operationId);
        assert.equal(end.state, 'done', JSON.stringify(end.error));
        assert.deepEqual(end.visited, walkOf(scenario), 'the steps that the cases are generated from');
        await trial.check('done');
        await player.assertSettled(mark);
      });
    }
  });

  describe('with a fault', () => {
    for (const one of cases) {
      it(one.title, async () => {
        await player.play(one);
      });
    }
  });

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
      await assertNothingLeft(stage, [], { files: stage.outsiders, outgrown: player.outgrown });
      player.assertNoneEndedTwice();
    });
  });
});
