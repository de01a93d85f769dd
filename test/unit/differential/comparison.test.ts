// The comparison itself: what is reduced, what counts as different, and that the list of known differences cannot rot.
import assert from 'node:assert/strict';
import { compareAnswers } from '../../differential/compare.js';
import { judge } from '../../differential/judge.js';
import type { Row } from '../../differential/row.js';
import { reduce, type Seen } from '../../differential/seen.js';

const row: Row = { name: 'show', path: '/v3/volumes/{vol}' };
const id = '848edaaa-25d2-4c19-b7b1-aee3d413ace8';

function seen(body: unknown, status = 200, headers: Record<string, string> = {}): Seen {
  const answer = { status, headers: new Headers(headers), text: body === undefined ? '' : JSON.stringify(body) };
  return reduce(answer, new Map([['vol', id]]), 'http://peer', null);
}

describe('comparison with a Cinder', () => {
  it('takes ids, times and addresses for what they stand for', () => {
    const { values } = seen({
      id,
      other: id.replace('8', '9'),
      at: '2026-11-21T13:29:21.225189',
      self: `http://peer/v3/${id}`,
    });
    assert.deepEqual(values, { id: '{vol}', other: '<uuid>', at: '<time.us>', self: '<url>/v3/{vol}' });
  });

  it('sees a missing key once, a type, and nothing in equal answers', () => {
    const peer = seen({ volume: { size: 1, links: [{ rel: 'self' }] } });
    assert.deepEqual(compareAnswers(row, peer, peer), []);
    const found = compareAnswers(row, peer, seen({ volume: { size: '1' } }));
    assert.deepEqual(
      found.filter((one) => one.counts).map((one) => [one.aspect, one.what]),
      [
        ['key', 'volume.links'],
        ['type', 'volume.size'],
      ],
    );
  });

  it('holds faults against each other, texts only where the row asks for it', () => {
    const peer = seen({ badRequest: { code: 400, message: 'a' } }, 400);
    const ours = seen({ badRequest: { code: 400, message: 'b' } }, 400);
    assert.deepEqual(
      compareAnswers(row, peer, ours).map((one) => [one.aspect, one.counts]),
      [['text', false]],
    );
    assert.equal(compareAnswers({ ...row, exact: true }, peer, ours)[0]?.counts, true);
    const other = seen({ computeFault: { code: 400, message: 'a' } }, 400);
    assert.deepEqual(
      compareAnswers(row, peer, other).map((one) => one.aspect),
      ['fault'],
    );
  });

  it('says only once that the status differs', () => {
    const found = compareAnswers(row, seen({ volume: {} }), seen({ itemNotFound: { code: 404, message: 'x' } }, 404));
    assert.deepEqual(
      found.map((one) => one.aspect),
      ['status'],
    );
  });

  it('fails on what is not listed, and on what is listed and no longer so', () => {
    const differences = compareAnswers(row, seen({ a: 1 }), seen({ a: 1 }, 202));
    const entry = { rows: ['show'], aspects: ['status'], reason: 'test' } as const;
    assert.equal(judge(1, differences, []).unlisted.length, 1);
    const good = judge(1, differences, [entry]);
    assert.deepEqual([good.unlisted, good.stale, good.listed.length, good.equal], [[], [], 1, 0]);
    assert.deepEqual(judge(1, [], [entry]).stale, [entry]);
    const tooMany = { ...entry, rows: ['show', 'other'] };
    assert.deepEqual(judge(2, differences, [tooMany]).stale, [tooMany], 'every row that is named must differ');
  });
});
