// `npm run seeded-bugs`: puts 25 bugs into the sources, one after the other, while they are loaded, and fails when the lane that must notice stays
// green. Prints which test caught which.
import { rmSync } from 'node:fs';
import { privateDirectory, startParts } from '../harness/environment.js';
import { endAsMisused, readProgramOptions } from '../harness/program-options.js';
import { recordFigure } from '../reliability/page.js';
import { findRedBefore } from './red-before.js';
import { runMutations } from './run-mutation.js';
import type { SeededBug } from './seeded-bug.js';
import { laneOf, seededBugs } from './seeded-bugs.js';

const usage = `Usage: npm run seeded-bugs -- [options] [name ...]

Puts bugs into the sources, one after the other, while they are loaded, and fails when the lane that must notice one stays green. Prints which
test caught which. Without words: all 25 (some minutes). The rows are in test/mutations/seeded-*-bugs.ts.

  --list       the names, with what goes wrong
  -h, --help   this text

Example:
  npm run seeded-bugs -- lock-not-taken
`;

function choose(names: readonly string[]): readonly SeededBug[] {
  const unknown = names.filter((name) => !seededBugs.some((bug) => bug.name === name));
  if (unknown.length > 0) endAsMisused(`there is no seeded bug ${unknown.join(', ')}; --list shows them`);
  return names.length === 0 ? seededBugs : seededBugs.filter(({ name }) => names.includes(name));
}

async function main(): Promise<void> {
  const { values, positionals } = readProgramOptions(usage, {
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false } },
  });
  if (values.list) {
    for (const { name, bug } of seededBugs) process.stdout.write(`${name.padEnd(28)} ${bug}\n`);
    return;
  }
  const chosen = choose(positionals);
  const directory = privateDirectory();
  const parts = await startParts(directory, new Set(['postgres', 'rabbitmq']));
  Object.assign(process.env, parts.env);
  const failures: string[] = [];
  try {
    failures.push(...(await findRedBefore(chosen)));
    const ended = await runMutations(chosen, ({ mutation, caughtBy, seconds }) => {
      const { bug = '' } = mutation as Partial<SeededBug>;
      const by = caughtBy === null ? 'NOT CAUGHT' : `caught by ${laneOf(mutation.tests.files[0] ?? '')}: ${caughtBy}`;
      process.stdout.write(`${mutation.name} (${bug})\n  ${by} (${seconds.toFixed(1)} s)\n`);
    });
    for (const { mutation, unnoticed } of ended)
      if (unnoticed !== null) failures.push(`${mutation.name}: ${unnoticed}`);
    const caught = ended.filter(({ unnoticed }) => unnoticed === null).length;
    process.stdout.write(`seeded bugs: ${caught} of ${chosen.length} caught\n`);
    const isWhole = chosen.length === seededBugs.length;
    const value = `${caught} of ${chosen.length}`;
    recordFigure('seeded-bugs', { value, verdict: caught < chosen.length ? 'missed' : isWhole ? 'met' : 'part' });
  } finally {
    await parts.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  for (const failure of failures) process.stdout.write(`\n${failure}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
