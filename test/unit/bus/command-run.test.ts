// One run of a step under a clock that stands still: when deliveries are acknowledged and what is told while it runs.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CommandRun, type RunEnd, type RunOptions } from '../../../services/core/bus/command-run.js';
import type { Delivery } from '../../../services/core/bus/consumer.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';
import { inspectCommand } from '../../integration/bus/sample-commands.js';

interface Played extends Delivery<Command> {
  acked: boolean;
}

function delivery(command: Command): Played {
  const played: Played = {
    message: command,
    earlierDeliveries: 0,
    acked: false,
    ack: () => {
      played.acked = true;
    },
    giveBack: () => undefined,
  };
  return played;
}

function rig(more: Partial<RunOptions> = {}) {
  const clock = new FakeClock();
  const signs: string[] = [];
  let end: (how: RunEnd) => void = () => undefined;
  const first = delivery(inspectCommand());
  const run = new CommandRun(first, {
    clock,
    quietMs: 10_000,
    mayAckEarly: () => true,
    sendProgress: ({ attempt }, percent) => signs.push(`${attempt}: ${percent}`),
    execute: () =>
      new Promise<RunEnd>((resolve) => {
        end = resolve;
      }),
    ...more,
  });
  return { clock, signs, first, run, end: (how: RunEnd) => end(how) };
}

const done: RunEnd = { kind: 'done', output: {} };

describe('command run', () => {
  it('holds the delivery of a quick step and says nothing', async () => {
    const { clock, signs, first, run, end } = rig();
    await clock.advance(9999);
    end(done);
    assert.deepEqual(await run.end, done);
    await clock.advance(60_000);
    assert.deepEqual([first.acked, signs.length, clock.pending, run.isOnlyHere], [false, 0, 0, false]);
  });

  it('acknowledges a long step after ten seconds and gives signs of life without progress', async () => {
    const { clock, signs, first, run, end } = rig();
    await clock.advance(35_000);
    assert.equal(first.acked, true);
    assert.equal(run.isOnlyHere, true);
    assert.deepEqual(signs, ['1: 0', '1: 0', '1: 0']);
    end(done);
    await run.end;
  });

  it('keeps deliveries when too much is in hand, but gives signs of life', async () => {
    const { clock, signs, first } = rig({ mayAckEarly: () => false });
    await clock.advance(20_000);
    assert.deepEqual([first.acked, signs.length], [false, 2]);
  });

  it('thins progress out to one a second and sends the last value', async () => {
    const { clock, signs, run, end } = rig();
    await clock.advance(1000);
    for (const percent of [10, 11, 12]) run.onProgress(percent);
    run.onProgress(Number.NaN);
    assert.deepEqual(signs, ['1: 10']);
    await clock.advance(1000);
    assert.deepEqual(signs, ['1: 10', '1: 12']);
    run.onProgress(250);
    await clock.advance(1000);
    assert.deepEqual(signs, ['1: 10', '1: 12', '1: 100']);
    run.onProgress(5);
    end(done);
    await run.end;
    await clock.advance(5000);
    assert.equal(signs.length, 3);
  });

  it('speaks for the newest attempt, and acknowledges what joins a long step at once', async () => {
    const { clock, signs, first, run } = rig();
    const second = delivery({ ...first.message, attempt: 2, epoch: 2 });
    const late = delivery({ ...first.message });
    run.join(second);
    assert.equal(second.acked, false);
    await clock.advance(10_000);
    assert.equal(second.acked, true);
    run.join(late);
    assert.equal(late.acked, true);
    assert.equal(run.command.attempt, 2);
    assert.deepEqual(signs, ['2: 0']);
  });
});
