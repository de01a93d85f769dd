// The worker's side of a backup store in a directory: every file call goes to a helper process, with a deadline. A call on a hung NFS mount would keep
// one of the four threads that all file calls of a node process share; here it costs the helper, which is killed and replaced. One that hangs in the
// kernel cannot be killed at once: it is counted, and no more are started than the limit.
import { isErrorCode, ServiceError } from '../../services/core/domain/errors.js';
import { ChildCallError, SupervisedChild } from '../process/supervised-child.js';
import type { BackupPlace } from './backup-target.js';
import type { DirectoryCalls } from './directory-files.js';

/** A piece of 1 MiB, or the fsync of some dozen, on the slowest disk that is of use. */
const DEADLINE_MS = 60_000;
const MAX_ABANDONED = 4;

export interface DirectoryRequest {
  readonly id: number;
  readonly call: { readonly name: keyof DirectoryCalls; readonly args: readonly unknown[] };
}

export interface SeparateDirectoryOptions {
  readonly root: string;
  readonly deadlineMs?: number;
  /** Replaces the helper program in tests. */
  readonly module?: URL;
}

function offline(reason: string, cause: unknown = null): ServiceError {
  return new ServiceError('backend_offline', 'The backup store does not answer.', { context: { reason }, cause });
}

export class SeparateDirectory implements DirectoryCalls {
  private child: SupervisedChild | null = null;
  private readonly abandoned = new Set<SupervisedChild>();

  constructor(private readonly options: SeparateDirectoryOptions) {}

  async append(place: BackupPlace, part: string, bytes: Uint8Array): Promise<void> {
    await this.ask('append', place, part, bytes);
  }

  async publish(place: BackupPlace, part: string, name: string): Promise<void> {
    await this.ask('publish', place, part, name);
  }

  async dropPart(place: BackupPlace, part: string): Promise<void> {
    await this.ask('dropPart', place, part);
  }

  async read(place: BackupPlace, name: string, offset: number, length: number): Promise<Uint8Array> {
    return (await this.ask('read', place, name, offset, length)) as Uint8Array;
  }

  async list(place: BackupPlace): Promise<readonly string[]> {
    return (await this.ask('list', place)) as readonly string[];
  }

  async removeAll(place: BackupPlace): Promise<void> {
    await this.ask('removeAll', place);
  }

  /** Ends the helper; a later call starts another one. */
  close(): void {
    this.child?.kill('closed');
    this.child = null;
  }

  private async ask(name: keyof DirectoryCalls, ...args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.ensureChild().call({ name, args }, this.options.deadlineMs ?? DEADLINE_MS);
    } catch (thrown) {
      if (thrown instanceof ServiceError) throw thrown;
      if (!(thrown instanceof ChildCallError)) throw offline('the helper process is lost', thrown);
      const { code, message } = thrown.failure;
      throw isErrorCode(code) ? new ServiceError(code, message, { cause: thrown }) : offline(message, thrown);
    }
  }

  private ensureChild(): SupervisedChild {
    if (this.child?.alive === true) return this.child;
    for (const old of this.abandoned) if (old.gone) this.abandoned.delete(old);
    if (this.abandoned.size >= MAX_ABANDONED) throw offline('too many helpers hang in the kernel');
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const child: SupervisedChild = new SupervisedChild({
      module: this.options.module ?? new URL(`./directory-child${extension}`, import.meta.url),
      args: [this.options.root],
      onLost: () => {
        if (!child.gone) this.abandoned.add(child);
      },
    });
    this.child = child;
    return child;
  }
}
