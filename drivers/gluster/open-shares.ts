// The shares in use: root path and helper process of each, opened once and shared by all verbs. A share that cannot be opened is
// asked again after a pause by the pool reports, at once by a verb.
import { ServiceError } from '../../services/core/domain/errors.js';
import type { Account } from '../process/accounts.js';
import { ShareIo } from './share-io.js';
import type { ShareProvider, ShareRoot } from './share-provider.js';
import type { StorageUsers } from './storage-user.js';

export interface OpenShare extends ShareRoot {
  readonly io: ShareIo;
}

export interface OpenSharesOptions {
  readonly ioDeadlineMs: number;
  readonly storageUser: 'owner' | Account;
  /** Told of every share that is opened. */
  readonly users: StorageUsers;
  readonly ioModule: URL | null;
}

/** Between two file calls of one verb there are milliseconds, or a tool that has the files open. */
const RENEW_AFTER_IDLE_MS = 10_000;

export class OpenShares {
  private readonly open = new Map<string, OpenShare>();
  private readonly opening = new Map<string, Promise<OpenShare>>();
  private closed = false;

  constructor(
    private readonly provider: ShareProvider,
    private readonly options: OpenSharesOptions,
  ) {}

  /** Errors: `backend_offline`. */
  get(share: string): Promise<OpenShare> {
    if (this.closed) return Promise.reject(new ServiceError('backend_offline', 'The worker is shutting down.'));
    const known = this.open.get(share);
    if (known !== undefined) return Promise.resolve(known);
    return this.once(share, () => this.start(share));
  }

  isOpen(share: string): boolean {
    return this.open.has(share);
  }

  helperPids(): ReadonlyMap<string, number> {
    const pids = new Map<string, number>();
    for (const [share, { io }] of this.open) if (io.helperPid !== null) pids.set(share, io.helperPid);
    return pids;
  }

  /** After the share's client died: mounts anew and starts a fresh helper. */
  async revive(share: string): Promise<OpenShare> {
    return this.once(share, async () => {
      await this.open.get(share)?.io.close();
      this.open.delete(share);
      return this.adopt(await this.provider.reopen(share));
    });
  }

  /**
   * Opens the share anew when its configuration has changed and no verb has worked on it for a while; verbs that come meanwhile wait. A
   * tool that still has a file open keeps the old mount. Errors: `backend_offline`.
   */
  async renewIdle(share: string): Promise<void> {
    const opened = this.open.get(share);
    if (opened === undefined || opened.io.idleMs < RENEW_AFTER_IDLE_MS || this.opening.has(share)) return;
    this.open.delete(share);
    await this.once(share, async () => {
      await opened.io.close();
      return this.adopt(await this.provider.renew(share));
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.open.values()].map(({ io }) => io.close()));
    this.open.clear();
  }

  private async start(share: string): Promise<OpenShare> {
    return this.adopt(await this.provider.open(share));
  }

  private async adopt(root: ShareRoot): Promise<OpenShare> {
    const { ioDeadlineMs, ioModule, storageUser, users } = this.options;
    const io = new ShareIo({
      share: root.access.share,
      root: root.path,
      kind: root.kind,
      storageUser,
      defaultDeadlineMs: ioDeadlineMs,
      ...(ioModule === null ? {} : { module: ioModule }),
    });
    users.know(root.path, io);
    const opened = { ...root, io };
    // Known before it is proven to work: a hung share must answer through its breaker, not by waiting here again.
    this.open.set(root.access.share, opened);
    await io.call('prepareShare', {});
    return opened;
  }

  private once(share: string, work: () => Promise<OpenShare>): Promise<OpenShare> {
    const running = this.opening.get(share);
    if (running !== undefined) return running;
    const promise = work().finally(() => this.opening.delete(share));
    this.opening.set(share, promise);
    return promise;
  }
}
