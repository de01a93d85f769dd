// `npm run fuzz`: hostile bytes against the header parsers and the format detection.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { recordFigure } from '../reliability/page.js';
import { compareWithQemu } from './compare-with-qemu.js';
import { makeOriginals } from './originals.js';
import { describeReport, runFuzz } from './run-fuzz.js';

const GOAL_INPUTS = 1_000_000;
const usage = `Usage: npm run fuzz -- [options]

Hostile bytes against the parsers of image headers and the detection of formats: none may throw, hang, or be judged differently by QEMU. The
seed is printed; a failure names its input.

  --inputs N    so many inputs (default 1000000)
  --seed N      the same inputs again (default: a new seed)
  --first N     begin at this input (default 0)
  --compare N   show so many inputs to qemu-img as well (default 200; 0: none)
  -h, --help    this text

Example, one input again:
  npm run fuzz -- --seed 7 --first 12 --inputs 1
`;

function main(): void {
  const { values } = readProgramOptions(usage, {
    options: {
      inputs: { type: 'string', default: '1000000' },
      first: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      compare: { type: 'string', default: '200' },
    },
  });
  const plan = {
    seed: wholeNumberOf('--seed', values.seed, 0),
    first: wholeNumberOf('--first', values.first, 0),
    inputs: wholeNumberOf('--inputs', values.inputs),
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-fuzz-'));
  try {
    const originals = makeOriginals(folder);
    const since = performance.now();
    const report = runFuzz(originals, plan);
    process.stdout.write(`${describeReport(plan, report)}\n`);
    recordFigure('fuzz', {
      value: `${plan.inputs.toLocaleString('en-US')} inputs (seed ${plan.seed}), 0 crashes, slowest ${report.slowestMs.toFixed(1)} ms`,
      verdict: plan.inputs >= GOAL_INPUTS ? 'met' : 'part',
    });
    process.stdout.write(`${((performance.now() - since) / 1000).toFixed(1)} s\n`);
    const count = wholeNumberOf('--compare', values.compare, 0);
    if (plan.inputs > 1 && count > 0) {
      const { asked, agreed } = compareWithQemu(originals, folder, { seed: plan.seed, count });
      process.stdout.write(`qemu-img: asked about ${asked} inputs, opened ${agreed}, all with the same verdict\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  main();
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
