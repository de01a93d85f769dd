// `npm run chain-torture`: every case of the chain torture on a lab of its own, with counts and times at the end.
// The exit code is 1 when a case failed. It goes on after a failure, so that the list of failed names is complete.
import os from 'node:os';
import { whyNoLab } from '../../harness/gluster-lab.js';
import { endAsMisused, readProgramOptions, wholeNumberOf } from '../../harness/program-options.js';
import { recordFigure } from '../../reliability/page.js';
import { figuresText, runLiveCycles, runOfflineCycles } from './run-cycles.js';
import { allCases, nameOf, parseName, type TortureCase } from './torture-plan.js';
import { type CaseTimes, TortureStage } from './torture-stage.js';

const usage = `Usage: npm run chain-torture -- [options]

Makes three Gluster nodes of its own and runs every act (snapshot, delete down and up, revert, extend, flatten) at every position of chains of
depth 1, 2, 3, 8 and 16, at rest and under a writing guest; every layer is compared with a model byte by byte. Exit code 1 when a case fails.

  --case NAME   only this case, e.g. one that has failed: delete-up.live.raw.d8.p3.s17
  --only WORD   only cases whose name has the word, e.g. live, raw, d8, flatten
  --seed N      another seed of all random choices (default: the day)
  --rounds N    all of it N times, with the seeds from the given one on
  --sharded     on a Gluster volume with shards of 4 MiB
  --cycles      instead of the cases: 1,000 snapshots and deletions at rest in a plain directory, 100 under a guest
  -h, --help    this text

Examples:
  npm run chain-torture -- --only flatten
  npm run chain-torture -- --seed 17 --rounds 3
`;

interface Ended {
  readonly wanted: TortureCase;
  readonly times: CaseTimes | null;
}

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN).toFixed(0);
}

function printTimes(ended: readonly Ended[]): void {
  const rows = new Map<string, number[]>();
  for (const { wanted, times } of ended) {
    if (times === null) continue;
    const row = `${wanted.act} ${wanted.place} depth ${wanted.depth}`;
    rows.set(row, [...(rows.get(row) ?? []), times.actMs]);
  }
  console.log(`\n${'act'.padEnd(32)}${'cases'.padStart(8)}${'p50 ms'.padStart(10)}${'longest ms'.padStart(12)}`);
  for (const [row, times] of [...rows].sort(([a], [b]) => a.localeCompare(b))) {
    const sorted = [...times].sort((a, b) => a - b);
    const cells = [
      String(sorted.length).padStart(8),
      percentile(sorted, 0.5).padStart(10),
      percentile(sorted, 1).padStart(12),
    ];
    console.log(`${row.padEnd(32)}${cells.join('')}`);
  }
}

async function runAll(cases: readonly TortureCase[], sharded: boolean): Promise<readonly Ended[]> {
  const stage = await TortureStage.open({ sharded, guest: cases.some(({ place }) => place === 'live') });
  const stop = (): void => {
    void stage.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const ended: Ended[] = [];
  try {
    for (const wanted of cases) {
      const times = await stage.run(wanted).catch((thrown: unknown) => {
        console.log(`FAILED ${nameOf(wanted)}\n${thrown instanceof Error ? thrown.stack : String(thrown)}`);
        return null;
      });
      if (times !== null) console.log(`ok ${nameOf(wanted)} ${times.wholeMs.toFixed(0)} ms`);
      ended.push({ wanted, times });
    }
  } finally {
    await stage.close();
  }
  return ended;
}

function caseNamed(name: string): TortureCase {
  try {
    return parseName(name);
  } catch (thrown) {
    endAsMisused(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const { values } = readProgramOptions(usage, {
  options: {
    case: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    sharded: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1' },
    cycles: { type: 'boolean', default: false },
  },
});
const reason = whyNoLab();
if (reason !== null) {
  console.log(`the chain torture cannot run here: ${reason}`);
  process.exit(1);
}
if (values.cycles) {
  console.log(figuresText('offline', await runOfflineCycles(1_000)));
  const stage = await TortureStage.open({ sharded: values.sharded, guest: true });
  await runLiveCycles(stage, 100)
    .then((figures) => console.log(figuresText('live', figures)))
    .finally(() => stage.close());
  process.exit();
}
const firstSeed = wholeNumberOf('--seed', values.seed, 0);
const seeds = Array.from({ length: wholeNumberOf('--rounds', values.rounds) }, (_, index) => firstSeed + index);
const { only } = values;
const cases =
  values.case === undefined
    ? seeds.flatMap(allCases).filter((one) => only === undefined || nameOf(one).split('.').includes(only))
    : [caseNamed(values.case)];
if (cases.length === 0) endAsMisused(`no case has the word "${only}" in its name`);
const started = performance.now();
const ended = await runAll(cases, values.sharded);
printTimes(ended);
const failed = ended.filter(({ times }) => times === null);
for (const { wanted } of failed) console.log(`failed: ${nameOf(wanted)}`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
const load = os.loadavg()[0]?.toFixed(2);
console.log(
  `\n${ended.length} cases, ${failed.length} failed, ${seconds} s; load of the machine over the last minute: ${load}`,
);
recordFigure('chain-torture', {
  value: `${ended.length} cases, ${failed.length} failed, ${seconds} s`,
  verdict: failed.length > 0 ? 'missed' : ended.length >= allCases(0).length ? 'met' : 'part',
});
process.exitCode = failed.length === 0 ? 0 : 1;
