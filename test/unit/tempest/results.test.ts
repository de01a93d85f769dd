// What a Tempest run's raw results become: classes that failed as a whole, tests that gave nothing, and the list of what is left open.
import assert from 'node:assert/strict';
import { collectResults, type RawResult, reportText, teardownFailures } from '../../tempest/results.js';

const raw = (id: string, status: string, detail = ''): RawResult => ({ id, status, seconds: 1, detail });

describe('results of a Tempest run', () => {
  it('gives each listed test its own result, its class’s, or a failure', () => {
    const results = collectResults(
      ['a.B.one[id-1]', 'a.C.two[id-2]', 'a.D.three[id-3]', 'a.D.four[id-4]'],
      [
        raw('a.B.one[id-1]', 'success'),
        raw('setUpClass (a.C)', 'skip', 'no such service'),
        raw('a.D.three[id-3]', 'inprogress'),
      ],
    );
    assert.deepEqual(
      results.map(({ verdict, why }) => [verdict, why]),
      [
        ['pass', ''],
        ['skip', 'no such service'],
        ['fail', 'the run gave no result for this test'],
        ['fail', 'the run gave no result for this test'],
      ],
    );
  });

  it('leaves open what the list names, and fails when the list is no longer true', () => {
    const open = [{ test: 'a.B.one', reason: 'nothing to see here yet' }];
    const id = 'a.B.one[id-9]';
    assert.deepEqual(
      collectResults([id], [raw(id, 'fail', 'boom')], open).map(({ verdict, why }) => [verdict, why]),
      [['open', 'nothing to see here yet']],
    );
    assert.equal(collectResults([id], [raw(id, 'success')], open)[0]?.verdict, 'fail');
    assert.equal(collectResults([id], [raw(id, 'fail', 'boom')], [])[0]?.verdict, 'fail');
  });

  it('ends its report with the counts', () => {
    const results = collectResults(['a.B.one', 'a.B.two'], [raw('a.B.one', 'success'), raw('a.B.two', 'fail', 'x\ny')]);
    const teardowns = teardownFailures([raw('tearDownClass (a.B)', 'fail', 'left behind')]);
    const lines = reportText('tempest', results, teardowns, 12.4).trimEnd().split('\n');
    assert.equal(lines.at(-1), 'tempest: 2 listed, 1 passed, 2 failed, 0 left open, 0 skipped, 12 s');
    assert(lines.includes('FAILED tearDownClass (a.B)'));
  });
});
