// The tests' own tools: a check that cannot fail would be worse than none.
import assert from 'node:assert/strict';
import { newMounts } from '../../harness/leak-check.js';
import { waitFor } from '../../harness/wait-for.js';

describe('the test harness', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw,noatime - ext4 /dev/x rw`;

  it('finds mounts that were not there before', () => {
    const before = [line('/'), line('/tmp')].join('\n');
    const after = [line('/'), line('/tmp'), line('/var/x'), line('/run/netns')].join('\n');
    assert.deepEqual(newMounts(before, after), ['/var/x']);
    assert.deepEqual(newMounts(before, before), []);
  });

  it('waits until a condition holds and returns what it said', async () => {
    let looks = 0;
    assert.equal(await waitFor('three looks', () => (++looks < 3 ? null : looks)), 3);
  });

  it('gives up in time and tells what it saw last', async () => {
    await assert.rejects(
      waitFor('nothing', () => Promise.reject(new Error('still closed')), { timeoutMs: 30 }),
      /waited 30 ms for nothing; last seen: .*still closed/s,
    );
    await assert.rejects(
      waitFor('a row', () => false, { timeoutMs: 30 }),
      /last seen: false/,
    );
  });
});
