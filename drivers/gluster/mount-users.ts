// Which processes of this host have something open beneath a mount point: files, working directories, roots. Reads links in /proc only,
// which the kernel answers from memory, so it cannot hang on a share that does. Guests on other hosts, and guests that use libgfapi, do
// not come through the mount and are not seen.
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface MountUser {
  readonly pid: number;
  /** Name of the program. */
  readonly program: string;
  /** One path that it has open. */
  readonly path: string;
}

/** At most this many links of one process are looked at; a process with more is a server of something else. */
const MAX_LINKS = 20_000;

/**
 * Users of the mount apart from this process and those that it started, which end by themselves. Processes that may not be looked at are
 * left out (none, for root).
 */
export async function listMountUsers(mountPoint: string, proc = '/proc'): Promise<readonly MountUser[]> {
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const users: MountUser[] = [];
  for (const pid of pids) {
    const user = await findUser(`${proc}/${pid}`, Number(pid), mountPoint);
    if (user !== null) users.push(user);
  }
  return users;
}

async function findUser(directory: string, pid: number, mountPoint: string): Promise<MountUser | null> {
  const fds = await readdir(`${directory}/fd`).catch(() => []);
  const links = ['cwd', 'root', ...fds.slice(0, MAX_LINKS).map((fd) => `fd/${fd}`)];
  for (const link of links) {
    const target = await readlink(`${directory}/${link}`).catch(() => '');
    if (target !== mountPoint && !target.startsWith(`${mountPoint}/`)) continue;
    const { program, parent } = await identify(directory);
    return parent === process.pid ? null : { pid, program, path: target };
  }
  return null;
}

/** Fields 2 and 4 of proc(5)'s stat; the name stands in parentheses and may hold spaces. */
async function identify(directory: string): Promise<{ program: string; parent: number }> {
  const stat = await readFile(`${directory}/stat`, 'utf8').catch(() => '');
  const end = stat.lastIndexOf(')');
  return {
    program: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(stat.slice(end + 2).split(' ')[1] ?? Number.NaN),
  };
}

/** In words, for findings: `qemu-system-x86 (pid 7)`; the first few. */
export function describeMountUsers(users: readonly MountUser[]): string {
  const named = users.slice(0, 5).map(({ pid, program }) => `${program} (pid ${pid})`);
  return users.length > 5 ? `${named.join(', ')} and ${users.length - 5} more` : named.join(', ');
}
