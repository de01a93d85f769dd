// `npm run chaos`: random chaos against the service, by seeds, until something that must be true is not.
// A seed that fails is printed with the command that plays it again.
import { readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { recordFigure } from '../reliability/page.js';
import { readMap } from './count-text.js';
import { freshSeed, replayCommand } from './simulated/sim-stage.js';
import { SimStages } from './simulated/sim-stages.js';
import { playChaos } from './whole/play-chaos.js';

const say = (text: string): void => void process.stdout.write(text);

const usage = `Usage: npm run chaos -- [options]

Random chaos against the service, by seeds, until something is not true that must be. Without options: one seed of one minute against the
running service, with real processes and real files.

  --seed S       the first seed; default: a new one, which is printed
  --seeds N      how many, one after the other; default 1, simulated 500
  --minutes M    how long each lasts; default 1
  --simulated    in one process, with shares, guests and broker in memory; the same seed does exactly the same again
  -h, --help     this text

Examples:
  npm run chaos -- --seed 7 --minutes 10
  npm run chaos -- --simulated --seed 7 --seeds 1
`;

interface Wish {
  readonly first: number;
  readonly count: number;
  readonly minutes: number;
}

const GOAL = { simulated: 500, whole: 10 } as const;

function merge(sums: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, count] of more) sums.set(name, (sums.get(name) ?? 0) + count);
}

async function simulate({ first, count }: Wish): Promise<boolean> {
  const stages = await SimStages.open();
  const acts = new Map<string, number>();
  const faults = new Map<string, number>();
  const since = performance.now();
  let failed = 0;
  try {
    await stages.play(first, count, (played) => {
      merge(acts, played.acts);
      merge(faults, played.faults);
      if (played.violations.length > 0 || count === 1) say(`${played.history.join('\n')}\n`);
      if (played.violations.length === 0) return;
      failed += 1;
      say(`seed ${played.seed}:\n  ${played.violations.join('\n  ')}\n  again: ${replayCommand(played.seed)}\n`);
    });
  } finally {
    await stages.close();
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  say(`acts: ${readMap(acts)}\nfaults: ${readMap(faults)}\n`);
  const value = `${count} seeds, ${failed} with violations, ${seconds} s`;
  say(`simulated: ${value}\n`);
  const verdict = failed > 0 ? 'missed' : count < GOAL.simulated ? 'part' : 'met';
  recordFigure('simulated-chaos', { value, verdict });
  return failed === 0;
}

async function playWhole({ first, count, minutes }: Wish): Promise<boolean> {
  let failed = 0;
  let requests = 0;
  let rounds = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const played = await playChaos(seed, minutes, say);
    requests += played.requests;
    rounds += played.rounds;
    say(`seed ${seed}: acts: ${readMap(played.acts)}\nseed ${seed}: faults: ${readMap(played.faults)}\n`);
    if (played.violations.length === 0) continue;
    failed += 1;
    const again = `npm run chaos -- --seed ${seed} --minutes ${minutes}`;
    say(`seed ${seed}:\n  ${played.violations.join('\n  ')}\n  logs and shares: ${played.kept}\n  again: ${again}\n`);
  }
  const value = `${count} seeds of ${minutes} min, ${rounds} looks, ${requests} requests, ${failed} seeds with violations`;
  say(`chaos: ${value}\n`);
  recordFigure('chaos', { value, verdict: failed > 0 ? 'missed' : count < GOAL.whole ? 'part' : 'met' });
  return failed === 0;
}

async function main(): Promise<void> {
  const { values } = readProgramOptions(usage, {
    options: {
      simulated: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      minutes: { type: 'string', default: '1' },
    },
  });
  const wish = {
    first: values.seed === undefined ? freshSeed() : wholeNumberOf('--seed', values.seed, 0),
    count: wholeNumberOf('--seeds', values.seeds ?? (values.simulated ? String(GOAL.simulated) : '1')),
    minutes: wholeNumberOf('--minutes', values.minutes),
  };
  const isWell = values.simulated ? await simulate(wish) : await playWhole(wish);
  process.exitCode = isWell ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
