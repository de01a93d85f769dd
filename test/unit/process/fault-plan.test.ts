// Fault plans: what a rule does to a command or a point, how often, and that a misspelt plan is refused.
import assert from 'node:assert/strict';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';
import { FaultPlan, parseFaultPlan } from '../../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';

const limits = { timeoutMs: 5_000 };

describe('a fault plan', () => {
  it('fails a matching command as often as told, then lets it run', async () => {
    const real = new FakeCommandRunner().on(/^qemu-img /, { stdout: 'ran' });
    const plan = new FaultPlan({
      commands: [
        { match: /^qemu-img create .*volume-1/, times: 1, react: { exitCode: 1, stderr: 'No space left on device' } },
      ],
    });
    const runner = plan.wrap(real);
    const first = await runner.run(['qemu-img', 'create', '/m/volume-1'], limits);
    assert.deepEqual([first.exitCode, first.stderr], [1, 'No space left on device']);
    assert.equal((await runner.run(['qemu-img', 'create', '/m/volume-1'], limits)).stdout, 'ran');
    assert.equal(real.calls.length, 1);
    assert.equal(plan.fired.length, 1);
  });

  it('skips with success, as a mount that mounted nothing', async () => {
    const real = new FakeCommandRunner();
    const runner = new FaultPlan({ commands: [{ match: /^mount /, react: { skip: true } }] }).wrap(real);
    assert.equal((await runner.run(['mount', 'x'], limits)).exitCode, 0);
    assert.equal(real.calls.length, 0);
  });

  it('kills the program half-way', async () => {
    const runner = new FaultPlan({ commands: [{ match: /^sleep/, react: { killProgramAfterMs: 50 } }] }).wrap(
      systemCommandRunner,
    );
    assert.equal((await runner.run(['sleep', '30'], limits)).killedBy, 'SIGKILL');
  });

  it('kills this process before or after a point, or throws there', async () => {
    const seen: string[] = [];
    const plan = new FaultPlan(
      {
        points: [
          { match: /^worker\.effect a$/, react: { kill: 'before' } },
          { match: /^worker\.effect b$/, react: { kill: 'after' } },
          { match: /^worker\.effect c$/, times: 1, react: { error: 'backend_offline' } },
        ],
      },
      () => seen.push('killed'),
    );
    const effect = async (name: string) => {
      await plan.around(`worker.effect ${name}`, async () => {
        seen.push(name);
      });
    };
    await effect('a');
    await effect('b');
    await assert.rejects(effect('c'), { code: 'backend_offline' });
    await effect('c');
    assert.deepEqual(seen, ['killed', 'a', 'b', 'killed', 'c']);
  });

  it('is read from JSON; a typo is refused', () => {
    const plan = parseFaultPlan({ commands: [{ match: '^mount ', times: 2, react: { skip: true } }] });
    assert.equal(plan.commands?.[0]?.times, 2);
    assert.throws(() => parseFaultPlan({ commandos: [] }), /unknown key commandos/);
    assert.throws(() => parseFaultPlan({ points: [{ match: 'x', react: { error: 'nope' } }] }), /no known code/);
    assert.throws(() => parseFaultPlan({ points: [{ match: 'x', react: { kill: 'never' } }] }), /neither/);
  });
});
