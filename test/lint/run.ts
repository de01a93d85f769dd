// The lint lane: every check is one row; all run, and each prints what it found. The closing line counts them.
import { spawnSync } from 'node:child_process';
import { findForeignLicences } from './licences.js';
import { findMessageViolations, findSourceViolations } from './source-rules.js';

interface Check {
  readonly name: string;
  readonly run: () => string | null;
}

const bin = (name: string) => `node_modules/.bin/${name}`;

/** Runs a tool; its output when it failed, else null. */
function tool(argv: readonly [string, ...string[]]): string | null {
  const [command, ...args] = argv;
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (error !== undefined) return error.message;
  return status === 0 ? null : `${stdout}${stderr}`.trim();
}

const checks: readonly Check[] = [
  { name: 'format and lint (biome)', run: () => tool([bin('biome'), 'check', '--error-on-warnings', '.']) },
  {
    name: 'types (native compiler)',
    run: () => tool([process.execPath, 'node_modules/@typescript/native/bin/tsc', '-p', '.', '--noEmit']),
  },
  {
    name: 'types (TypeScript 5.9)',
    run: () => tool([process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.', '--noEmit']),
  },
  {
    name: 'promises and switches (eslint)',
    run: () => tool([bin('eslint'), 'services', 'drivers', 'deploy', 'test', 'api-spec']),
  },
  {
    name: 'import directions, cycles',
    run: () => tool([bin('depcruise'), 'services', 'drivers', 'deploy', 'api-spec', 'test']),
  },
  {
    name: 'generated contracts are fresh',
    run: () => tool([process.execPath, '--import', 'tsx', 'api-spec/generate.ts', '--check']),
  },
  {
    name: 'contracts (redocly)',
    run: () =>
      tool([
        bin('redocly'),
        'lint',
        '--config',
        'api-spec/redocly.yaml',
        'admin',
        'block-storage',
        'compute',
        'identity',
      ]),
  },
  { name: 'licences of packages', run: () => findForeignLicences().join('\n') || null },
  { name: 'commit messages', run: () => findMessageViolations().join('\n') || null },
  { name: 'house rules', run: () => findSourceViolations().join('\n') || null },
];

let failed = 0;
for (const { name, run } of checks) {
  const start = performance.now();
  const found = run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${found === null ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (found === null) continue;
  failed += 1;
  process.stdout.write(`${found.replace(/^/gm, '     ')}\n`);
}
process.stdout.write(`lint: ${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
