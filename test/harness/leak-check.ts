// Finds what a lane left behind. Each lane runs in a mount namespace of its own with a /tmp of its own (see lane-process.ts), so that
// everything it started can be told from everything else on the machine, whatever environment or parent it has:
//   - a process is the lane's when it is in the lane's mount namespace
//   - a mount is the lane's when it is in the lane's mount table and was not there at the start
//   - a file in the private /tmp is the lane's, and so is a directory of /var/tmp that has the lane's tag in its name
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';

export interface LeakedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes in the mount namespace (`mnt:[4026532...]`), the given one apart. */
export function processesInNamespace(namespace: string, except: ReadonlySet<number>): readonly LeakedProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && !except.has(Number(entry)))
    .filter((entry) => namespaceOf(Number(entry)) === namespace)
    .map((entry) => ({ pid: Number(entry), command: commandOf(entry) }))
    .filter(({ command }) => command !== '');
}

/** null when the process is gone. */
export function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return null;
  }
}

/** Mount points of a mountinfo text that an earlier one does not have. `/run/netns` itself is made once by `ip netns`. */
export function newMounts(before: string, after: string): readonly string[] {
  const known = new Set(mountPoints(before));
  return mountPoints(after).filter((point) => !known.has(point) && point !== '/run/netns');
}

const caches = /^(tsx-\d+|node-compile-cache|v8-compile-cache.*)$/;
/**
 * libglusterfs makes such a file for a trace of its calls and takes its name away at once: one that is killed in between, as guests are here, leaves
 * it empty.
 */
const gfapiTrace = /^glfs-bt-\w{6}$/;

/** Names in the private /tmp that are neither the test runner's caches nor empty leftovers of Node or of a killed QEMU. */
export function leftFiles(directory: string): readonly string[] {
  const isTrace = (name: string): boolean => gfapiTrace.test(name) && statSync(path.join(directory, name)).size === 0;
  return readdirSync(directory).filter((name) => !caches.test(name) && !isTrace(name));
}

/** Names of directories below /var/tmp that `privateDirectory` made for the lane with this tag. */
export function leftDirectories(tag: string, parent = '/var/tmp'): readonly string[] {
  return readdirSync(parent).filter((name) => name.startsWith(`saggar-${tag}-`));
}

function mountPoints(mountinfo: string): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 200);
  } catch {
    return '';
  }
}
