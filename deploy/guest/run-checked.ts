// Runs a build program and turns a non-zero exit into an error that shows what it said. For tools run by an operator only.
import { type Argv, type CommandRunner, describeArgv } from '../../drivers/process/command-runner.js';

/** The program's stdout; throws with its last words when it fails. */
export async function runChecked(
  runner: CommandRunner,
  argv: Argv,
  timeoutMs: number,
  cwd?: string,
  input?: string,
): Promise<string> {
  const result = await runner.run(argv, {
    timeoutMs,
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? {} : { input }),
  });
  if (result.exitCode !== 0) {
    const said = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
    throw new Error(`${describeArgv(argv)} failed (${result.killedBy ?? result.exitCode}): ${said}`);
  }
  return result.stdout;
}
