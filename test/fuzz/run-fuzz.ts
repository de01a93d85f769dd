// Runs many inputs through the parsers and says what became of them. Fails on the first input that throws, takes longer than 50 ms
// (three times in a row, so that a busy machine is not blamed on the parser), or makes memory grow; the message says how to repeat it.

import { judgeInput, type Verdict } from './judge-input.js';
import { InputMaker } from './mutated-inputs.js';
import type { Original } from './originals.js';

const SLOW_MS = 50;
/** Resident memory may grow by so much over a run: garbage that the collector has not taken yet. */
const MEMORY_GROWTH_BYTES = 256 * 1024 * 1024;

export interface FuzzPlan {
  readonly seed: number;
  readonly first: number;
  readonly inputs: number;
}

export interface FuzzReport {
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly containers: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
}

export class FuzzFailure extends Error {}

/** Errors: FuzzFailure with the seed and the number of the input. */
export function runFuzz(originals: readonly Original[], plan: FuzzPlan): FuzzReport {
  const maker = new InputMaker(originals);
  const verdicts = { 'not qcow2': 0, malformed: 0, hostile: 0, 'accepted base': 0, 'accepted overlay': 0 };
  let [containers, slowestMs] = [0, 0];
  const before = process.memoryUsage().rss;
  for (let index = plan.first; index < plan.first + plan.inputs; index++) {
    const timed = judgeTimed(maker, plan.seed, index);
    let { milliseconds } = timed;
    for (let look = 0; look < 2 && milliseconds > SLOW_MS; look++) {
      milliseconds = Math.min(milliseconds, judgeTimed(maker, plan.seed, index).milliseconds);
    }
    if (milliseconds > SLOW_MS) fail(plan.seed, index, `takes ${milliseconds.toFixed(1)} ms`);
    verdicts[timed.verdict] += 1;
    if (timed.container) containers += 1;
    slowestMs = Math.max(slowestMs, milliseconds);
  }
  const grownBytes = process.memoryUsage().rss - before;
  if (grownBytes > MEMORY_GROWTH_BYTES) fail(plan.seed, plan.first, `the run made memory grow by ${grownBytes} bytes`);
  return { verdicts, containers, slowestMs, grownBytes };
}

function judgeTimed(maker: InputMaker, seed: number, index: number) {
  const input = maker.make(seed, index);
  const since = performance.now();
  try {
    const judged = judgeInput(input);
    return { ...judged, milliseconds: performance.now() - since };
  } catch (thrown) {
    return fail(seed, index, thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
}

function fail(seed: number, index: number, what: string): never {
  const again = `npm run fuzz -- --seed ${seed} --first ${index} --inputs 1`;
  throw new FuzzFailure(`input ${index} of seed ${seed}: ${what}\n  repeat it with: ${again}`);
}

/** One line, for people. */
export function describeReport({ seed, inputs }: FuzzPlan, report: FuzzReport): string {
  const counts = Object.entries(report.verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  const grown = (report.grownBytes / 1024 / 1024).toFixed(0);
  return `seed ${seed}: ${inputs} inputs, ${counts.join(', ')}, ${report.containers} containers, slowest ${report.slowestMs.toFixed(2)} ms, ${grown} MiB more memory`;
}
