// `npm run mutations`: takes one guard after the other out of the sources, while they are loaded, and fails when its tests stay green.
import { rmSync } from 'node:fs';
import { privateDirectory, startParts } from '../harness/environment.js';
import { endAsMisused, readProgramOptions } from '../harness/program-options.js';
import { chooseRotation } from '../harness/rotation.js';
import { recordFigure } from '../reliability/page.js';
import type { Mutation } from './mutation.js';
import { mutations, shareOf } from './mutations.js';
import { findRedBefore } from './red-before.js';
import { runMutations } from './run-mutation.js';

const usage = `Usage: npm run mutations -- [options] [name ...]

Takes one guard after the other out of the sources, while they are loaded, and fails when the tests that should miss it stay green. Without
words: all of them (some ten minutes). The rows are in test/mutations/*-mutations.ts.

  --share      the commit's share, as in an ordinary test run: a quarter of the cheap ones, an eighth of the others
  --list       the names, with the files that they are taken out of
  -h, --help   this text

Example:
  npm run mutations -- tool-user no-shell
`;

function choose(names: readonly string[], share: boolean): readonly Mutation[] {
  if (share) return shareOf(chooseRotation().turn);
  const unknown = names.filter((name) => !mutations.some((mutation) => mutation.name === name));
  if (unknown.length > 0) endAsMisused(`there is no mutation ${unknown.join(', ')}; --list shows them`);
  return names.length === 0 ? mutations : mutations.filter(({ name }) => names.includes(name));
}

async function main(): Promise<void> {
  const { values, positionals } = readProgramOptions(usage, {
    allowPositionals: true,
    options: { share: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
  });
  if (values.list) {
    for (const { name, file } of mutations) process.stdout.write(`${name.padEnd(44)} ${file}\n`);
    return;
  }
  const chosen = choose(positionals, values.share);
  const directory = privateDirectory();
  const parts = await startParts(directory, new Set(['postgres']));
  Object.assign(process.env, parts.env);
  const failures: string[] = [];
  try {
    failures.push(...(await findRedBefore(chosen)));
    const ended = await runMutations(chosen, ({ mutation, unnoticed, seconds }) => {
      process.stdout.write(
        `${unnoticed === null ? 'noticed' : 'NOT    '} ${mutation.name} (${seconds.toFixed(1)} s)\n`,
      );
    });
    for (const { mutation, unnoticed } of ended)
      if (unnoticed !== null) failures.push(`${mutation.name}: ${unnoticed}`);
  } finally {
    await parts.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  for (const failure of failures) process.stdout.write(`\n${failure}\n`);
  process.stdout.write(`mutations: ${chosen.length} done, ${failures.length} failed\n`);
  recordFigure('mutations', {
    value: `${chosen.length - failures.length} of ${chosen.length} noticed; there are ${mutations.length}`,
    verdict: failures.length > 0 ? 'missed' : chosen.length === mutations.length ? 'met' : 'part',
  });
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
