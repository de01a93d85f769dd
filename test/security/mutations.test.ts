// Every guard that these tests speak of is missed when it is taken away: the ordinary run's share of `npm run mutations`. A text that no
// longer occurs exactly once fails here for all of them, so that the table cannot grow stale.
import assert from 'node:assert/strict';
import { chooseRotation } from '../harness/rotation.js';
import { mutations, shareOf } from '../mutations/mutations.js';
import { findStaleText, runMutations } from '../mutations/run-mutation.js';
import { seededBugs, shareOfBugs } from '../mutations/seeded-bugs.js';

describe('mutations', function suite() {
  this.timeout(420_000);

  it('each changes one place of the sources, and has a name of its own', () => {
    const all = [...mutations, ...seededBugs];
    const stale = all.map((mutation) => ({ name: mutation.name, why: findStaleText(mutation) }));
    assert.deepEqual(
      stale.filter(({ why }) => why !== null),
      [],
    );
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
    assert.equal(seededBugs.length, 25);
  });

  const { turn } = chooseRotation();
  const share = shareOf(turn);
  it(`share ${turn} is noticed: ${share.length} of ${mutations.length}`, async () => {
    const ended = await runMutations(share);
    const unnoticed = ended.filter(({ unnoticed }) => unnoticed !== null);
    assert.deepEqual(
      unnoticed.map(({ mutation, unnoticed: why }) => `${mutation.name}: ${why}`),
      [],
    );
    assert.equal(ended.length, share.length);
  });

  const bugs = shareOfBugs(turn);
  it(`seeded bugs, share ${turn}: ${bugs.length} of ${seededBugs.length} are caught`, async () => {
    const ended = await runMutations(bugs);
    const missed = ended.filter(({ unnoticed }) => unnoticed !== null);
    assert.deepEqual(
      missed.map(({ mutation, unnoticed: why }) => `${mutation.name}: ${why}`),
      [],
    );
    assert.equal(ended.length, bugs.length);
  });
});
