// Reads /proc/self/mountinfo: the only witness that a mount happened, as `mount.glusterfs` can exit 0 without mounting. Reading it
// never touches the mounted file system, so it cannot hang on a dead share. Source: proc(5), "/proc/pid/mountinfo".
import { readFile } from 'node:fs/promises';

export interface MountEntry {
  readonly mountPoint: string;
  readonly fileSystem: string;
  readonly source: string;
}

/** All mounts; a later entry hides an earlier one on the same mount point. */
export function parseMountinfo(text: string): readonly MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const mountPoint = left.split(' ')[4];
    const [fileSystem, source] = right.split(' ');
    if (mountPoint === undefined || fileSystem === undefined || source === undefined) continue;
    entries.push({ mountPoint: unescapeOctal(mountPoint), fileSystem, source: unescapeOctal(source) });
  }
  return entries;
}

export async function readMountinfo(): Promise<readonly MountEntry[]> {
  return parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** What is mounted exactly here, the topmost one, or null. */
export function findMount(entries: readonly MountEntry[], mountPoint: string): MountEntry | null {
  return entries.findLast((entry) => entry.mountPoint === mountPoint) ?? null;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
