// `npm run mutations`: takes one guard after the other out of the sources, while they are loaded, and fails when its tests stay green.
//   npm run mutations                          all of them (some ten minutes)
//   npm run mutations -- --share               the commit's share, which is part of an ordinary run: a quarter of the cheap ones, an eighth of the others
//   npm run mutations -- tool-user no-shell    these, by name
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { privateDirectory, startParts } from '../harness/environment.js';
import { chooseRotation } from '../harness/rotation.js';
import type { Mutation } from './mutation.js';
import { mutations, shareOf } from './mutations.js';
import { runMutations, runTests } from './run-mutation.js';

function choose(names: readonly string[], share: boolean): readonly Mutation[] {
  if (share) return shareOf(chooseRotation().turn);
  const unknown = names.filter((name) => !mutations.some((mutation) => mutation.name === name));
  if (unknown.length > 0) throw new Error(`there is no mutation ${unknown.join(', ')}`);
  return names.length === 0 ? mutations : mutations.filter(({ name }) => names.includes(name));
}

/** Tests must be green before anything is taken away; each set of them once. */
async function findRedBefore(chosen: readonly Mutation[]): Promise<readonly string[]> {
  const files = [...new Set(chosen.flatMap(({ tests }) => tests.files))];
  const red: string[] = [];
  for (const file of files) {
    const greps = chosen.filter(({ tests }) => tests.files.includes(file)).map(({ tests }) => tests.grep);
    const { passed, failed, output } = await runTests(
      { files: [file], grep: greps.map((grep) => `(?:${grep})`).join('|') },
      {},
    );
    if (failed > 0 || passed === 0)
      red.push(`${file} is not green as it is: ${passed} passed, ${failed} failed\n${output}`);
  }
  return red;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { share: { type: 'boolean', default: false } },
  });
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
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
