// Mounts shares, counts who uses them, and believes only the kernel's mount table. At start it adopts what is mounted already, so
// guests and other services are not disturbed. Timeline of the trap that it excludes:
//   mount.glusterfs exits 0 -> nothing is mounted -> a write to the mount path lands on the LOCAL disk, and is "lost" later.
// Never unmounts by force a share that may be in use; a share whose client died ("endpoint is not connected") is detached
// lazily and mounted anew when nobody has anything open through it, and told with its users otherwise. A mount found that can show old data is replaced when nothing uses it, and
// else adopted with the reason, so that whoever reads through it can refuse to.
import { chmod, mkdir, stat } from 'node:fs/promises';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { CommandRunner } from '../process/command-runner.js';
import {
  addCoherentOptions,
  findIncoherence,
  optionsOfClient,
  optionsOfMountWords,
  readClientArguments,
} from './mount-coherence.js';
import { findLikelyCauses } from './mount-diagnosis.js';
import { describeMountUsers, listMountUsers, type MountUser } from './mount-users.js';
import { addBackupServers, findOptionDifference } from './mount-words.js';
import { findMount, type MountEntry, readMountinfo } from './mountinfo.js';
import { mountPathOf } from './share-text.js';
import { type ConfiguredShare, mountArgumentWords } from './shares-file.js';

const MOUNT_TIMEOUT_MS = 45_000;
const UNMOUNT_TIMEOUT_MS = 15_000;

export interface MountTableOptions {
  /** Directory under which every share gets its own mount directory. */
  readonly base: string;
  readonly runner: CommandRunner;
  readonly readMounts?: () => Promise<readonly MountEntry[]>;
  /** Command line of the process that serves a mount point. */
  readonly readClient?: (mountPoint: string) => Promise<readonly string[] | null>;
  readonly findCauses?: (share: ConfiguredShare, stderr: string) => Promise<readonly string[]>;
  readonly listUsers?: (mountPoint: string) => Promise<readonly MountUser[]>;
}

export interface Mounted {
  readonly path: string;
  /** The share was mounted before we asked. */
  readonly adopted: boolean;
  /** null when reads show what guests have written; else why they may not, and what to do about it. */
  readonly incoherence: Incoherence | null;
}

export interface Incoherence {
  readonly reason: string;
  readonly cure: string;
}

export class MountTable {
  private readonly users = new Map<string, Set<string>>();
  private readonly underWay = new Map<string, Promise<Mounted>>();
  /** The operator's words that a mount was made with here. */
  private readonly madeWith = new Map<string, string>();
  private readonly readMounts: () => Promise<readonly MountEntry[]>;

  constructor(private readonly options: MountTableOptions) {
    this.readMounts = options.readMounts ?? readMountinfo;
  }

  pathOf(share: string): string {
    return mountPathOf(this.options.base, share);
  }

  usersOf(share: string): readonly string[] {
    return [...(this.users.get(share) ?? [])];
  }

  /** Mounts the share unless it is, and counts the user. Errors: `backend_offline` with the likely causes in its context. */
  async acquire(share: ConfiguredShare, user: string): Promise<Mounted> {
    const mounted = await this.ensureMounted(share);
    const users = this.users.get(share.name.share) ?? new Set();
    this.users.set(share.name.share, users.add(user));
    return mounted;
  }

  /** The last user unmounts; true when it did. A busy mount stays and is no error. */
  async release(share: string, user: string): Promise<boolean> {
    const users = this.users.get(share);
    users?.delete(user);
    if (users === undefined || users.size > 0) return false;
    this.users.delete(share);
    await this.options.runner.run(['umount', this.pathOf(share)], { timeoutMs: UNMOUNT_TIMEOUT_MS });
    return (await this.find(share)) === null;
  }

  /**
   * Detaches a dead mount lazily and mounts again. Only for a share whose client process is gone. Errors: `backend_offline`, also while
   * others have files open through it: they would go on with what is dead beside those who see the new mount.
   */
  async remount(share: ConfiguredShare): Promise<Mounted> {
    if ((await this.find(share.name.share)) !== null) {
      await this.demandDead(share);
      await this.options.runner.run(['umount', '-l', this.pathOf(share.name.share)], { timeoutMs: UNMOUNT_TIMEOUT_MS });
    }
    return this.ensureMounted(share);
  }

  private async demandDead(share: ConfiguredShare): Promise<void> {
    const path = this.pathOf(share.name.share);
    if ((await (this.options.readClient ?? readClientArguments)(path)) !== null) {
      const reason = 'its client process lives and reaches no brick';
      throw new ServiceError('backend_offline', 'The share does not answer.', {
        context: {
          share: share.name.share,
          reason,
          likelyCauses: ['look at the bricks and at the network to them; the client connects again by itself'],
        },
      });
    }
    const users = await this.listUsers(share);
    if (users.length > 0) throw deadButOpen(share, users);
  }

  /** Mounts again with the options of now if nobody has anything open; true when that was done. */
  async renew(share: ConfiguredShare): Promise<boolean> {
    if ((await this.listUsers(share)).length > 0 || !(await this.unmountGently(share))) return false;
    await this.ensureMounted(share);
    return true;
  }

  /** Errors: `backend_offline` when something else is mounted in its place. */
  isMounted(share: ConfiguredShare): Promise<boolean> {
    return this.isOurs(share);
  }

