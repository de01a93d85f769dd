// Which operations were changed lately: by the last commit and by what is not committed, or since the commit that
// SAGGAR_CHANGED_SINCE names (a tag, a branch). Read from git; without a checkout, none.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { operationRegistry } from '../../services/core/operations/registry.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';

const folders = ['services/core/operations/', 'services/core/db/outcomes/'];
/** Every operation is named in them. */
const aboutAll = new Set(['registry.ts', 'params.ts', 'facts.ts', 'definition.ts', 'outcomes.ts', 'reducer.ts']);

function git(...args: string[]): readonly string[] {
  const { status, stdout } = spawnSync('git', args, { cwd: projectRoot(), encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

function changedFiles(env: NodeJS.ProcessEnv): readonly string[] {
  const since = env['SAGGAR_CHANGED_SINCE'];
  const base = since === undefined || since === '' ? 'HEAD~1' : (git('merge-base', since, 'HEAD')[0] ?? 'HEAD~1');
  return [...new Set([...git('diff', '--name-only', base), ...git('ls-files', '--others', '--exclude-standard')])];
}

/** Types of operations whose table or outcomes are in a changed file. */
export function touchedOperations(env: NodeJS.ProcessEnv = process.env): ReadonlySet<string> {
  const files = changedFiles(env)
    .filter((file) => folders.some((folder) => file.startsWith(folder)) && !aboutAll.has(path.basename(file)))
    .map((file) => path.join(projectRoot(), file));
  return operationsIn(files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')));
}

/** Types that a source text names as a literal. */
export function operationsIn(texts: readonly string[]): ReadonlySet<string> {
  const types = Object.keys(operationRegistry);
  return new Set(types.filter((type) => texts.some((text) => text.includes(`'${type}'`))));
}
