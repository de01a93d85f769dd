// Tables: alignment, fitting to a width, wide characters.
import assert from 'node:assert/strict';
import { fitWidths, formatTable } from '../../../services/cli/output/table.js';
import { textWidth, wrapText } from '../../../services/cli/output/text-width.js';

describe('formatTable', () => {
  it('draws the form that OpenStack users know', () => {
    assert.equal(
      formatTable(
        ['ID', 'Size'],
        [
          ['a', '1'],
          ['bcd', '20'],
        ],
        { maxWidth: null },
        [false, true],
      ),
      [
        '+-----+------+',
        '| ID  | Size |',
        '+-----+------+',
        '| a   |    1 |',
        '| bcd |   20 |',
        '+-----+------+',
        '',
      ].join('\n'),
    );
  });

  it('shows only the head of an empty list', () => {
    assert.equal(formatTable(['ID'], [], { maxWidth: null }), '+----+\n| ID |\n+----+\n');
  });

  it('never exceeds the width while every column has 8 places', () => {
    const cells = ['short', 'x'.repeat(100), 'words that can be broken at their spaces, and at commas'];
    for (let maxWidth = 37; maxWidth < 200; maxWidth += 7) {
      const lines = formatTable(['One', 'Two', 'Three'], [cells], { maxWidth }).trimEnd().split('\n');
      const widths = new Set(lines.map(textWidth));
      assert.equal(widths.size, 1, `all lines equally wide at ${maxWidth}`);
      assert.ok(
        [...widths].every((width) => width <= maxWidth),
        `${[...widths].join()} > ${maxWidth}`,
      );
      const text = lines.join('').replace(/[|+\s-]/g, '');
      assert.equal(text.split('x').length - 1, 100, 'nothing is lost');
    }
  });

  it('counts wide characters as two columns and combining marks as none', () => {
    const lines = formatTable(['Name'], [['日本'], ['é'], ['abcd']], { maxWidth: null })
      .trimEnd()
      .split('\n');
    assert.deepEqual(new Set(lines.map(textWidth)), new Set([8]));
  });
});

describe('fitWidths', () => {
  it('leaves narrow columns alone and takes from the widest', () => {
    assert.deepEqual(fitWidths([4, 36, 200], 100), [4, 36, 50]);
  });

  it('changes nothing when there is room', () => {
    assert.deepEqual(fitWidths([4, 10], 100), [4, 10]);
  });
});

describe('wrapText', () => {
  it('breaks at spaces, and inside words only when they are too long', () => {
    assert.deepEqual(wrapText('one two three', 8), ['one two', 'three']);
    assert.deepEqual(wrapText('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  });

  it('keeps line breaks', () => {
    assert.deepEqual(wrapText('a\nb', 10), ['a', 'b']);
  });
});
