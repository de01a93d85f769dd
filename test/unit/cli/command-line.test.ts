// From words to a command and its input.
import assert from 'node:assert/strict';
import { UsageError } from '../../../services/cli/cli-error.js';
import type { CommandRow } from '../../../services/cli/command.js';
import { findModule, findRow } from '../../../services/cli/command-index.js';
import { HelpShown, leadingWords, parseLine, withoutPath } from '../../../services/cli/command-line.js';
import { editDistance, suggestionsFor } from '../../../services/cli/suggestions.js';

const row: CommandRow = {
  path: 'thing make',
  summary: 'Make a thing',
  args: [
    { name: 'name', about: 'its name' },
    { name: 'rest', about: 'more', many: true, optional: true },
  ],
  options: [
    { flags: '--size <gib>', about: 'size', integer: { min: 1, max: 10 } },
    { flags: '--property <key=value>', about: 'property', repeat: true },
    { flags: '--no-property', about: 'none' },
    { flags: '--colour <name>', about: 'colour', choices: ['red', 'blue'] },
    { flags: '--fast', about: 'fast', conflicts: ['slow'] },
    { flags: '--slow', about: 'slow' },
  ],
  example: 'saggar thing make x',
  output: 'one',
  run: () => Promise.resolve(undefined),
};

describe('leadingWords', () => {
  it('looks past global options and their values', () => {
    const argv = ['--os-cloud', 'lab', 'volume', '--insecure', '--os-region-name=x', 'list', '--long', 'no'];
    const leading = leadingWords(argv);
    assert.deepEqual(leading.words, ['volume', 'list']);
    assert.deepEqual(withoutPath(argv, leading, 'volume list'), [
      '--os-cloud',
      'lab',
      '--insecure',
      '--os-region-name=x',
      '--long',
      'no',
    ]);
  });

  it('leaves words beyond the path alone, even when they repeat it', () => {
    const argv = ['volume', 'show', 'volume'];
    assert.deepEqual(withoutPath(argv, leadingWords(argv), 'volume show'), ['volume']);
  });
});

describe('findModule and findRow', () => {
  it('take the longest noun and the longest path', async () => {
    const words = ['volume', 'snapshot', 'create', 'x'];
    const module = findModule(words);
    assert.equal(module?.noun, 'volume snapshot');
    assert.equal(findRow((await module?.load()) ?? [], words)?.path, 'volume snapshot create');
    assert.equal(findModule(['volume', 'show', 'snapshot'])?.noun, 'volume');
    assert.equal(findModule(['nothing']), undefined);
  });
});

describe('parseLine', () => {
  it('reads arguments, options and global options wherever they stand', () => {
    const { input, globals } = parseLine(row, [
      '--size',
      '3',
      'a',
      '--property',
      'k=v=w',
      'b',
      '--property',
      'l=',
      '--os-cloud',
      'lab',
      '--no-property',
      '-f',
      'json',
      'c',
    ]);
    assert.equal(input.integer('size'), 3);
    assert.equal(input.need('name'), 'a');
    assert.deepEqual(input.texts('rest'), ['b', 'c']);
    assert.deepEqual(input.pairs('property'), { k: 'v=w', l: '' });
    assert.equal(input.flag('no-property'), true);
    assert.equal(input.text('format'), 'json');
    assert.equal(globals['os-cloud'], 'lab');
  });

  it('takes words after -- as they are', () => {
    assert.equal(parseLine(row, ['--', '--fast']).input.need('name'), '--fast');
  });

  for (const [what, words] of [
    ['an unknown option', ['a', '--nope']],
    ['a missing argument', []],
    ['a value out of range', ['a', '--size', '11']],
    ['a value that is no number', ['a', '--size', '1e3']],
    ['a value that is no choice', ['a', '--colour', 'green']],
    ['options that exclude each other', ['a', '--fast', '--slow']],
    ['an unknown format', ['a', '-f', 'xml']],
  ] as const) {
    it(`refuses ${what} with exit code 2`, () => {
      assert.throws(
        () => parseLine(row, words),
        (error) => error instanceof UsageError && error.exitCode === 2 && error.message.length > 10,
      );
    });
  }

  it('refuses a pair without a key', () => {
    const { input } = parseLine(row, ['a', '--property', '=v']);
    assert.throws(() => input.pairs('property'), UsageError);
  });

  it('shows the help instead when that is asked for', () => {
    assert.throws(
      () => parseLine(row, ['--help']),
      (error) => error instanceof HelpShown && error.text.includes('Make a thing') && error.text.includes(row.example),
    );
  });

  it('treats an undeclared name as a defect, not as "not given"', () => {
    const { input } = parseLine(row, ['a']);
    assert.throws(() => input.text('nope'), /declares no 'nope'/);
  });
});

describe('suggestionsFor', () => {
  it('names what was probably meant', async () => {
    assert.match(await suggestionsFor(['volume', 'creat']), /saggar volume create/);
    assert.match(await suggestionsFor(['servr', 'list']), /saggar server list/);
    assert.match(await suggestionsFor(['zzzzzzzzzz']), /Nouns are: volume/);
  });

  it('counts edits', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
  });
});
