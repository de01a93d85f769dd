// The lint lane: every check is one row, the long ones first; all run, and each prints what it found. The closing line counts them.
import { execFile } from 'node:child_process';
import { findPageDrift } from '../reliability/page.js';
import { findForeignLicences } from './licences.js';
import { findMessageViolations, findSourceViolations } from './source-rules.js';

interface Check {
  readonly name: string;
  readonly run: () => Promise<string | null> | string | null;
}

const bin = (name: string) => `node_modules/.bin/${name}`;

/** Runs a tool; its output when it failed, else null. */
function tool(argv: readonly [string, ...string[]]): Promise<string | null> {
  const [command, ...args] = argv;
  return new Promise((resolve) => {
    execFile(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(null);
      else resolve(`${stdout}${stderr}`.trim() || error.message);
    });
  });
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
        'image',
      ]),
  },
  { name: 'licences of packages', run: () => findForeignLicences().join('\n') || null },
  { name: 'commit messages', run: () => findMessageViolations().join('\n') || null },
  { name: 'page of reliability figures', run: () => findPageDrift() },
  { name: 'house rules', run: () => findSourceViolations().join('\n') || null },
];

/** Half of them are single-threaded: two at a time keep two processors busy. */
const AT_ONCE = 2;

const waiting = [...checks];
let failed = 0;
async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const start = performance.now();
    const found = await check.run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`${found === null ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)\n`);
    if (found === null) continue;
    failed += 1;
    process.stdout.write(`${found.replace(/^/gm, '     ')}\n`);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.stdout.write(`lint: ${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
