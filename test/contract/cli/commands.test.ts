// Every command of the tree teaches itself and works: it has a summary, a help text and an example; the example, run against a cloud
// that refuses whatever the OpenAPI documents do not have, succeeds. A command without an example, a call that no document has, a body
// that does not fit its schema: each fails here.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandModules, findModule, loadAllRows } from '../../../services/cli/command-index.js';
import {
  buildCommand,
  leadingWords,
  longName,
  optionsOf,
  parseLine,
  withoutPath,
} from '../../../services/cli/command-line.js';
import { helpForAll, helpForWords } from '../../../services/cli/help.js';
import { exampleCloud } from './example-cloud.js';
import type { ApiName } from './openapi-check.js';
import { checkOf, RecordingCloud } from './recording-cloud.js';

const rows = await loadAllRows();

/** The words of an example as a shell would split them; only double quotes are used there. */
function shellWords(line: string): string[] {
  return (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
}

describe('the commands of saggar', () => {
  // Examples name local files.
  const startedIn = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-examples-'));
  before(() => {
    process.chdir(folder);
    writeFileSync('disk.qcow2', 'a disk');
  });
  after(() => {
    process.chdir(startedIn);
    rmSync(folder, { recursive: true });
  });

  it('have unique paths that begin with the noun of their module', async () => {
    assert.equal(new Set(rows.map(({ path }) => path)).size, rows.length);
    for (const module of commandModules) {
      for (const row of await module.load()) {
        assert.ok(row.path.startsWith(`${module.noun} `), `${row.path} is in the module of '${module.noun}'`);
        assert.equal(findModule(row.path.split(' ')), module, `${row.path} is found in its module`);
      }
    }
  });

  it('are all in the help, with every option said once', async () => {
    const help = await helpForAll();
    for (const row of rows) {
      assert.ok(help.includes(`${row.path} `), `${row.path} is in saggar --help`);
      const names = optionsOf(row).map(({ flags }) => longName(flags));
      assert.equal(new Set(names).size, names.length, `${row.path} declares an option twice`);
      for (const { conflicts = [] } of optionsOf(row)) {
        for (const other of conflicts) assert.ok(names.includes(other), `${row.path}: --${other} is no option of it`);
      }
    }
  });

  for (const row of rows) {
    describe(`saggar ${row.path}`, () => {
      it('teaches itself', () => {
        assert.ok(row.summary.length > 10);
        const help = buildCommand(row).helpInformation();
        assert.ok(help.includes(row.summary));
        for (const line of row.details ?? []) assert.ok(line.length <= 100, line);
        for (const { name } of row.args ?? []) assert.ok(help.includes(name));
        for (const { flags, about } of row.options ?? []) {
          assert.ok(about.length > 2, flags);
          assert.ok(help.includes(`--${longName(flags)}`), flags);
        }
      });

      it('has examples that parse, name it and are in its help', async () => {
        const help = await helpForWords(row.path.split(' '));
        for (const example of [row.example, ...(row.moreExamples ?? [])]) {
          assert.ok(help.includes(`  ${example}\n`), example);
          const [program, ...argv] = shellWords(example);
          assert.equal(program, 'saggar');
          const leading = leadingWords(argv);
          assert.equal(leading.words.slice(0, row.path.split(' ').length).join(' '), row.path);
          parseLine(row, withoutPath(argv, leading, row.path));
        }
      });

      it('runs its example with calls that the documents have', async () => {
        const cloud = await RecordingCloud.start(exampleCloud());
        try {
          const run = await cloud.run(shellWords(row.example).slice(1));
          assert.deepEqual(cloud.complaints, []);
          assert.equal(run.stderr, '');
          assert.equal(run.exitCode, 0);
          assert.equal(run.stdout === '', row.output === 'none');
        } finally {
          await cloud.stop();
        }
      });
    });
  }
});

describe('the calls in the sources of saggar', () => {
  const calls = sourceFiles().flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /session\s*\.(volume|compute|image|identity|admin)\s*\.(get|post|put|patch|delete)\(\s*'([^']+)'/g,
      ),
    ].map(([, api = '', verb = '', path = '']) => ({ api: api as ApiName, verb, path })),
  );

  it('are found at all', () => {
    assert.ok(calls.length > 60, `${calls.length} calls`);
  });

  it('exist in the OpenAPI documents', () => {
    const missing = calls.filter(({ api, verb, path }) => !checkOf(api).has(verb, path));
    assert.deepEqual(missing, []);
  });
});

function sourceFiles(): string[] {
  const root = new URL('../../../services/cli/', import.meta.url).pathname;
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => root + name);
}
