// Long-running processes that outlive the program which started them. Each has a pid file that carries the kernel's start time of
// the process (field 22 of /proc/PID/stat), so that a pid which was reused after a crash or a reboot is never taken for ours and
// never killed. Programs are started as argument vectors, without a shell, in a session of their own, with output to a log file.
// Must never signal a process whose start time does not match the record.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from './deploy-error.js';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which the process started; together with the boot id unique for the machine's life. */
  readonly startTicks: string;
  readonly bootId: string;
}

export interface ProcessPlan {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly pidFile: string;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Adopts the process that the pid file names when it still runs; starts it otherwise. `adopted` tells which. */
export async function ensureProcess(plan: ProcessPlan): Promise<ProcessIdentity & { readonly adopted: boolean }> {
  const living = findLiving(plan.pidFile);
  if (living !== null) return { ...living, adopted: true };
  return { ...(await startProcess(plan)), adopted: false };
}

/** Starts the program detached and writes its pid file. Throws when it cannot be executed. */
export async function startProcess(plan: ProcessPlan): Promise<ProcessIdentity> {
  mkdirSync(path.dirname(plan.pidFile), { recursive: true });
  mkdirSync(path.dirname(plan.logFile), { recursive: true });
  const [program, ...args] = plan.argv;
  const log = openSync(plan.logFile, 'a', 0o640);
  const child = spawn(program, args, {
    cwd: plan.cwd ?? '/',
    env: { PATH, HOME: '/', LC_ALL: 'C.UTF-8', ...plan.env },
    stdio: ['ignore', log, log],
    detached: true,
    ...(plan.uid === undefined ? {} : { uid: plan.uid }),
    ...(plan.gid === undefined ? {} : { gid: plan.gid }),
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(
        new DeployError(
          `${plan.name} could not be started`,
          `${program}: ${cause.message}`,
          'run npm start again, which installs what is missing',
          { cause },
        ),
      ),
    );
  });
  child.unref();
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (identity === null) {
    throw new DeployError(`${plan.name} ended at once`, lastLines(plan.logFile, 5), `read ${plan.logFile}`);
  }
  writePidFile(plan.pidFile, identity);
  return identity;
}

/** null when no such process exists (any more), zombies included. */
export function identify(pid: number): ProcessIdentity | null {
  const fields = statFields(pid);
  const startTicks = fields?.[19];
  if (fields === null || startTicks === undefined || fields[0] === 'Z' || fields[0] === 'X') return null;
  return { pid, startTicks, bootId: bootId() };
}

/** The recorded process if it still runs. */
export function findLiving(pidFile: string): ProcessIdentity | null {
  const recorded = tryReadPidFile(pidFile);
  return recorded !== null && isAlive(recorded) ? recorded : null;
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

export interface StopOptions {
  readonly signal?: NodeJS.Signals;
  /** How long the process may take before SIGKILL, in milliseconds (default 10 s). */
  readonly graceMs?: number;
}

/** Ends the recorded process and removes the pid file. Nothing to do is success. */
export async function stopProcess(pidFile: string, options: StopOptions = {}): Promise<void> {
  const living = findLiving(pidFile);
  if (living !== null) await endProcess(living, options);
  rmSync(pidFile, { force: true });
}

/** Signals, waits, then kills. Throws when the process survives SIGKILL (it hangs in the kernel). */
export async function endProcess(identity: ProcessIdentity, options: StopOptions = {}): Promise<void> {
  signalProcess(identity, options.signal ?? 'SIGTERM');
  if (await waitForEnd(identity, options.graceMs ?? 10_000)) return;
  signalProcess(identity, 'SIGKILL');
  if (await waitForEnd(identity, 10_000)) return;
  throw new DeployError(
    `process ${identity.pid} does not end`,
    'it survived SIGKILL, so it hangs in the kernel, most likely on a mount that does not answer',
    `umount -l the mounts of the state directory, then look at /proc/${identity.pid}/stack`,
  );
}

export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function waitForEnd(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

export function writePidFile(file: string, identity: ProcessIdentity): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(identity)}\n`);
  renameSync(`${file}.new`, file);
}

function tryReadPidFile(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return null; // never started, or cut off by a power failure: then the process is gone as well
  }
}

/** The end of a log file, for a message. */
export function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n    ') || `${file} is empty`;
  } catch {
    return `${file} cannot be read`;
  }
}

/** Fields of proc(5) `stat` from the third (state) on; the name in parentheses may hold blanks. */
function statFields(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

let cachedBootId: string | null = null;
function bootId(): string {
  cachedBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return cachedBootId;
}
