// How the bootstrap runs programs and how it fails: every failure says what happened, why, and what to do. Plain JavaScript, no
// dependencies. Output of a program is shown only when the program fails, so that a good start stays readable.
import { spawnSync } from 'node:child_process';

/** Ends the process with exit code 1 and a message of up to three lines. */
export function fail(what, why, cure) {
  const lines = [`saggar: ${what}`, why === '' ? '' : `  why: ${why}`, `  what to do: ${cure}`];
  process.stderr.write(`${lines.filter((line) => line !== '').join('\n')}\n`);
  process.exit(1);
}

/** Runs a program and returns its result; `status` is null when it could not be started or was killed. */
export function run(argv, { cwd = '/', env = {}, timeoutMs = 1_800_000 } = {}) {
  const [program, ...args] = argv;
  return spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeoutMs,
  });
}

/** Runs a program, says what is done and how long it took, and ends the process when it fails. */
export function runShown(argv, { what, cure, cwd, env }) {
  process.stdout.write(`${what} ...\n`);
  const started = Date.now();
  const result = run(argv, { cwd, env });
  if (result.status !== 0) {
    process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    const ending = result.error?.message ?? `exit code ${result.status ?? `none, signal ${result.signal}`}`;
    fail(`${what.toLowerCase()} failed`, `${argv.join(' ')}: ${ending}`, cure);
  }
  process.stdout.write(`${what} ... done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
