// Output formats: the same data for people, for programs and for scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import type { ManyResult, OneResult } from '../../../services/cli/command.js';
import { type Format, type QuoteMode, render } from '../../../services/cli/output/render.js';
import { selectColumns, selectFields, sortRows } from '../../../services/cli/output/select-columns.js';
import { printable, valueText } from '../../../services/cli/output/value-text.js';

const one: OneResult = {
  kind: 'one',
  fields: { id: 'v1', size: 1, encrypted: false, description: null, properties: { b: '2', a: '1' } },
};
const many: ManyResult = {
  kind: 'many',
  columns: ['ID', 'Size', 'Created At'],
  rows: [
    ['b', 10, null],
    ['a', 9, '2026'],
  ],
};

function form(result: OneResult | ManyResult, format: Format, compact = false): Promise<string> {
  return render(result, { format, maxWidth: null, compact });
}

describe('render', () => {
  it('gives JSON with the types of the API', async () => {
    assert.deepEqual(JSON.parse(await form(one, 'json')), one.fields);
    assert.deepEqual(JSON.parse(await form(many, 'json')), [
      { ID: 'b', Size: 10, 'Created At': null },
      { ID: 'a', Size: 9, 'Created At': '2026' },
    ]);
    assert.equal((await form(one, 'json', true)).trimEnd().split('\n').length, 1);
  });

  it('gives YAML that reads back the same', async () => {
    assert.deepEqual(parse(await form(one, 'yaml')), one.fields);
  });

  it('gives values as python-openstackclient spells them', async () => {
    assert.equal(await form(one, 'value'), "v1\n1\nFalse\nNone\na='1', b='2'\n");
    assert.equal(await form(many, 'value'), 'b 10 None\na 9 2026\n');
    assert.equal(await form({ ...many, rows: [] }, 'value'), '');
  });

  it('gives CSV with quoted text and bare numbers', async () => {
    assert.equal(await form(many, 'csv'), '"ID","Size","Created At"\n"b",10,"None"\n"a",9,"2026"\n');
    const quoted: ManyResult = { kind: 'many', columns: ['N'], rows: [['say "hi"']] };
    assert.equal(await form(quoted, 'csv'), '"N"\n"say ""hi"""\n');
  });

  it('quotes CSV as Python does, in all its modes', async () => {
    const data: ManyResult = { kind: 'many', columns: ['N', 'S'], rows: [[1, 'a,b']] };
    const csv = (quote: QuoteMode): Promise<string> =>
      render(data, { format: 'csv', maxWidth: null, compact: false, quote });
    assert.equal(await csv('all'), '"N","S"\n"1","a,b"\n');
    assert.equal(await csv('minimal'), 'N,S\n1,"a,b"\n');
    assert.equal(await csv('nonnumeric'), '"N","S"\n1,"a,b"\n');
    assert.equal(await csv('none'), 'N,S\n1,a\\,b\n');
  });

  it('gives a shell what it can eval without running anything of it', async () => {
    const evil: OneResult = { kind: 'one', fields: { name: "a'$(false)\nb", 'os-vol-host-attr:host': 'h' } };
    const text = await render(evil, { format: 'shell', maxWidth: null, compact: false, prefix: 'my_' });
    const script = `${text}printf '%s|%s' "$my_name" "$my_os_vol_host_attr_host"`;
    assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), "a'$(false)\nb|h");
  });

  it('takes control characters of other people out of tables', async () => {
    const evil: ManyResult = { kind: 'many', columns: ['Name'], rows: [['a\u001b[2Jb\rc']] };
    const text = await form(evil, 'table');
    assert.ok(!text.includes('\u001b') && !text.includes('\r'), JSON.stringify(text));
    assert.equal(printable('x\ny'), 'x↵y');
  });
});

describe('valueText', () => {
  it('spells nested data readably', () => {
    assert.equal(valueText([{ id: 'a' }, 'b']), '{"id":"a"}, b');
    assert.equal(valueText(undefined), 'None');
    assert.equal(valueText(true), 'True');
  });
});

describe('columns', () => {
  it('are chosen without regard to case and underscores, in the wished order', () => {
    assert.deepEqual(selectColumns(many, ['created_at', 'id']).rows, [
      [null, 'b'],
      ['2026', 'a'],
    ]);
    assert.deepEqual(Object.keys(selectFields(one, ['SIZE', 'id']).fields), ['size', 'id']);
  });

  it('that do not exist are refused with those that do', () => {
    assert.throws(() => selectColumns(many, ['nope']), /no column 'nope'/);
    assert.throws(() => selectFields(one, ['nope']), { exitCode: 2 });
  });

  it('sort numbers by value, and missing values last', () => {
    assert.deepEqual(
      sortRows(many, ['size'], false).rows.map(([id]) => id),
      ['a', 'b'],
    );
    assert.deepEqual(
      sortRows(many, ['Created At'], false).rows.map(([id]) => id),
      ['a', 'b'],
    );
    assert.deepEqual(
      sortRows(many, ['ID'], true).rows.map(([id]) => id),
      ['b', 'a'],
    );
  });
});
