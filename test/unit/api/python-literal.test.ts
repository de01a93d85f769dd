// Python literals of list filters: what clients send, and that nothing else is taken.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type PythonValue, tryPythonLiteral } from '../../../services/api/shell/python-literal.js';
import { pythonRepr } from '../../../services/api/shell/python-repr.js';

describe('Python literals', () => {
  const plain = (value: PythonValue | undefined): unknown =>
    value instanceof Map
      ? Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
      : Array.isArray(value)
        ? value.map(plain)
        : value;

  it('reads what clients send', () => {
    const cases: [string, unknown][] = [
      ["{'Type': 'work'}", { Type: 'work' }],
      ["{u'a': u'b', 'c': None,}", { a: 'b', c: null }],
      ['{}', {}],
      ['True', true],
      ['-1.5e2', -150],
      ["['a', (1, False), []]", ['a', [1, false], []]],
      [`'it\\'s \\x41\\u00e9\\n'`, "it's Aé\n"],
      [`"dou'ble"`, "dou'ble"],
      ["{1: 'x'}", { 1: 'x' }],
      ["'\\q'", '\\q'],
    ];
    for (const [text, value] of cases) assert.deepEqual(plain(tryPythonLiteral(text)), value, text);
  });

  it('takes nothing else', () => {
    for (const text of [
      '',
      'work',
      "{'a'",
      "{'a': }",
      "__import__('os')",
      "'a' 'b'",
      '1 + 1',
      "'a\nb'",
      '{[]: 1}',
      "'\\x4'",
      '[1 2]',
      '['.repeat(50),
    ])
      assert.equal(tryPythonLiteral(text), undefined, text);
    assert.equal(tryPythonLiteral(`'${'x'.repeat(20_000)}'`), undefined);
  });

  it('never throws, and reads back what Python prints', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        tryPythonLiteral(text);
      }),
    );
    const value = fc.dictionary(
      fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
      fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null)),
      { maxKeys: 5, noNullPrototype: true },
    );
    fc.assert(
      fc.property(value, (one) => {
        const printed = pythonRepr(one);
        if (!printed.endsWith('...')) assert.deepEqual(plain(tryPythonLiteral(printed)), one);
      }),
    );
  });
});

describe('Python repr', () => {
  it('prints as Python does, and not without end', () => {
    assert.equal(pythonRepr({ a: [1, 'x', null, true] }), "{'a': [1, 'x', None, True]}");
    assert.equal(pythonRepr("it's"), `"it's"`);
    assert.ok(pythonRepr('x'.repeat(100_000)).length < 300);
    assert.ok(pythonRepr({ a: { b: { c: { d: { e: { f: 1 } } } } } }).includes('...'));
  });
});
