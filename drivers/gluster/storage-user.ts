// Who touches the files of a share: the storage user, never root where it can be helped. The helper process becomes that user once it
// is on the share (share-io-child.ts); here, image tools are started as the user that the helper of their share has become.
// A tool's share is found by its argument vector, so that no caller can forget to say it. Two shares with different users: the tool
// is the user of the one it writes to (named last) and reads the other's files through their group. A share of root's stays root's.
import type { Argv, CommandResult, CommandRunner, RunOptions, ToolUser } from '../process/command-runner.js';
import type { ShareIo } from './share-io.js';

/** Answers who the helper of the share is; null for this process's own user. */
type AskIdentity = () => Promise<{ readonly uid: number; readonly gid: number } | null>;

export class StorageUsers implements CommandRunner {
  private readonly own = new Map<string, AskIdentity>();
  private readonly others = new Map<string, AskIdentity>();

  constructor(private readonly runner: CommandRunner) {}

  /** From now on tools that are given files below `path` run as the user of this share. */
  know(path: string, io: Pick<ShareIo, 'call'>): void {
    this.own.set(path, () => io.call('identify', {}));
  }

  /** The share of another backend that is read from; one of the own shares stays what it is. */
  knowOther(path: string, io: Pick<ShareIo, 'call'>): void {
    this.others.set(path, () => io.call('identify', {}));
  }

  async run(argv: Argv, options: RunOptions): Promise<CommandResult> {
    const user = await this.userOf(argv);
    return this.runner.run(argv, user === null ? options : { ...options, user });
  }

  private async userOf(argv: Argv): Promise<ToolUser | null> {
    // In the order in which they are named; the last word is what a tool writes to.
    const met: AskIdentity[] = [];
    for (const word of argv) {
      for (const [path, ask] of new Map([...this.others, ...this.own])) if (word.includes(`${path}/`)) met.push(ask);
    }
    const owners = await Promise.all([...new Set(met)].map((ask) => ask()));
    const last = owners.at(-1) ?? null;
    if (last === null || owners.includes(null)) return null;
    const groups = owners.flatMap((owner) => (owner === null || owner.gid === last.gid ? [] : [owner.gid]));
    return { ...last, groups: [...new Set(groups)] };
  }
}
