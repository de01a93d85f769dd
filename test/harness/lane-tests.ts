// One lane from its start to its counts: runs mocha (or the lint checks) over it and collects what is to be printed about it.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FileTime, timesVariable } from './file-times.js';
import { type LaneRun, runLaneProcess } from './lane-process.js';
import { lanes, type TestLaneName } from './lanes.js';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface LaneOptions {
  /** Of the run; the lane makes one of its own in it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly times: boolean;
  readonly isolated: boolean;
  readonly signal: AbortSignal;
  /** Whole lines. */
  readonly print: (text: string) => void;
}

const LINT_LIMIT_MS = 20 * 60_000;
/** Files that take long are told always: a lane grows by them. */
const LONG_SECONDS = 20;

export function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export async function runTests(
  name: TestLaneName,
  files: readonly string[],
  { directory, env, verbose, times, isolated, signal, print }: LaneOptions,
): Promise<Counts> {
  const { timeoutMs, limitMs } = lanes[name];
  if (files.length === 0) {
    print(`no tests in test/${name}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const timesFile = path.join(directory, `${name}-times.json`);
  const run = await runLaneProcess(
    {
      argv: [
        process.execPath,
        'node_modules/mocha/bin/mocha.js',
        '--require',
        './test/harness/file-times.ts',
        '--timeout',
        String(timeoutMs),
        '--reporter',
        'spec',
        ...files,
      ],
      env: { ...env, [timesVariable]: timesFile },
      directory: path.join(directory, name),
      limitMs,
      signal,
      resultLine: /^\s*\d+ passing/m,
      ...(verbose ? { onOutput: print } : {}),
    },
    isolated,
  );
  const counts = countTests(run);
  if (counts.failed > 0 && !verbose) print(run.output);
  if (counts.failed === 0 && !verbose) print(skippedTests(run.output));
  for (const leak of run.leaks) print(`  leak in lane ${name}: ${leak}\n`);
  print(timesText(timesFile, times));
  return counts;
}

/** The checks print a line each; every one of them runs. */
export async function runLint({ directory, signal, print }: LaneOptions): Promise<Counts> {
  const run = await runLaneProcess(
    {
      argv: [process.execPath, '--import', 'tsx', 'test/lint/run.ts'],
      env: {},
      directory: path.join(directory, 'lint'),
      limitMs: LINT_LIMIT_MS,
      signal,
      resultLine: /^lint: \d+ passed/m,
      onOutput: print,
    },
    false,
  );
  const counts = /^lint: (\d+) passed, (\d+) failed/m.exec(run.output);
  const failed = counts === null ? 1 : Number(counts[2]);
  return { passed: Number(counts?.[1] ?? 0), failed: failed === 0 && run.exitCode !== 0 ? 1 : failed, skipped: 0 };
}

/** Everything that is wrong with a lane counts as one more failure, so that the numbers cannot look better than the exit code. */
function countTests(run: LaneRun): Counts {
  const passed = readCount(run.output, 'passing');
  const failed = readCount(run.output, 'failing');
  const finished = /^\s*\d+ passing/m.test(run.output);
  const silentFailure = failed === 0 && run.exitCode !== 0 && run.leaks.length === 0;
  const extra = run.leaks.length + (silentFailure || (!finished && run.leaks.length === 0) ? 1 : 0);
  return { passed, failed: failed + extra, skipped: readCount(run.output, 'pending') };
}

function readCount(output: string, word: string): number {
  // The last one counts: a test may print such a line of its own.
  const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].at(-1)?.[1];
  return found === undefined ? 0 : Number(found);
}

function skippedTests(output: string): string {
  const skipped = output.split('\n').filter((line) => /^\s+- /.test(line));
  return skipped.map((line) => `  skipped: ${line.trim().slice(2)}\n`).join('');
}

function timesText(file: string, all: boolean): string {
  if (!existsSync(file)) return ''; // no file came to its end
  const times = JSON.parse(readFileSync(file, 'utf8')) as readonly FileTime[];
  return times
    .filter(({ seconds }) => all || seconds >= LONG_SECONDS)
    .map(({ file: name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}\n`)
    .join('');
}
