// CPU and memory of the service processes of one Saggar, read from /proc: found by their command line, children included.
import { readdirSync, readFileSync } from 'node:fs';

export interface ServiceProcess {
  readonly pid: number;
  readonly name: string;
}

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ on Linux; proc(5)

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // the process ended while we looked
  }
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly cpuTicks: number;
  readonly argv: readonly string[];
}

function look(pid: number): Seen | null {
  const stat = read(`/proc/${pid}/stat`);
  const argv = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  if (stat === null) return null;
  // The second field is the name in parentheses and may hold blanks; fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]), argv };
}

/** Service processes whose configuration lies below the state directory, with their children (share I/O), not QEMU or engines. */
export function findServiceProcesses(stateDirectory: string): ServiceProcess[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => look(Number(entry)))
    .filter((seen) => seen !== null);
  const found = new Map<number, string>();
  for (const { pid, argv } of all) {
    const script = argv.find((word) => /services\/[a-z-]+\/main\.js$/.test(word));
    if (script !== undefined && argv.some((word) => word.startsWith(stateDirectory))) {
      found.set(pid, script.replace(/^.*services\/([a-z-]+)\/main\.js$/, '$1'));
    }
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, parent, argv } of all) {
      const name = found.get(parent);
      if (name === undefined || found.has(pid) || !/node$/.test(argv[0] ?? '')) continue;
      found.set(pid, `${name} child`);
      grew = true;
    }
  }
  return [...found].map(([pid, name]) => ({ pid, name }));
}

/** CPU milliseconds used so far by all of them. */
export function cpuMs(processes: readonly ServiceProcess[]): number {
  const ticks = processes.reduce((sum, { pid }) => sum + (look(pid)?.cpuTicks ?? 0), 0);
  return (ticks * 1000) / CLOCK_TICKS_PER_SECOND;
}

/** Proportional set size in MiB: shared pages counted once over all sharers. */
export function pssMib(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return Number(kib ?? 0) / 1024;
}
