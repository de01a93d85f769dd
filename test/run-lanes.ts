// `npm test`: runs the test lanes one after the other, prints one line of counts for each and a closing line for all. Fails when a
// test fails, when a lane leaves a process, mount or file behind, or when it does not end by itself.
//   npm test                     all lanes
//   npm test -- unit fault       these lanes
//   npm test -- --verbose unit   with every test's line
//   npm test -- --times system   with how long each file took
// The long suites run a share that changes from commit to commit (harness/rotation.ts); its number is printed first.
// A lane's output is shown only when something is wrong with it; the names of skipped tests are always shown.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type PartName, privateDirectory, startParts, type TestParts } from './harness/environment.js';
import { type FileTime, timesVariable } from './harness/file-times.js';
import { canIsolate, type LaneRun, runLaneProcess } from './harness/lane-process.js';
import { patienceVariable } from './harness/patience.js';
import { chooseRotation, rotationVariable } from './harness/rotation.js';

interface Lane {
  readonly parts: readonly PartName[];
  /** Of one test, milliseconds, before PATIENCE. */
  readonly timeoutMs: number;
  /** Of the whole lane, milliseconds: several times what it needs, for it only ends what hangs. */
  readonly limitMs: number;
}

const MINUTE_MS = 60_000;
/** Every limit of a test, a hook or a wait is this much longer here: a busy machine must fail nothing that goes on. */
const PATIENCE = 3;

/** In the order in which they run: what is cheap and says most comes first. */
const lanes = {
  unit: { parts: [], timeoutMs: 10_000, limitMs: 15 * MINUTE_MS },
  contract: { parts: ['postgres'], timeoutMs: 30_000, limitMs: 30 * MINUTE_MS },
  security: { parts: ['postgres'], timeoutMs: 60_000, limitMs: 30 * MINUTE_MS },
  integration: { parts: ['postgres', 'rabbitmq'], timeoutMs: 60_000, limitMs: 35 * MINUTE_MS },
  fault: { parts: ['postgres', 'rabbitmq'], timeoutMs: 120_000, limitMs: 45 * MINUTE_MS },
  system: { parts: ['postgres', 'rabbitmq', 'gluster'], timeoutMs: 300_000, limitMs: 50 * MINUTE_MS },
} as const satisfies Record<string, Lane>;

type TestLaneName = keyof typeof lanes;
type LaneName = 'lint' | TestLaneName;
const laneNames: readonly LaneName[] = ['lint', ...(Object.keys(lanes) as TestLaneName[])];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = path.dirname(import.meta.dirname);

function readCount(output: string, word: string): number {
  // The last one counts: a test may print such a line of its own.
  const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].at(-1)?.[1];
  return found === undefined ? 0 : Number(found);
}

function testFiles(lane: TestLaneName): readonly string[] {
  const folder = path.join(root, 'test', lane);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join('test', lane, file))
    .sort();
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

interface RunOptions {
  readonly verbose: boolean;
  readonly times: boolean;
  readonly isolated: boolean;
  readonly signal: AbortSignal;
}

