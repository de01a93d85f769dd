// Buckets of tokens by key, on a clock of the test: bursts, refill, waiting, and that a flood of keys costs no memory.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateTable } from '../../../services/api/limits/rate-table.js';

describe('a table of rates', () => {
  let time = 0;
  const now = (): number => time;
  const table = (perSecond: number, burst: number, maxKeys = 100): RateTable => {
    time = 1000;
    return new RateTable({ perSecond, burst, maxKeys, now });
  };

  it('gives a burst, then says how long to wait, and keeps askers apart', () => {
    const rates = table(2, 3);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => rates.tryTake('a')),
      [0, 0, 0, 500],
    );
    assert.equal(rates.tryTake('b'), 0);
    time += 499;
    assert.equal(rates.tryTake('a'), 1);
    time += 1;
    assert.deepEqual([rates.tryTake('a'), rates.tryTake('a')], [0, 500]);
    time += 60_000;
    assert.deepEqual(
      [1, 2, 3, 4].map(() => rates.tryTake('a')),
      [0, 0, 0, 500],
    );
  });

  it('lets through no more than burst and rate allow, whenever they come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        (perSecond, burst, pauses) => {
          const rates = table(perSecond, burst);
          const passed: number[] = [];
          for (const pause of pauses) {
            time += pause;
            if (rates.tryTake('a') === 0) passed.push(time);
          }
          for (const [from, at] of passed.entries())
            for (const [to, until] of passed.entries()) {
              if (to < from) continue;
              assert.ok(to - from + 1 <= burst + ((until - at) * perSecond) / 1000 + 1e-6);
            }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('counts what happened beyond the limit, for an hour at most', () => {
    const rates = table(1, 1);
    for (let count = 0; count < 100; count += 1) rates.take('a');
    assert.equal(rates.waitFor('a'), 99 * 1000 + 1000);
    for (let count = 0; count < 10_000; count += 1) rates.take('a');
    assert.equal(rates.waitFor('a'), 3_600_000 + 1000);
    rates.forgive('a');
    assert.equal(rates.waitFor('a'), 0);
  });

  it('holds no more keys than it may, and forgets the full ones first', () => {
    const rates = table(1, 2, 10);
    rates.take('old');
    time += 5000;
    for (const key of '0123456789') rates.take(key);
    assert.equal(rates.size, 10, 'the full bucket has gone');
    for (const key of '0123456789') assert.equal(rates.tryTake(key), 0, key);
    for (const key of '0123456789') assert.equal(rates.tryTake(key), 1000, key);
    for (let count = 0; count < 1000; count += 1) rates.take(`flood ${count}`);
    assert.equal(rates.size, 10);
  });
});
