// Short programs that the launchers need (initdb, ip, gluster, umount), run to their end through the same seam as the drivers'
// programs, with failures told in deploy's own way: what, why, what to do.
import { readFileSync } from 'node:fs';
import { type Argv, type CommandResult, describeArgv, type RunOptions } from '../drivers/process/command-runner.js';
import { systemCommandRunner } from '../drivers/process/system-command-runner.js';
import { DeployError } from './deploy-error.js';

const DEFAULT_LIMIT_MS = 60_000;

/** Runs to the end; any exit code is a result. */
export function runProgram(argv: Argv, options: Partial<RunOptions> = {}): Promise<CommandResult> {
  return systemCommandRunner.run(argv, { timeoutMs: DEFAULT_LIMIT_MS, ...options });
}

/** Runs to the end and returns stdout; any exit code but 0 is an error that says what to do. */
export async function mustRun(argv: Argv, cure: string, options: Partial<RunOptions> = {}): Promise<string> {
  const result = await runProgram(argv, options);
  if (result.exitCode === 0) return result.stdout;
  const ending = result.exitCode === null ? `killed by ${result.killedBy}` : `exit code ${result.exitCode}`;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n    ');
  throw new DeployError(`${argv[0]} failed`, `${describeArgv(argv)}: ${ending}\n    ${said}`, cure);
}

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** A user of /etc/passwd; made by its Debian package. */
export function findSystemUser(name: string, debianPackage: string): SystemUser {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new DeployError(
    `the user ${name} does not exist`,
    `it comes with the package ${debianPackage}`,
    `apt-get install ${debianPackage}`,
  );
}
