// What a killed test process has left below /var/tmp: private servers that go on and their directories. Every private directory has its
// owner's identity in it; when that process is gone, whatever belongs to the directory is ended (by pid) and removed, and told.
// Must never touch the directory of a living process, nor one that says nothing about its owner.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { placesOf } from '../../deploy/places.js';
import { endProcess, identify, isAlive, type ProcessIdentity } from '../../deploy/processes.js';
import type { Progress } from '../../deploy/progress.js';
import { tryReadLayout } from '../../deploy/state-directory.js';
import { stopAll } from '../../deploy/stop.js';

const OWNER = '.owner.json';
const silent: Progress = { during: (_what, part) => part(), say: () => undefined, close: () => undefined };

/** To be called by the process that made the directory. */
export function markOwner(directory: string): void {
  writeFileSync(path.join(directory, OWNER), `${JSON.stringify(identify(process.pid))}\n`);
}

/** From now on nobody clears it away: a person wants to look at it. */
export function disown(directory: string): void {
  rmSync(path.join(directory, OWNER), { force: true });
}

/** Ends and removes; answers a line for each directory. One that cannot be removed is told and does not keep the others. */
export async function removeAbandoned(parent = '/var/tmp'): Promise<readonly string[]> {
  const told: string[] = [];
  for (const name of readdirSync(parent)) {
    const directory = path.join(parent, name);
    if (/^saggar-(test|[0-9a-f]{4})-\w+$/.test(name) && isAbandoned(directory)) told.push(await remove(directory));
  }
  return told;
}

/** Ends and removes one, whoever its owner is: a lane's when that has ended. */
export async function remove(directory: string): Promise<string> {
  try {
    const layout = tryReadLayout(directory);
    const living = processesOf(directory).length;
    if (layout !== null) await stopAll(placesOf(directory), layout, silent);
    for (const identity of processesOf(directory)) await endProcess(identity, { signal: 'SIGKILL' });
    rmSync(directory, { recursive: true, force: true });
    return `${directory} (${living} ${living === 1 ? 'process' : 'processes'} ended)`;
  } catch (error) {
    return `${directory} could not be removed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isAbandoned(directory: string): boolean {
  const file = path.join(directory, OWNER);
  if (!existsSync(file)) return false;
  try {
    return !isAlive(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity);
  } catch {
    return false; // it is just being written
  }
}

/** Processes whose command line names the directory. */
function processesOf(directory: string): readonly ProcessIdentity[] {
  return readdirSync('/proc')
    .filter(
      (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid && commandOf(entry).includes(`${directory}/`),
    )
    .map((entry) => identify(Number(entry)))
    .filter((identity) => identity !== null);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
