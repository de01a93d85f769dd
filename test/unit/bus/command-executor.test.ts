// From one command to one outcome, without a broker.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'mocha';
import { CommandExecutor } from '../../../services/core/bus/command-executor.js';
import type { CommandHandlers } from '../../../services/core/bus/command-handler.js';
import type { CommandRun, RunEnd } from '../../../services/core/bus/command-run.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import type { Clock } from '../../../services/core/runtime/clock.js';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';
import { type FaultPoint, inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Standstill } from '../../../services/core/runtime/standstill.js';
import { inspectCommand } from '../../integration/bus/sample-commands.js';

const answer = { server: null };

function rig(
  handlers: CommandHandlers,
  faultPoint: FaultPoint = inertFaultPoint,
  cancelSignal = new AbortController().signal,
  clock: Clock = new FakeClock(),
) {
  const ending = new AbortController();
  const executor = new CommandExecutor({
    handlers,
    keysOf: ({ params }) => [(params as { serverId: string }).serverId],
    faultPoint,
    logger: silentLogger(),
    signal: ending.signal,
    standstill: new Standstill(clock, 1000),
  });
  const execute = (command: Command): Promise<RunEnd> =>
    executor.execute({ command, onProgress: () => undefined, cancelSignal } as unknown as CommandRun);
  return { execute, ending };
}

const codeOf = (end: RunEnd): string =>
  end === 'handed-back' ? end : end.kind === 'failed' ? end.error.code : end.kind;

describe('command executor', () => {
  it('fences per key: lower epochs are refused, equal and higher ones are not', async () => {
    const { execute } = rig({ 'server.inspect': () => Promise.resolve(answer) });
    const [a, b] = [randomUUID(), randomUUID()];
    assert.equal(codeOf(await execute(inspectCommand({ epoch: 5 }, a))), 'done');
    assert.equal(codeOf(await execute(inspectCommand({ epoch: 5 }, a))), 'done');
    assert.equal(codeOf(await execute(inspectCommand({ epoch: 4 }, a))), 'fenced');
    assert.equal(codeOf(await execute(inspectCommand({ epoch: 4 }, b))), 'done');
    assert.equal(codeOf(await execute(inspectCommand({ epoch: 6 }, a))), 'done');
  });

  it('does not fence a command that waits because of one that came after it', async () => {
    const { execute } = rig({ 'server.inspect': () => Promise.resolve(answer) });
    const id = randomUUID();
    const ends = await Promise.all([5, 6, 7].map((epoch) => execute(inspectCommand({ epoch }, id))));
    assert.deepEqual(ends.map(codeOf), ['done', 'done', 'done']);
  });

  it('refuses an unknown command without a trace', async () => {
    const end = await rig({}).execute(inspectCommand());
    assert.deepEqual(end !== 'handed-back' && end.kind === 'failed' && [end.error.code, end.partial], [
      'not_implemented',
      false,
    ]);
  });

  it('runs the handler twice where a plan says so, and fails before or after it', async () => {
    let runs = 0;
    const handlers: CommandHandlers = {
      'server.inspect': () => {
        runs += 1;
        return Promise.resolve(answer);
      },
    };
    const twice: FaultPoint = (name) => Promise.resolve({ duplicate: name === 'worker:before-effect' });
    assert.equal(codeOf(await rig(handlers, twice).execute(inspectCommand())), 'done');
    assert.equal(runs, 2);
    const failAt =
      (point: string): FaultPoint =>
      (name) =>
        name === point
          ? Promise.reject(new ServiceError('backend_offline', 'planned'))
          : Promise.resolve({ duplicate: false });
    assert.equal(
      codeOf(await rig(handlers, failAt('worker:before-effect')).execute(inspectCommand())),
      'backend_offline',
    );
    assert.equal(runs, 2);
    assert.equal(
      codeOf(await rig(handlers, failAt('worker:after-effect')).execute(inspectCommand())),
      'backend_offline',
    );
    assert.equal(runs, 3);
  });

  it('gives the points what a plan can match, the request included', async () => {
    const seen: unknown[] = [];
    const watch: FaultPoint = (name, facts) => {
      seen.push([name, facts?.['requestId'], facts?.['step'], facts?.['command'], facts?.['phase']]);
      return Promise.resolve({ duplicate: false });
    };
    const command = inspectCommand();
    await rig({ 'server.inspect': () => Promise.resolve(answer) }, watch).execute(command);
    const facts = [command.requestId, 'inspect', 'server.inspect', 'do'];
    assert.deepEqual(seen, [
      ['worker:before-effect', ...facts],
      ['worker:after-effect', ...facts],
    ]);
  });

  it('hands back what fails after the end has begun, and what had not started', async () => {
    let release: (error: Error) => void = () => undefined;
    const { execute, ending } = rig({
      'server.inspect': () =>
        new Promise((_resolve, reject) => {
          release = reject;
        }),
    });
    const id = randomUUID();
    const running = execute(inspectCommand({}, id));
    const waiting = execute(inspectCommand({}, id));
    await new Promise((resolve) => setImmediate(resolve));
    ending.abort();
    release(new Error('interrupted'));
    assert.deepEqual([await running, await waiting], ['handed-back', 'handed-back']);
  });

  it('fails a cancelled step as cancelled, while it runs and before its turn; what had its end all the same is done', async () => {
    const cancelled = new AbortController();
    const started: string[] = [];
    const { execute } = rig(
      {
        'server.inspect': (_params, { signal, command }) => {
          started.push(command.step);
          return new Promise((resolve, reject) => {
            const end = () =>
              command.step === 'too-late' ? resolve(answer) : reject(new ServiceError('cancelled', 'Stopped.'));
            signal.addEventListener('abort', end, { once: true });
          });
        },
      },
      inertFaultPoint,
      cancelled.signal,
    );
    const id = randomUUID();
    const ends = [
      execute(inspectCommand({ step: 'runs' }, id)),
      execute(inspectCommand({ step: 'waits' }, id)),
      execute(inspectCommand({ step: 'too-late' })),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    cancelled.abort();
    assert.deepEqual((await Promise.all(ends)).map(codeOf), ['cancelled', 'cancelled', 'done']);
    assert.deepEqual(started, ['runs', 'too-late']);
  });

  it('survives a handler that throws at once and keys that cannot be read', async () => {
    const { execute } = rig({
      'server.inspect': () => {
        throw new Error('at once');
      },
    });
    assert.equal(codeOf(await execute(inspectCommand())), 'internal');
    assert.equal(codeOf(await execute({ ...inspectCommand(), params: null } as unknown as Command)), 'internal');
  });

  it('has no effect after the process stood still between the command and its effect', async () => {
    let ms = 0;
    const clock: Clock = { now: () => ms, monotonicMs: () => ms, after: () => () => undefined };
    let effects = 0;
    const handlers: CommandHandlers = {
      'server.inspect': () => {
        effects += 1;
        return Promise.resolve(answer);
      },
    };
    const standing: FaultPoint = () => {
      ms += 5000;
      return Promise.resolve({ duplicate: false });
    };
    const { execute } = rig(handlers, standing, undefined, clock);
    assert.equal(codeOf(await execute(inspectCommand())), 'handed-back');
    assert.equal(effects, 0);
  });
});
