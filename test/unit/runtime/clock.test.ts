// The fake clock and what is built on the interface.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { every, pause, systemClock } from '../../../services/core/runtime/clock.js';
import { FakeClock } from '../../../services/core/runtime/fake-clock.js';

describe('clock', () => {
  it('runs timers in order of time and making, and those that timers make', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push('late'));
    clock.after(10, () => {
      seen.push('first');
      clock.after(5, () => seen.push(`nested ${clock.monotonicMs()}`));
    });
    clock.after(10, () => seen.push('second'));
    clock.after(10, () => seen.push('cancelled'))();
    await clock.advance(20);
    assert.deepEqual(seen, ['first', 'second', 'nested 15', 'late']);
    assert.equal(clock.pending, 0);
  });

  it('repeats until cancelled, also from inside', async () => {
    const clock = new FakeClock();
    let count = 0;
    const cancel = every(clock, 10, () => {
      count += 1;
      if (count === 3) cancel();
    });
    await clock.advance(100);
    assert.equal(count, 3);
    assert.equal(clock.pending, 0);
  });

  it('pauses, or stops pausing when told, and says which', async () => {
    const clock = new FakeClock();
    const whole = pause(clock, 10);
    const stop = new AbortController();
    const cut = pause(clock, 10_000, stop.signal);
    await clock.advance(10);
    stop.abort();
    assert.equal(await whole, true);
    assert.equal(await cut, false);
    assert.equal(await pause(clock, 10, stop.signal), false);
    assert.equal(clock.pending, 0);
  });

  it('has a real counterpart', async () => {
    const started = systemClock.monotonicMs();
    assert.equal(await pause(systemClock, 20), true);
    assert.ok(systemClock.monotonicMs() - started >= 15);
    assert.ok(Math.abs(systemClock.now() - Date.now()) < 1000);
  });
});
