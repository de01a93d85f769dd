// Which tests are red before anything was changed: they would prove nothing about a mutation.
import type { Mutation } from './mutation.js';
import { runTests } from './run-mutation.js';

/** Tests must be green before anything is taken away; each set of them once. */
export async function findRedBefore(chosen: readonly Mutation[]): Promise<readonly string[]> {
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
