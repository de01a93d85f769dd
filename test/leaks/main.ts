// `npm run leaks`: the same cycle again and again on the whole of it (HTTP, three bricks, a booted guest), and what grows meanwhile: create, attach,
// snapshot, merge under the guest, detach, delete. Prints a slope per cycle for everything that was measured, and fails when
// something grows that must not.

import { clientEnvironment } from '../../deploy/config-files.js';
import { BenchClient } from '../bench/api-client.js';
import { readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { WholeStack, whyNoStack } from '../harness/whole-stack.js';
import { recordFigure } from '../reliability/page.js';
import { runCycle } from './run-cycle.js';
import { type Sample, type Slope, slopesOf } from './slopes.js';
import { takeSample } from './take-sample.js';

const GOAL_CYCLES = 10_000;
/** Caches and pools fill up first: no slope is measured over these. */
const WARM_UP = 5;
const SAMPLES = 20;
const MOST_KIB_PER_CYCLE = 1;
/** Of a value that goes up and down by itself, over the whole run. */
const NOISE: Readonly<Record<string, number>> = { descriptors: 4, queue: 2 };
/** Kept on purpose: what was done, for people; purged by age or number elsewhere. */
const history = ['operations', 'user_messages', 'instance_actions', 'idempotency_answers', 'custody'];

const usage = `Usage: npm run leaks -- [options]

Runs the same cycle again and again on the whole service with a real guest and three bricks, and prints how memory, descriptors, block
nodes, files, rows and queues grow per cycle.

  --cycles N   how many; default 200 (some ten minutes)
  -h, --help   this text
`;

/** Why the slope is too much; null when it is not. */
function judge({ name, first, last, slope }: Slope, cycles: number): string | null {
  if (history.some((word) => name.includes(word))) return null;
  if (name.startsWith('memory')) {
    // A slope over few cycles is mostly the garbage collector's.
    if (cycles < 1_000) return null;
    return slope > MOST_KIB_PER_CYCLE ? `${slope.toFixed(2)} KiB per cycle` : null;
  }
  const noise = Object.entries(NOISE).find(([word]) => name.startsWith(word))?.[1] ?? 0;
  return last - first > noise ? `${first} became ${last}` : null;
}

function print(slopes: readonly Slope[], cycles: number): readonly string[] {
  const wrong: string[] = [];
  for (const slope of slopes) {
    const why = judge(slope, cycles);
    if (why !== null) wrong.push(`${slope.name}: ${why}`);
    const isQuiet = slope.first === slope.last && slope.slope === 0;
    if (isQuiet && slope.name.startsWith('rows')) continue;
    process.stdout.write(
      `${slope.name.padEnd(44)} ${String(slope.first).padStart(9)} -> ${String(slope.last).padStart(9)}   ${slope.slope.toFixed(3)} per cycle${why === null ? '' : '   TOO MUCH'}\n`,
    );
  }
  return wrong;
}

async function main(): Promise<void> {
  const { values } = readProgramOptions(usage, { options: { cycles: { type: 'string', default: '200' } } });
  const cycles = wholeNumberOf('--cycles', values.cycles, 4);
  const reason = whyNoStack();
  if (reason !== null) throw new Error(`the whole service cannot be started here: ${reason}`);
  const stack = await WholeStack.open();
  const samples: Sample[] = [];
  try {
    const { places, layout } = stack.story;
    const compute = await BenchClient.login(clientEnvironment(places, layout), 'compute');
    for (let cycle = 0; cycle < Math.min(WARM_UP, cycles); cycle += 1) await runCycle(stack, compute);
    const every = Math.max(1, Math.floor(cycles / SAMPLES));
    for (let cycle = 0; cycle <= cycles; cycle += 1) {
      if (cycle % every === 0 || cycle === cycles) samples.push({ cycle, values: await takeSample(stack) });
      if (cycle < cycles) await runCycle(stack, compute);
      if (cycle % every === 0) process.stdout.write(`${cycle} cycles\n`);
    }
  } finally {
    await stack.close();
  }
  const slopes = slopesOf(samples);
  const wrong = print(slopes, cycles);
  const memory = slopes.filter(({ name }) => name.startsWith('memory')).map(({ slope }) => slope);
  const most = Math.max(...memory).toFixed(2);
  const value = `${cycles} cycles; memory at most ${most} KiB per cycle and process; ${wrong.length} of ${slopes.length} values grow that must not`;
  process.stdout.write(`leaks: ${value}\n${wrong.map((line) => `  ${line}\n`).join('')}`);
  recordFigure('leaks', { value, verdict: wrong.length > 0 ? 'missed' : cycles < GOAL_CYCLES ? 'part' : 'met' });
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