async function runTests(
  name: TestLaneName,
  parts: RunParts,
  { verbose, times, isolated, signal }: RunOptions,
): Promise<Counts> {
  const { timeoutMs, limitMs } = lanes[name];
  const files = testFiles(name);
  if (files.length === 0) {
    process.stdout.write(`no tests in test/${name}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const timesFile = path.join(parts.directory, `${name}-times.json`);
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
      env: { ...parts.env, [timesVariable]: timesFile },
      directory: path.join(parts.directory, name),
      limitMs,
      signal,
      resultLine: /^\s*\d+ passing/m,
      ...(verbose ? { onOutput: (text: string) => process.stdout.write(text) } : {}),
    },
    isolated,
  );
  const counts = countTests(run);
  if (counts.failed > 0 && !verbose) process.stdout.write(run.output);
  if (counts.failed === 0 && !verbose) printSkipped(run.output);
  for (const leak of run.leaks) process.stdout.write(`  leak in lane ${name}: ${leak}\n`);
  printTimes(timesFile, times);
  return counts;
}

/** Files that take long are told always: a lane grows by them. */
const LONG_SECONDS = 20;

function printTimes(file: string, all: boolean): void {
  if (!existsSync(file)) return; // no file came to its end
  const times = JSON.parse(readFileSync(file, 'utf8')) as readonly FileTime[];
  for (const { file: name, seconds } of times) {
    if (all || seconds >= LONG_SECONDS) process.stdout.write(`  ${seconds.toFixed(1).padStart(6)} s  ${name}\n`);
  }
}

function printSkipped(output: string): void {
  const skipped = output.split('\n').filter((line) => /^\s+- /.test(line));
  for (const line of skipped) process.stdout.write(`  skipped: ${line.trim().slice(2)}\n`);
}

/** The lint lane prints a line for each check itself. */
async function runLint(directory: string, signal: AbortSignal): Promise<Counts> {
  const run = await runLaneProcess(
    {
      argv: [process.execPath, '--import', 'tsx', 'test/lint/run.ts'],
      env: {},
      directory: path.join(directory, 'lint'),
      limitMs: 15 * MINUTE_MS,
      signal,
      resultLine: /^lint: \d+ passed/m,
      onOutput: (text) => process.stdout.write(text),
    },
    false,
  );
  const counts = /^lint: (\d+) passed, (\d+) failed/m.exec(run.output);
  const failed = counts === null ? 1 : Number(counts[2]);
  return { passed: Number(counts?.[1] ?? 0), failed: failed === 0 && run.exitCode !== 0 ? 1 : failed, skipped: 0 };
}

function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function chooseLanes(words: readonly string[]): readonly LaneName[] {
  const unknown = words.filter((word) => !laneNames.includes(word as LaneName));
  if (unknown.length > 0) throw new Error(`no such lane: ${unknown.join(', ')}; there are ${laneNames.join(', ')}`);
  return words.length === 0 ? laneNames : laneNames.filter((name) => words.includes(name));
}

interface RunParts extends TestParts {
  readonly directory: string;
}

async function startNeeded(
  chosen: readonly LaneName[],
  directory: string,
  more: Readonly<Record<string, string>>,
): Promise<RunParts> {
  const needed = new Set(chosen.flatMap((name): readonly PartName[] => (name === 'lint' ? [] : lanes[name].parts)));
  if (needed.size > 0) process.stdout.write(`starting ${[...needed].join(', ')}\n`);
  const parts = await startParts(directory, needed);
  return { env: { ...parts.env, ...more }, stop: () => parts.stop(), directory };
}

async function main(): Promise<void> {
  process.chdir(root);
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { verbose: { type: 'boolean', default: false }, times: { type: 'boolean', default: false } },
  });
  const chosen = chooseLanes(positionals);
  const isolated = canIsolate();
  if (!isolated) {
    process.stdout.write('mount namespaces cannot be made here: what a lane leaves behind is not checked\n');
  }
  const { turn, origin } = chooseRotation();
  process.stdout.write(`rotation ${turn} (${origin}): ${rotationVariable}=${turn} runs the same shares again\n`);
  const directory = privateDirectory();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const add = (name: string, counts: Counts, since: number): void => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    process.stdout.write(`lane ${name}: ${countsText(counts)} (${seconds} s)\n`);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  };
  let parts: RunParts | null = null;
  // A lane has a process group of its own, so Ctrl-C does not reach it; what it started ends with it.
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { signal } = interrupt;
  try {
    for (const name of chosen) {
      if (signal.aborted) break;
      const since = performance.now();
      if (name === 'lint') add(name, await runLint(directory, signal), since);
      else {
        parts ??= await startNeeded(chosen, directory, {
          [rotationVariable]: String(turn),
          [patienceVariable]: process.env[patienceVariable] ?? String(PATIENCE),
        });
        add(name, await runTests(name, parts, { ...values, isolated, signal }), since);
      }
    }
  } finally {
    await parts?.stop();
  }
  if (total.failed === 0) rmSync(directory, { recursive: true, force: true });
  else process.stdout.write(`what was left to look at: ${directory}\n`);
  process.exitCode = signal.aborted ? 130 : total.failed === 0 ? 0 : 1;
  process.stdout.write(`${countsText(total)}${signal.aborted ? ', interrupted' : ''}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
