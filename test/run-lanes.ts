// `npm test`: runs the test lanes, two at a time where the machine has room, prints one line of counts for each and a closing line for
// all. Fails when a test fails, when a lane leaves a process, mount or file behind, or when it does not end by itself.
// `npm test -- --help` says what else it can (harness/run-arguments.ts).
// The long suites run a share that changes from commit to commit (harness/rotation.ts); its number is printed first.
// A lane's output is printed when it has ended, and only when something is wrong with it; names of skipped tests are always printed.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { disown, removeAbandoned } from './harness/abandoned.js';
import { type PartName, privateDirectory, startParts, type TestParts } from './harness/environment.js';
import { canIsolate } from './harness/lane-process.js';
import { type Counts, countsText, type LaneOptions, runLint, runTests } from './harness/lane-tests.js';
import { type LaneChoice, lanes, testFiles, trackOrder } from './harness/lanes.js';
import { patienceVariable } from './harness/patience.js';
import { chooseRotation, rotationVariable } from './harness/rotation.js';
import { type RunArguments, readArguments, usage } from './harness/run-arguments.js';

/** Every limit of a test, a hook or a wait is this much longer here: a busy machine must fail nothing that goes on. */
const PATIENCE = 3;

const root = path.dirname(import.meta.dirname);
const say = (text: string): void => void process.stdout.write(text);

function startNeeded(chosen: readonly LaneChoice[], directory: string): Promise<TestParts> {
  const needed = new Set(chosen.flatMap(({ name }): readonly PartName[] => (name === 'lint' ? [] : lanes[name].parts)));
  if (needed.size > 0) say(`starting ${[...needed].join(', ')}\n`);
  return startParts(directory, needed);
}

function runLane({ name, files }: LaneChoice, options: LaneOptions): Promise<Counts> {
  return name === 'lint' ? runLint(options) : runTests(name, files ?? testFiles(root, name), options);
}

/** Runs them all, so many at a time; each one's output in one piece. */
async function runLanes(
  { chosen, tracks, verbose }: RunArguments,
  options: Omit<LaneOptions, 'print'>,
): Promise<Counts> {
  const waiting =
    tracks === 1 ? [...chosen] : [...chosen].sort((a, b) => trackOrder.indexOf(a.name) - trackOrder.indexOf(b.name));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const track = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      if (options.signal.aborted) return;
      const since = performance.now();
      const held: string[] = [];
      const print = verbose && tracks === 1 ? say : (text: string): void => void held.push(text);
      if (tracks > 1) say(`lane ${lane.name} begins\n`);
      const counts = await runLane(lane, { ...options, print });
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      say(`${held.join('')}lane ${lane.name}: ${countsText(counts)} (${seconds} s)\n`);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  };
  await Promise.all(Array.from({ length: tracks }, track));
  return total;
}

async function main(): Promise<void> {
  process.chdir(root);
  const wanted = readArguments(root, process.argv.slice(2));
  if (wanted.help) {
    say(usage());
    return;
  }
  const isolated = canIsolate();
  if (!isolated) say('mount namespaces cannot be made here: what a lane leaves behind is not checked\n');
  for (const line of await removeAbandoned()) say(`left by a run that was killed, removed: ${line}\n`);
  const { turn, origin } = chooseRotation();
  say(`rotation ${turn} (${origin}): ${rotationVariable}=${turn} runs the same shares again\n`);
  const directory = privateDirectory();
  const since = performance.now();
  // A lane has a process group of its own, so Ctrl-C does not reach it; what it started ends with it.
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { signal } = interrupt;
  const parts = await startNeeded(wanted.chosen, directory);
  let total: Counts;
  try {
    const env = {
      ...parts.env,
      [rotationVariable]: String(turn),
      [patienceVariable]: process.env[patienceVariable] ?? String(PATIENCE),
    };
    const { verbose, times } = wanted;
    total = await runLanes(wanted, { directory, env, verbose, times, isolated, signal });
  } finally {
    await parts.stop();
  }
  if (total.failed === 0) rmSync(directory, { recursive: true, force: true });
  else {
    disown(directory);
    say(`what was left to look at: ${directory}\n`);
  }
  process.exitCode = signal.aborted ? 130 : total.failed === 0 ? 0 : 1;
  if (wanted.chosen.length > 1) say(`took ${((performance.now() - since) / 60_000).toFixed(1)} min\n`);
  say(`${countsText(total)}${signal.aborted ? ', interrupted' : ''}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
