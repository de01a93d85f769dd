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

interface ProcessFacts {
  readonly startTime: string;
  /** Of the kernel, not of a program. */
  readonly isKernelThread: boolean;
}

/** Source: include/linux/sched.h of Linux. */
const PF_KTHREAD = 0x0020_0000;

/** null when no process has this pid, or one that has ended. Source: proc(5), /proc/pid/stat. */
async function factsOf(pid: number): Promise<ProcessFacts | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A killed process shows as a zombie while its other threads still hold its files open: gone is it with the last of them
    // (field 20 counts them), also when nobody collects the zombie.
    const gone = (fields[0] === 'Z' || fields[0] === 'X') && Number(fields[17]) <= 1;
    const startTime = fields[19];
    if (gone || startTime === undefined) return null;
    return { startTime, isKernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0 };
  } catch {
    return null;
  }
}

async function startTimeOf(pid: number): Promise<string | null> {
  return (await factsOf(pid))?.startTime ?? null;
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

/** `ending`: it has no program any more, or is gone: whose it was cannot be told. */
type Look = GuestProcess | 'another' | 'ending';

async function lookAt(pid: number, pidFile: string): Promise<Look> {
  let words: readonly string[];
  try {
    words = await commandLineOf(pid);
  } catch {
    return (await factsOf(pid))?.isKernelThread === true ? 'another' : 'ending';
  }
  if (words[words.indexOf('-pidfile') + 1] !== pidFile || !words.includes('-pidfile')) return 'another';
  const startTime = await startTimeOf(pid);
  return startTime === null ? 'ending' : { pid, startTime };
}

/** Every process that vanishes under a look may have handed the guest on to one that the look did not list. */
const MOST_SCANS = 10;
const SCAN_PAUSE_MS = 50;

async function scan(pidFile: string): Promise<GuestProcess | 'none' | 'unsure'> {
  let unsure = false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  // The youngest first: one that is about to hand on is looked at before it does.
  for (const pid of pids.sort((one, other) => other - one)) {
    const look = await lookAt(pid, pidFile);
    if (typeof look === 'object') return look;
    unsure ||= look === 'ending';
  }
  return unsure ? 'unsure' : 'none';
}

/**
 * The process that was started with this pid file, also when the file itself is lost; null when none runs. QEMU detaches by handing on to a
 * child and ending (-daemonize): the parent may be listed and gone when it is looked at, and the child be younger than the list.
 * Throws `hypervisor_offline` when the one on file is ending and does not end: it may still be writing.
 */
export async function findGuestProcess(pidFile: string): Promise<GuestProcess | null> {
  for (let scans = 1; ; scans += 1) {
    const recorded = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
    const known = Number.isInteger(recorded) && recorded > 1 ? await lookAt(recorded, pidFile) : 'another';
    if (typeof known === 'object') return known;
    const found = await scan(pidFile);
    if (typeof found === 'object') return found;
    const isHeld = known === 'ending' && (await factsOf(recorded)) !== null;
    if (scans === MOST_SCANS && isHeld) {
      throw new ServiceError('hypervisor_offline', 'The guest’s process is ending and has not ended.', {
        context: { pid: recorded },
      });
    }
    if (scans === MOST_SCANS || (found === 'none' && !isHeld)) return null;
    if (isHeld) await sleep(SCAN_PAUSE_MS);
  }
}

export async function isAlive({ pid, startTime }: GuestProcess): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** Waits for the end of the process; false when it still runs after `limitMs`. */
export async function waitUntilGone(guest: GuestProcess, limitMs: number, signal?: AbortSignal): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (await isAlive(guest)) {
    if (performance.now() >= end || signal?.aborted === true) return false;
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
