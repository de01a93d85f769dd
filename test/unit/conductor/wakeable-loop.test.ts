// A loop that works at its pace, at once when it is woken, and ends when it is told.
import assert from 'node:assert/strict';
import { startWakeableLoop } from '../../../services/conductor/wakeable-loop.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';

/** Resolves when `count` looks have begun. */
function lookCounter(): {
  readonly looks: () => number;
  readonly look: () => void;
  reached(count: number): Promise<void>;
} {
  let looks = 0;
  let waiting: { count: number; resolve: () => void }[] = [];
  return {
    looks: () => looks,
    look: () => {
      looks += 1;
      for (const one of waiting.filter((each) => each.count <= looks)) one.resolve();
      waiting = waiting.filter((each) => each.count > looks);
    },
    reached: (count) =>
      looks >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

describe('wakeable loop', () => {
  const logger = silentLogger();

  it('looks at once, again while there is more, and then waits to be woken', async () => {
    const counter = lookCounter();
    const loop = startWakeableLoop({
      name: 'test',
      everyMs: 60_000,
      logger,
      look: () => {
        counter.look();
        return Promise.resolve(counter.looks() < 3 ? 'again' : 'idle');
      },
    });
    await counter.reached(3);
    loop.wake();
    await counter.reached(4);
    await loop.stop();
    assert.equal(counter.looks(), 4);
  });

  it('does not lose a wake that comes during a look', async () => {
    const counter = lookCounter();
    let letGo: () => void = () => undefined;
    const loop = startWakeableLoop({
      name: 'test',
      everyMs: 60_000,
      logger,
      look: async () => {
        counter.look();
        if (counter.looks() === 1) await new Promise<void>((resolve) => (letGo = resolve));
        return 'idle';
      },
    });
    await counter.reached(1);
    loop.wake();
    letGo();
    await counter.reached(2);
    await loop.stop();
  });

  it('goes on after an error, and wakes do not make it spin', async () => {
    const counter = lookCounter();
    const loop = startWakeableLoop({
      name: 'test',
      everyMs: 5,
      logger,
      look: () => {
        counter.look();
        if (counter.looks() < 3) return Promise.reject(new Error('away'));
        return Promise.resolve('idle');
      },
    });
    for (let turn = 0; turn < 50; turn += 1) loop.wake();
    await counter.reached(4);
    await loop.stop();
  });

  it('ends only after the look under way', async () => {
    let ended = false;
    let letGo: () => void = () => undefined;
    const loop = startWakeableLoop({
      name: 'test',
      everyMs: 5,
      logger,
      look: async () => {
        await new Promise<void>((resolve) => (letGo = resolve));
        ended = true;
        return 'again';
      },
    });
    const stopped = loop.stop();
    letGo();
    await stopped;
    assert.ok(ended);
  });
});
