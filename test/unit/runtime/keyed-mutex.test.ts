// Mutual exclusion per key: order, several keys, failures, and nothing left behind.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { KeyedMutex } from '../../../services/core/runtime/keyed-mutex.js';

const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await Promise.resolve();
};

describe('keyed mutex', () => {
  it('serves a key in order of the calls and other keys at once', async () => {
    const mutex = new KeyedMutex();
    const order: string[] = [];
    const visit = (key: string, name: string, length: number) =>
      mutex.run(key, async () => {
        order.push(`${name} in`);
        await turns(length);
        order.push(`${name} out`);
      });
    await Promise.all([visit('a', '1', 9), visit('a', '2', 1), visit('b', '3', 1)]);
    assert.deepEqual(
      order.filter((word) => !word.startsWith('3')),
      ['1 in', '1 out', '2 in', '2 out'],
    );
    assert.ok(order.indexOf('3 out') < order.indexOf('1 out'));
    assert.equal(mutex.size, 0);
  });

  it('goes on after a failure, which reaches its caller only', async () => {
    const mutex = new KeyedMutex();
    const failing = mutex.run('a', () => Promise.reject(new Error('mine')));
    const next = mutex.run('a', () => Promise.resolve(7));
    await assert.rejects(failing, /mine/);
    assert.equal(await next, 7);
    assert.equal(mutex.size, 0);
  });

  it('never overlaps on a shared key, never deadlocks, keeps the order, whatever the keys', async () => {
    const visits = fc.array(
      fc.record({ keys: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }), length: fc.nat(5) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(visits, async (all) => {
        const mutex = new KeyedMutex();
        const held = new Set<string>();
        const last = new Map<string, number>();
        await Promise.all(
          all.map(({ keys, length }, index) =>
            mutex.run(keys, async () => {
              const unique = new Set(keys);
              for (const key of unique) {
                assert.ok(!held.has(key));
                assert.ok((last.get(key) ?? -1) < index);
                held.add(key);
                last.set(key, index);
              }
              await turns(length);
              for (const key of unique) held.delete(key);
            }),
          ),
        );
        assert.equal(mutex.size, 0);
      }),
      { numRuns: 200 },
    );
  });
});