  listUsers(share: ConfiguredShare): Promise<readonly MountUser[]> {
    return (this.options.listUsers ?? listMountUsers)(this.pathOf(share.name.share));
  }

  /** How the options in force differ from the operator's, in words; null when they do not, or the share is not mounted. */
  async findOptionDifference(share: ConfiguredShare): Promise<string | null> {
    const key = share.name.share;
    if ((await this.find(key)) === null) return null;
    const words = mountArgumentWords(share.mountArguments);
    const made = this.madeWith.get(key);
    if (made !== undefined)
      return made === words.join(' ') ? null : 'the shares file names others since it was mounted';
    const argv = await (this.options.readClient ?? readClientArguments)(this.pathOf(key));
    return argv === null ? null : findOptionDifference(words, optionsOfClient(argv));
  }

  private ensureMounted(share: ConfiguredShare): Promise<Mounted> {
    const key = share.name.share;
    const running = this.underWay.get(key);
    if (running !== undefined) return running;
    const work = this.mountOnce(share).finally(() => this.underWay.delete(key));
    this.underWay.set(key, work);
    return work;
  }

  private async mountOnce(share: ConfiguredShare): Promise<Mounted> {
    const path = this.pathOf(share.name.share);
    const { hosts } = share.name;
    const own = mountArgumentWords(share.mountArguments);
    const words = addCoherentOptions(addBackupServers(own, hosts, share.foundServers ?? []));
    const configured = configuredIncoherence(words);
    if (await this.isOurs(share)) {
      const found = await this.incoherenceOfClient(path);
      if (found === null) return { path, adopted: true, incoherence: null };
      if (configured !== null || !(await this.unmountGently(share))) {
        return { path, adopted: true, incoherence: configured ?? found };
      }
    }
    await mkdir(path, { recursive: true, mode: 0o755 });
    await letOthersPass(this.options.base);
    const result = await this.options.runner.run(['mount', '-t', 'glusterfs', ...words, share.name.share, path], {
      timeoutMs: MOUNT_TIMEOUT_MS,
    });
    if (await this.isOurs(share)) {
      this.madeWith.set(share.name.share, own.join(' '));
      return { path, adopted: false, incoherence: configured };
    }
    const findCauses = this.options.findCauses ?? findLikelyCauses;
    throw new ServiceError('backend_offline', 'The share could not be mounted.', {
      context: {
        share: share.name.share,
        path,
        exitCode: result.exitCode,
        stderr: result.stderr.slice(0, 2_000),
        likelyCauses: await findCauses(share, result.stderr),
      },
    });
  }

  private async incoherenceOfClient(path: string): Promise<Incoherence | null> {
    const argv = await (this.options.readClient ?? readClientArguments)(path);
    const reason = argv === null ? 'the process that serves it cannot be seen' : findIncoherence(optionsOfClient(argv));
    if (reason === null) return null;
    const cure = `end what else uses ${path} ("fuser -vm ${path}" lists it), then restart this worker: it mounts the share anew`;
    return { reason: `it was mounted by somebody else, and ${reason}`, cure };
  }

  /** True when nothing used the share and it is unmounted now. A share that hangs counts as used. */
  private async unmountGently(share: ConfiguredShare): Promise<boolean> {
    const path = this.pathOf(share.name.share);
    await this.options.runner.run(['umount', path], { timeoutMs: UNMOUNT_TIMEOUT_MS }).catch(() => null);
    return (await this.find(share.name.share)) === null;
  }

  private async isOurs(share: ConfiguredShare): Promise<boolean> {
    const entry = await this.find(share.name.share);
    if (entry === null) return false;
    const wanted = `/${[share.name.glusterVolumeName, share.name.directory].filter((part) => part !== '').join('/')}`;
    const found = entry.source.slice(entry.source.lastIndexOf(':') + 1).replace(/\/+$/, '');
    if (entry.fileSystem === 'fuse.glusterfs' && (found === wanted || found === wanted.slice(1))) return true;
    throw new ServiceError('backend_offline', 'Something else is mounted in the place of the share.', {
      context: { share: share.name.share, ...entry },
    });
  }

  private async find(share: string): Promise<MountEntry | null> {
    return findMount(await this.readMounts(), this.pathOf(share));
  }
}

function deadButOpen(share: ConfiguredShare, users: readonly MountUser[]): ServiceError {
  const who = describeMountUsers(users);
  return new ServiceError(
    'backend_offline',
    'The client process of the share has died, and files are open through it.',
    {
      context: {
        share: share.name.share,
        reason: `its client process has died, and files are still open through it: ${who}`,
        likelyCauses: [`end ${who}, for which the share is lost; it is mounted anew by itself then`],
      },
    },
  );
}

function configuredIncoherence(words: readonly string[]): Incoherence | null {
  const reason = findIncoherence(optionsOfMountWords(words));
  if (reason === null) return null;
  return {
    reason: `by its mount options ${reason}`,
    cure: "take that option out of the share's mount options, unmount the share and restart this worker",
  };
}

/** The storage user reaches the shares by their paths; below the base nothing is but mounts, which have permissions of their own. */
async function letOthersPass(base: string): Promise<void> {
  const { mode } = await stat(base);
  if ((mode & 0o011) !== 0o011) await chmod(base, (mode & 0o7777) | 0o011);
}
