// Finds and removes FUSE mounts that belong to us: those of servers in our private subnet, wherever they are mounted, and those below
// a directory of ours. A mount whose server is gone hangs a normal unmount, so a lazy one follows.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from './deploy-error.js';
import { runProgram } from './programs.js';

export interface MountedShare {
  readonly source: string;
  readonly mountPoint: string;
}

/** GlusterFS mounts of the host, from the mount table (proc(5), mountinfo: octal escapes for blanks). */
export function listShares(): readonly MountedShare[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [before, after] = line.split(' - ');
      const [fsType, source] = after?.split(' ') ?? [];
      const mountPoint = before?.split(' ')[4];
      if (fsType !== 'fuse.glusterfs' || source === undefined || mountPoint === undefined) return [];
      return [{ source: unescapeOctal(source), mountPoint: unescapeOctal(mountPoint) }];
    });
}

/** Unmounts every share of a server in the subnet (`10.213.7`). Throws when one stays. */
export function unmountServers(subnet: string): Promise<void> {
  return unmountAll((share) => share.source.startsWith(`${subnet}.`));
}

/** Unmounts every share mounted below the directory. Throws when one stays. */
export function unmountBelow(directory: string): Promise<void> {
  return unmountAll((share) => share.mountPoint.startsWith(`${directory}/`));
}

async function unmountAll(matches: (share: MountedShare) => boolean): Promise<void> {
  for (const { mountPoint } of listShares().filter(matches)) {
    const gentle = await runProgram(['umount', '--', mountPoint], { timeoutMs: 5_000 }).catch(() => null);
    if (gentle?.exitCode !== 0) await runProgram(['umount', '--lazy', '--', mountPoint], { timeoutMs: 5_000 });
  }
  const deadline = Date.now() + 5_000;
  while (listShares().some(matches)) {
    if (Date.now() > deadline) {
      const left = listShares().filter(matches)[0]?.mountPoint ?? '';
      throw new DeployError(`${left} is still mounted`, 'umount --lazy did not remove it', `umount -l ${left}`);
    }
    await sleep(50);
  }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
