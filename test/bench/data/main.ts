// `npm run bench:data`: how near a guest's disk comes to the brick, and which option of QEMU or Gluster brings it nearer. `usage` says the rest.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { readProgramOptions, wholeNumberOf } from '../../harness/program-options.js';
import { percentile } from '../measurements.js';
import { type DataFigures, type DataOptions, measureData } from './measure-data.js';
import { type WorkloadName, workloads } from './workloads.js';

const usage = `Usage: npm run bench:data -- [options]

Runs fio (4 KiB at random, 128 KiB in sequence, read and write) in a guest on a disk of a three-brick Gluster volume, once for each way to give it that
disk, on the same file without a guest, and on a disk that does nothing. Medians, and beside each the noise: the widest deviation of a round.

  --seconds N          of each of the four workloads (default 5)
  --rounds N           each row so often, alternating (default 5)
  --mib N              size of the file (default 256)
  --only WORD          rows whose name has the word, e.g. libgfapi
  --gluster KEY=VALUE  an option of the Gluster volume, e.g. performance.client-io-threads=on (may be given several times)
  --json FILE          the figures as JSON too
  -h, --help           this text

Where the guest is emulated (no KVM) its processor is the limit of every row: the first row of a guest says where that lies.

Examples:
  npm run bench:data -- --json data.json
  npm run bench:data -- --only libgfapi --gluster performance.write-behind=off
`;

function print(figures: DataFigures, options: DataOptions): void {
  const name = (text: string) => text.padEnd(46);
  process.stdout.write(`${name('')}${workloads.map((one) => `${one.name}, ${one.unit}`.padStart(22)).join('')}\n`);
  for (const [row, rates] of figures) {
    const cell = (workload: WorkloadName): string => {
      const values = rates.map((one) => one[workload]);
      const median = percentile(values, 0.5);
      const noise = Math.max(...values.map((value) => Math.abs(value - median))) / median;
      return `${median.toFixed(0)} ±${(noise * 100).toFixed(0)} %`.padStart(22);
    };
    process.stdout.write(`${name(row)}${workloads.map((one) => cell(one.name)).join('')}\n`);
  }
  const set = Object.entries(options.gluster).map(([key, value]) => `; ${key}=${value}`);
  const load = os.loadavg()[0]?.toFixed(2);
  process.stdout.write(
    `${options.rounds} rounds of ${options.seconds} s; load over the last minute: ${load}${set.join('')}\n`,
  );
}

const { values } = readProgramOptions(usage, {
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    mib: { type: 'string', default: '256' },
    only: { type: 'string', default: '' },
    gluster: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
  },
});
const options: DataOptions = {
  seconds: wholeNumberOf('--seconds', values.seconds),
  rounds: wholeNumberOf('--rounds', values.rounds),
  sizeMib: wholeNumberOf('--mib', values.mib),
  only: values.only,
  gluster: Object.fromEntries(
    values.gluster.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  ),
};
const figures = await measureData(options, (line) => process.stderr.write(`${line}\n`));
print(figures, options);
if (values.json !== undefined) {
  const text = { date: new Date().toISOString(), options, figures: Object.fromEntries(figures) };
  writeFileSync(values.json, `${JSON.stringify(text, null, 2)}\n`);
}
process.exit();
