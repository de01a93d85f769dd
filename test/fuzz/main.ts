// `npm run fuzz`: hostile bytes against the header parsers and the format detection.
//   npm run fuzz -- --inputs 1000000            a new seed, printed
//   npm run fuzz -- --seed 7 --first 12 --inputs 1   that one input again
//   --compare 500                               so many inputs are shown to qemu-img as well (default 200; 0: none)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compareWithQemu } from './compare-with-qemu.js';
import { makeOriginals } from './originals.js';
import { describeReport, runFuzz } from './run-fuzz.js';

function wholeNumber(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return value;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '1000000' },
      first: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      compare: { type: 'string', default: '200' },
    },
  });
  const plan = {
    seed: wholeNumber(values.seed, 'seed'),
    first: wholeNumber(values.first, 'first'),
    inputs: wholeNumber(values.inputs, 'inputs'),
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-fuzz-'));
  try {
    const originals = makeOriginals(folder);
    const since = performance.now();
    process.stdout.write(`${describeReport(plan, runFuzz(originals, plan))}\n`);
    process.stdout.write(`${((performance.now() - since) / 1000).toFixed(1)} s\n`);
    const count = wholeNumber(values.compare, 'compare');
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
