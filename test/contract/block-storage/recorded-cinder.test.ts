// Saggar against what a real Cinder answered, without one: the recording that `npm run differential` renews. A difference that is not
// listed fails, and so does a listed one that is none any more.
import assert from 'node:assert/strict';
import { compareAnswers } from '../../differential/compare.js';
import { judge } from '../../differential/judge.js';
import { knownDifferences } from '../../differential/known-differences.js';
import { readRecording } from '../../differential/recording.js';
import { rows } from '../../differential/rows.js';
import { openSaggarSide } from '../../differential/saggar-side.js';
import { runRows } from '../../differential/side.js';

describe('block-storage API against a recorded Cinder', function () {
  this.timeout(300_000);

  it('answers every request of the table as Cinder does, but for what is listed', async () => {
    const recorded = readRecording();
    assert.ok(recorded !== null, 'there is a recording');
    const side = await openSaggarSide();
    const ours = await runRows(side, rows).finally(() => side.close());
    const differences = rows.flatMap((row) => {
      const [peer, own] = [recorded.answers[row.name], ours.get(row.name)];
      assert.ok(peer !== undefined && own !== undefined, `"${row.name}" was not recorded: run npm run differential`);
      return compareAnswers(row, peer, own);
    });
    const { unlisted, stale } = judge(rows.length, differences, knownDifferences);
    assert.deepEqual(unlisted, [], 'differences that no list explains');
    assert.deepEqual(stale, [], 'listed differences that are none any more');
  });
});
