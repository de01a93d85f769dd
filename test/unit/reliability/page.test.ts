// The page of reliability figures: what a run writes can be read again, and a page that was edited by hand is noticed.
import assert from 'node:assert/strict';
import { figures } from '../../reliability/figures.js';
import { parsePage, renderPage } from '../../reliability/page.js';

describe('page of reliability figures', () => {
  const when = '2026-01-31 12:00 UTC, commit 0123456789';

  it('keeps what was written', () => {
    const known = new Map([
      ['fuzz', { value: '1,000,000 inputs, 0 crashes', verdict: 'met' as const, when }],
      ['leaks', { value: '100 cycles', verdict: 'part' as const, when }],
      ['chaos', { value: '1 violation', verdict: 'missed' as const, when }],
    ]);
    assert.deepEqual(parsePage(renderPage(known)), known);
  });

  it('says of every other row that it was not run', () => {
    const text = renderPage(new Map());
    assert.equal(text.split('not run yet').length - 1, figures.length);
  });

  it('lets no value make a row or a cell of its own', () => {
    const known = new Map([['fuzz', { value: 'a | b\nc', verdict: 'missed' as const, when }]]);
    const text = renderPage(known);
    assert.equal(parsePage(text).get('fuzz')?.value, 'a; b; c');
    assert.equal(renderPage(parsePage(text)), text);
  });

  it('has titles by which its rows are told apart', () => {
    assert.equal(new Set(figures.map(({ title }) => title)).size, figures.length);
  });
});
