// The QEMU process of a guest: found by its pid file, proven by its command line and start time before it is ever signalled. A pid
// that was given to another program since is seen, because that program's command line does not name our pid file.
// Linux only: reads /proc.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../services/core/domain/errors.js';

export interface GuestProcess {
  readonly pid: number;
  /** Clock ticks since boot: with the pid, names one process for ever. Source: proc(5), stat field 22. */
  readonly startTime: string;
}

async function startTimeOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A killed process shows as a zombie while its other threads still hold its files open: gone is it with the last of them
    // (field 20 counts them), also when nobody collects the zombie.
    const gone = (fields[0] === 'Z' || fields[0] === 'X') && Number(fields[17]) <= 1;
    return gone ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** The process with this pid now. */
export async function processOf(pid: number): Promise<GuestProcess> {
  return { pid, startTime: (await startTimeOf(pid)) ?? '' };
}

/** Looks at the command line of a process that is just executing another program: it is empty then, and must not hide a guest. */
const EXEC_LOOKS = 100;
const EXEC_PAUSE_MS = 2;

async function commandLineOf(pid: number): Promise<readonly string[]> {
  for (let look = 1; ; look += 1) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (text !== '' || look === EXEC_LOOKS) return text.split('\0');
    // Threads of the kernel and processes that have ended have no program.
    await readlink(`/proc/${pid}/exe`);
    await sleep(EXEC_PAUSE_MS);
  }
}

async function identify(pid: number, pidFile: string): Promise<GuestProcess | null> {
  try {
    const words = await commandLineOf(pid);
    if (words[words.indexOf('-pidfile') + 1] !== pidFile || !words.includes('-pidfile')) return null;
  } catch {
    return null;
  }
  const startTime = await startTimeOf(pid);
  return startTime === null ? null : { pid, startTime };
}

/** The process that was started with this pid file, also when the file itself is lost; null when none runs. */
export async function findGuestProcess(pidFile: string): Promise<GuestProcess | null> {
  const recorded = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
  const known = Number.isInteger(recorded) && recorded > 1 ? await identify(recorded, pidFile) : null;
  if (known !== null) return known;
  for (const name of await readdir('/proc')) {
    const found = /^\d+$/.test(name) ? await identify(Number(name), pidFile) : null;
    if (found !== null) return found;
  }
  return null;
}

export async function isAlive({ pid, startTime }: GuestProcess): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** Waits for the end of the process; false when it still runs after `limitMs`. */
export async function waitUntilGone(guest: GuestProcess, limitMs: number, signal?: AbortSignal): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (await isAlive(guest)) {
    if (Date.now() >= end || signal?.aborted === true) return false;
    await sleep(25);
  }
  return true;
}

/** Ends the process for good. Throws `hypervisor_offline` when the kernel keeps it (an I/O call that nobody answers). */
export async function killGuest(guest: GuestProcess): Promise<void> {
  if (!(await isAlive(guest))) return;
  try {
    process.kill(guest.pid, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
  if (!(await waitUntilGone(guest, 10_000))) {
    throw new ServiceError('hypervisor_offline', 'The guest’s process cannot be ended.', { context: { ...guest } });
  }
}
