// Cinder's times, written and read.
import assert from 'node:assert/strict';
import { naiveTime, tryNaiveUtc } from '../../../services/api/block-storage/naive-time.js';

describe('naive times', () => {
  it('always have six digits and no zone', () => {
    assert.equal(naiveTime('2026-11-21T01:32:34.23'), '2026-11-21T01:32:34.230000');
    assert.equal(naiveTime('2026-11-21T01:32:34'), '2026-11-21T01:32:34.000000');
    assert.equal(naiveTime('2026-11-21T01:32:34.230344'), '2026-11-21T01:32:34.230344');
  });

  it('are read in the forms that clients write, as UTC', () => {
    const cases: [string, string | null][] = [
      ['2026-11-21', '2026-11-21T00:00:00'],
      ['2026-11-21T01:02:03.123456', '2026-11-21T01:02:03.123456'],
      ['2026-11-21 01:02', '2026-11-21T01:02'],
      ['2026-11-21T01:02:03Z', '2026-11-21T01:02:03'],
      ['2026-11-21T01:02:03+02:00', '2026-11-20T23:02:03.000'],
      ['yesterday', null],
      ['2026-13-01', null],
      ["2026-11-21'; drop", null],
    ];
    for (const [text, expected] of cases) assert.equal(tryNaiveUtc(text), expected, text);
  });
});
