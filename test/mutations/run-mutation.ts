// Runs the tests of a mutation with and without it. The mutation is good when its tests are green without it, and at least one is red with it.
// Mocha's own exit code says which; a run that could not begin, or in which the change was never loaded, is a failure of the mutation.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutation } from './mutation.js';

const root = path.dirname(path.dirname(import.meta.dirname));
const hook = pathToFileURL(path.join(import.meta.dirname, 'patch-at-load.mjs')).href;
const LIMIT_MS = 240_000;

export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** Why the text cannot be changed as the mutation says; null when it can. */
export function findStaleText({ file, find, replace }: Mutation): string | null {
  const full = path.join(root, file);
  if (!existsSync(full)) return `${file} is not there`;
  const found = readFileSync(full, 'utf8').split(find).length - 1;
  if (found !== 1) return `${JSON.stringify(find)} is in ${file} ${found} times, not once`;
  return find === replace ? 'it changes nothing' : null;
}

/** What came of a mutation: the first test that turned red, or why none did. */
export type Trial = { readonly unnoticed: null; readonly caughtBy: string } | { readonly unnoticed: string };

/** Null when the tests notice the mutation, else what went wrong. */
export async function findUnnoticed(mutation: Mutation): Promise<string | null> {
  return (await tryOne(mutation)).unnoticed;
}

async function tryOne(mutation: Mutation): Promise<Trial> {
  const stale = findStaleText(mutation);
  if (stale !== null) return { unnoticed: stale };
  // Red tests may leave things behind; whoever becomes another user must pass.
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-mutation-'));
  chmodSync(folder, 0o755);
  try {
    return await tryMutation(mutation, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryMutation(mutation: Mutation, folder: string): Promise<Trial> {
  const logFile = path.join(folder, 'applied');
  const { passed, failed, output } = await runTests(mutation.tests, {
    NODE_OPTIONS: `--import ${hook}`,
    SAGGAR_MUTATION: JSON.stringify({ ...mutation, file: path.join(root, mutation.file) }),
    SAGGAR_MUTATION_LOG: logFile,
    TMPDIR: folder,
  });
  if (!existsSync(logFile)) return { unnoticed: `the changed file was never loaded by its tests\n${output}` };
  if (failed > 0) return { unnoticed: null, caughtBy: firstRed(output) };
  if (passed === 0) return { unnoticed: `its tests did not run\n${output}` };
  return { unnoticed: `all ${passed} tests stay green without the guard` };
}

/** The titles of the first failure, as mocha's reporter lists them: numbered, one line for each suite, the last with a colon. */
function firstRed(output: string): string {
  const titles = /^ +1\) ([\s\S]*?):\n/m.exec(output)?.[1] ?? 'a test';
  return titles.replace(/\s*\n\s*/g, ': ');
}

export function runTests({ files, grep }: Mutation['tests'], env: Readonly<Record<string, string>>): Promise<TestRun> {
  const argv = [
    'node_modules/mocha/bin/mocha.js',
    '--timeout',
    '60000',
    `--grep=${grep}`,
    '--bail', // one red test says it
    '--exit', // what a red test has left open must not keep it
    '--reporter',
    'dot',
    ...files,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', () => resolve({ passed: count(output, 'passing'), failed: count(output, 'failing'), output }));
  });
}

function count(output: string, word: string): number {
  return Number([...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].at(-1)?.[1] ?? 0);
}

export interface Noticed {
  readonly mutation: Mutation;
  readonly unnoticed: string | null;
  /** Titles of the first test that turned red; null when none did. */
  readonly caughtBy: string | null;
  readonly seconds: number;
}

/** Two at a time; tells of each as it ends, and answers all. */
export async function runMutations(
  chosen: readonly Mutation[],
  onEnd: (noticed: Noticed) => void = () => undefined,
): Promise<readonly Noticed[]> {
  const waiting = [...chosen];
  const ended: Noticed[] = [];
  const work = async (): Promise<void> => {
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
      const since = performance.now();
      const trial = await tryOne(mutation);
      const caughtBy = trial.unnoticed === null ? trial.caughtBy : null;
      const seconds = (performance.now() - since) / 1000;
      const noticed = { mutation, unnoticed: trial.unnoticed, caughtBy, seconds };
      ended.push(noticed);
      onEnd(noticed);
    }
  };
  await Promise.all([work(), work()]);
  return ended;
}
