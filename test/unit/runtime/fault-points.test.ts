// Plans for named points: matching, counting over restarts, reactions, and refusal of plans with mistakes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { inertFaultPoint, loadFaultPoints } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';

describe('fault points', () => {
  let directory: string;
  let plans = 0;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'fault-points-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const writePlan = (plan: unknown): string => {
    plans += 1;
    const file = path.join(directory, `plan-${plans}.json`);
    writeFileSync(file, JSON.stringify(plan));
    return file;
  };
  const load = (file: string) => loadFaultPoints(file, silentLogger());
  const fail = { fail: { code: 'no_space', message: 'planned' } };
  const outcomes = async (file: string, count: number, facts = {}): Promise<string> => {
    const { faultPoint } = load(file);
    let text = '';
    for (let n = 0; n < count; n += 1) {
      text += await faultPoint('worker:before-effect', facts).then(
        ({ duplicate }) => (duplicate ? '2' : '.'),
        () => 'x',
      );
    }
    return text;
  };

  it('does nothing without a plan or a matching rule', async () => {
    assert.deepEqual(await inertFaultPoint('worker:before-effect'), { duplicate: false });
    const { faultPoint, driverPlan } = loadFaultPoints(null, silentLogger());
    assert.deepEqual([await faultPoint('x'), driverPlan], [{ duplicate: false }, null]);
    const other = writePlan({ rules: [{ point: 'api:after-commit', react: fail }] });
    assert.equal(await outcomes(other, 2), '..');
  });

  it('fires always, at one occurrence, or for the first times', async () => {
    const plan = (more: object) => writePlan({ rules: [{ point: 'worker:before-effect', react: fail, ...more }] });
    assert.equal(await outcomes(plan({}), 3), 'xxx');
    assert.equal(await outcomes(plan({ occurrence: 2 }), 3), '.x.');
    assert.equal(await outcomes(plan({ times: 2 }), 4), 'xx..');
  });

  it('counts on where an earlier process stopped, and from the start when the rule changed', async () => {
    const file = writePlan({ rules: [{ point: 'worker:before-effect', react: fail, times: 2 }] });
    assert.equal(await outcomes(file, 1), 'x');
    assert.equal(await outcomes(file, 3), 'x..');
    writeFileSync(file, JSON.stringify({ rules: [{ point: 'worker:before-effect', react: fail, times: 1 }] }));
    assert.equal(await outcomes(file, 2), 'x.');
  });

  it('compares every fact that the rule names, with lists as alternatives', async () => {
    const file = writePlan({
      rules: [{ point: 'worker:before-effect', match: { step: ['a', 'b'], attempt: 2 }, react: { duplicate: true } }],
    });
    assert.equal(await outcomes(file, 1, { step: 'a', attempt: 2 }), '2');
    assert.equal(await outcomes(file, 1, { step: 'c', attempt: 2 }), '.');
    assert.equal(await outcomes(file, 1, { step: 'b', attempt: 1 }), '.');
    assert.equal(await outcomes(file, 1), '.');
  });

  it('throws the planned error', async () => {
    const { faultPoint } = load(writePlan({ rules: [{ point: 'worker:before-effect', react: fail }] }));
    await assert.rejects(
      faultPoint('worker:before-effect'),
      (error: unknown) => error instanceof ServiceError && error.code === 'no_space' && error.message === 'planned',
    );
  });

  it('stands still for the planned time: no timer runs', async () => {
    const { faultPoint } = load(writePlan({ rules: [{ point: 'worker:before-effect', react: { stop: 60 } }] }));
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 5);
    const started = performance.now();
    await faultPoint('worker:before-effect');
    assert.ok(performance.now() - started >= 59);
    assert.equal(ticks, 0);
    clearInterval(timer);
  });

  it('kills a process once, although it comes back', async () => {
    const file = writePlan({ rules: [{ point: 'worker:before-effect', occurrence: 1, react: { kill: 'SIGKILL' } }] });
    const program = `
      import { loadFaultPoints } from './services/core/runtime/fault-points.js';
      import { silentLogger } from './services/core/runtime/logger.js';
      const { faultPoint } = loadFaultPoints(${JSON.stringify(file)}, silentLogger());
      await faultPoint('worker:before-effect');
      process.exit(7);
    `;
    const run = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
          stdio: 'ignore',
        });
        child.once('error', reject);
        child.once('exit', (code, signal) => resolve(String(signal ?? code)));
      });
    assert.equal(await run(), 'SIGKILL');
    assert.equal(await run(), '7');
  }).timeout(30_000);

  it('hands the drivers their part and refuses plans with mistakes', () => {
    const driverPart = { commands: [{ match: '^x', react: { exitCode: 1 } }] };
    assert.deepEqual(load(writePlan({ ...driverPart })).driverPlan, driverPart);
    const bad = [
      { rule: [] },
      { rules: [{ point: 'nonsense', react: fail }] },
      { rules: [{ point: 'worker:x', react: {} }] },
      { rules: [{ point: 'worker:x', react: { fail: { code: 'no_such_code', message: '' } } }] },
      { rules: [{ point: 'worker:x', react: fail, occurrence: 1, times: 1 }] },
    ];
    for (const plan of bad) assert.throws(() => load(writePlan(plan)), /fault plan/, JSON.stringify(plan));
  });
});
