// What the documents show can be tried: paths and links lead somewhere, decisions carry the numbers by which they are cited, npm scripts
// exist, and every command line of saggar has words, options and arguments that the client knows.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../../services/cli/cli-error.js';
import { findRow, loadAllRows } from '../../../services/cli/command-index.js';
import { leadingWords, parseLine, withoutPath } from '../../../services/cli/command-line.js';
import { configSchemas } from '../../../services/core/runtime/config-schemas.js';
import { anchorsOf, codeWords, fromRoot, linksOf, readDocuments, shellLines } from './documents.js';

const documents = readDocuments();
const rows = await loadAllRows();
const folders = ['services/', 'drivers/', 'deploy/', 'test/', 'api-spec/', 'decisions/'];

/** Each document's findings as one list, so that one run names all of them. */
function collect(find: (document: (typeof documents)[number]) => readonly string[]): readonly string[] {
  return documents.flatMap((document) => find(document).map((what) => `${document.file}: ${what}`));
}

/** A path; its last part may have stars. */
function isThere(word: string): boolean {
  const file = fromRoot(word);
  if (!word.includes('*')) return existsSync(file);
  const [before = '', after = ''] = path.basename(file).split('*');
  const folder = path.dirname(file);
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(before) && name.endsWith(after));
}

/** All keys of a schema, at every depth. */
function settingNames(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [name, ...settingNames(inner)]),
    ...settingNames(items),
  ];
}

/** Why a command line is none of saggar's, or null. `isMention`: it may leave its arguments out. */
function whyNotSaggar(line: string, isMention: boolean): string | null {
  const argv = (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^["']|["']$/g, ''));
  const leading = leadingWords(argv);
  const row = findRow(rows, leading.words);
  if (row === undefined) {
    const asksForHelp = argv.every((word) => word.startsWith('-')) || argv.includes('--help');
    const isNoun = isMention && rows.some(({ path }) => path.startsWith(`${leading.words.join(' ')} `));
    return asksForHelp || isNoun || leading.words[0] === 'complete' ? null : `no command: ${line}`;
  }
  try {
    parseLine(row, withoutPath(argv, leading, row.path));
    return null;
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    return isMention && /missing|required/i.test(thrown.message) ? null : `${line}: ${thrown.message}`;
  }
}

describe('the documents', () => {
  it('are found', () => {
    const files = documents.map(({ file }) => file);
    for (const wanted of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy/RUNBOOK.md'])
      assert.ok(files.includes(wanted), wanted);
    assert.ok(files.filter((file) => file.startsWith('decisions/')).length > 50);
  });

  it('name files and folders that are there', () => {
    const missing = collect((document) =>
      codeWords(document)
        .filter((word) => folders.some((folder) => word.startsWith(folder)) && !/[\s<>…]|\*\w/.test(word))
        .filter((word) => !isThere(word))
        .map((word) => `${word} is not there`),
    );
    assert.deepEqual(missing, []);
  });

  it('link to pages and headings that are there', () => {
    const broken = collect((document) =>
      linksOf(document).flatMap(({ to, heading }) => {
        if (!existsSync(fromRoot(to))) return [`${to} is not there`];
        if (heading === null || anchorsOf(readFileSync(fromRoot(to), 'utf8')).has(heading)) return [];
        return [`${to} has no heading ${heading}`];
      }),
    );
    assert.deepEqual(broken, []);
  });

  it('cite decisions by the numbers that these have', () => {
    const numbers = new Set<number>();
    for (const { file, text } of documents.filter(({ file }) => file.startsWith('decisions/'))) {
      const number = Number(path.basename(file).slice(0, 4));
      assert.ok(!numbers.has(number), `${file}: the number is another decision's as well`);
      assert.ok(text.startsWith(`# ${number}. `), `${file}: its heading begins with its number`);
      numbers.add(number);
    }
    const unknown = collect(({ text }) =>
      [...text.matchAll(/decisions?[/ ]((?:\d{1,4}(?:, | and )?)+)/g)]
        .flatMap(([, cited = '']) => cited.match(/\d+/g) ?? [])
        .filter((cited) => !numbers.has(Number(cited)))
        .map((cited) => `decision ${cited} is not there`),
    );
    assert.deepEqual(unknown, []);
  });

  it('show npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { scripts: object };
    const unknown = collect((document) =>
      [...codeWords(document), ...shellLines(document)]
        .flatMap((line) => [...line.matchAll(/npm (?:run )?([\w-]+)/g)].map(([, name = '']) => name))
        .filter((name) => !Object.hasOwn(scripts, name) && !['ci', 'ping', 'install', 'run'].includes(name))
        .map((name) => `there is no npm script ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('explain every setting of the configuration files', () => {
    const runbook = readFileSync(fromRoot('deploy/RUNBOOK.md'), 'utf8');
    const names = new Set(Object.values(configSchemas).flatMap(settingNames));
    assert.ok(names.size > 60, `${names.size} settings`);
    const untold = [...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(runbook));
    assert.deepEqual(untold, []);
  });

  it('show command lines of saggar that can be typed', () => {
    const isSaggar = (line: string): boolean => /^(npx )?saggar /.test(line) && !/[…[{|]|\.\.\./.test(line);
    const plain = (line: string): string => line.replace(/^npx /, '');
    let tried = 0;
    const wrong = collect((document) => {
      const typed = shellLines(document).filter(isSaggar);
      const mentioned = codeWords(document).filter((line) => isSaggar(line) && !line.includes('*'));
      tried += typed.length + mentioned.length;
      return [
        ...typed.map((line) => whyNotSaggar(plain(line), false)),
        ...mentioned.map((line) => whyNotSaggar(plain(line), true)),
      ].filter((why) => why !== null);
    });
    assert.deepEqual(wrong, []);
    assert.ok(tried > 50, `${tried} command lines were tried`);
  });
});
