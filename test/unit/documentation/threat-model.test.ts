// The threat model and the tests that it names: the list of attacks is closed, each name stands in a title of its files, each mutation
// that is to prove it is there, and the page cites all of them and no other.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mutations } from '../../mutations/mutations.js';
import { type NamedTest, namedTests } from '../../security/named-tests.js';
import { fromRoot } from './documents.js';

/** Letter and highest number; every number up to it is taken. */
const attacks = { A: 6, B: 1, D: 3, F: 8, G: 1, I: 3, M: 2, P: 1, Q: 1, R: 1, S: 4, T: 1, X: 10, Z: 5 } as const;

const wanted = Object.entries(attacks).flatMap(([letter, most]) =>
  Array.from({ length: most }, (_, index) => `T-${letter}${String(index + 1).padStart(2, '0')}`),
);
const rows: readonly (readonly [string, NamedTest])[] = Object.entries(namedTests);
const page = readFileSync(fromRoot('THREAT-MODEL.md'), 'utf8');

describe('the threat model', () => {
  it('has a test for every attack on the list', () => {
    assert.deepEqual(rows.map(([name]) => name).sort(), wanted);
  });

  for (const [name, { files, guards }] of rows) {
    it(`${name} is the name of a test, and red without its guard`, () => {
      for (const file of files) {
        const titles = readFileSync(fromRoot(file), 'utf8')
          .split('\n')
          .filter((line) => /\b(?:it|describe)\(/.test(line));
        assert.ok(
          titles.some((title) => title.includes(name)),
          `${file}: no title has the name`,
        );
      }
      if ('none' in guards) {
        assert.ok(guards.none.length > 20, 'why no guard can be taken out');
        return;
      }
      assert.ok(guards.length > 0);
      for (const guard of guards)
        assert.ok(
          mutations.some((mutation) => mutation.name === guard),
          `no mutation ${guard}`,
        );
    });
  }

  it('is cited by the page as a whole, with files that are there', () => {
    const cited = new Set(page.match(/T-[A-Z]\d\d/g));
    assert.deepEqual([...cited].sort(), wanted);
    const named = [...page.matchAll(/`((?:services|drivers|deploy|test)\/[^`\s]+)`/g)].map(([, file = '']) => file);
    assert.ok(named.length > 30);
    assert.deepEqual(
      named.filter((file) => !existsSync(fromRoot(file))),
      [],
    );
  });

  it('names for each asset an attacker, a defence, where it is, and a test', () => {
    const table = page.slice(page.indexOf('## What is defended'), page.indexOf('## What is not defended'));
    const lines = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| asset'));
    assert.ok(lines.length > 18);
    for (const line of lines) {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      assert.equal(cells.length, 5, line);
      assert.ok(
        cells.every((cell) => cell !== ''),
        line,
      );
      assert.match(cells[3] ?? '', /`[a-z]+\//, line);
      assert.match(cells[4] ?? '', /T-[A-Z]\d\d|`test\//, line);
    }
  });
});
