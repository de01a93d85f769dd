// What dead or dying bricks leave behind: pid files that lie and sockets outside our directory. Only files that belong to the given
// directory or process are ever removed.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identify } from './processes.js';

/**
 * glusterd takes a brick for running as long as the pid in its pid file exists, be it a zombie or somebody else's by now, and then
 * never starts it (seen after SIGKILL of everything). Only a living glusterfs process counts.
 */
export function removeStalePidFiles(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.pid')) continue;
    const file = path.join(directory, name);
    const pid = Number(readFileSync(file, 'utf8').trim());
    if (identify(pid) === null || !commandOf(pid).includes('gluster')) rmSync(file, { force: true });
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
  } catch {
    return '';
  }
}

const SOCKET_LIST = 'brick-sockets';
const socketName = /^\/(var\/)?run\/gluster\/[0-9a-f]+\.socket$/;

/**
 * Notes the sockets of the bricks among the processes. glusterd puts them into /var/run/gluster whatever its run-directory is
 * (GLUSTERD_SOCK_DIR of GlusterFS 10), and once a brick was killed nobody can tell any more whose they were.
 */
export function recordBrickSockets(directory: string, pids: readonly number[]): void {
  const known = new Set([...recordedSockets(directory), ...pids.flatMap(brickSockets)]);
  writeFileSync(path.join(directory, SOCKET_LIST), [...known].map((name) => `${name}\n`).join(''));
}

/** Removes the noted sockets; the bricks must have ended. */
export function removeBrickSockets(directory: string): void {
  for (const socket of recordedSockets(directory)) rmSync(socket, { force: true });
  rmSync(path.join(directory, SOCKET_LIST), { force: true });
}

function recordedSockets(directory: string): readonly string[] {
  const file = path.join(directory, SOCKET_LIST);
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((name) => socketName.test(name))
    : [];
}

function brickSockets(pid: number): readonly string[] {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return argv.filter((word, index) => argv[index - 1] === '-S' && socketName.test(word));
  } catch {
    return []; // it ended meanwhile
  }
}
