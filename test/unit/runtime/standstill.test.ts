// A process that stood still is told so before its next effect, without waiting for a timer.
import assert from 'node:assert/strict';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';
import { Standstill } from '../../../services/core/runtime/standstill.js';

/** A clock whose timers do not run, as those of a process that stands still. */
function stoppedClock() {
  let ms = 0;
  const clock = { now: () => ms, monotonicMs: () => ms, after: () => () => undefined };
  return {
    clock,
    pass: (byMs: number) => {
      ms += byMs;
    },
  };
}

describe('standstill', () => {
  it('is nothing as long as the process looks in time', async () => {
    const clock = new FakeClock();
    const standstill = new Standstill(clock, 1000);
    const since = standstill.since();
    await clock.advance(60_000);
    standstill.look();
    assert.equal(since.aborted, false);
    standstill.stop();
    assert.equal(clock.pending, 0);
  });

  it('is noticed by the next look, for all that began before it and for nothing that begins after it', () => {
    const { clock, pass } = stoppedClock();
    const standstill = new Standstill(clock, 1000);
    const before = standstill.since();
    pass(1000);
    standstill.look();
    assert.equal(before.aborted, false);
    pass(1001);
    const after = standstill.since();
    assert.equal(before.aborted, true);
    assert.equal(after.aborted, false);
    standstill.look();
    assert.equal(after.aborted, false);
  });
});
