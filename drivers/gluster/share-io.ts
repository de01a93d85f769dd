// The worker's side of share-io: typed calls with deadlines to the helper process of one share, behind a circuit breaker.
//
//   closed --deadline missed or mount dead--> open (every call fails at once) --after a pause--> half-open: a fresh helper is
//   asked to measure the share --answer--> closed        --no answer--> open, for a longer pause
//
// A helper that hangs in the kernel cannot be killed at once; it is abandoned, counted, and no more are started than the limit.
// What an unanswered call did is unknown: callers repeat their verb, all of which look before they act.
import type { Readable, Writable } from 'node:stream';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { Account } from '../process/accounts.js';
import { StreamChild } from '../process/stream-child.js';
import { ChildCallError, ChildLostError, SupervisedChild } from '../process/supervised-child.js';
import type { DirectConnection, StreamMove } from '../volume-driver.js';
import type { ShareIoCallName, ShareIoCalls } from './share-io-protocol.js';
import type { StreamFacts, StreamTask } from './share-stream-protocol.js';

const DEFAULT_DEADLINE_MS = 15_000;
const PROBE_DEADLINE_MS = 4_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const MAX_ABANDONED = 4;
const CLOSE_PATIENCE_MS = 1_000;
/** Calls that only watch over the share and do not mean that somebody works on it. */
const watchCalls: ReadonlySet<ShareIoCallName> = new Set(['measure', 'probeWrite', 'survey', 'prepareShare']);

export interface ShareIoOptions {
  readonly share: string;
  /** Mount path, or the directory itself. */
  readonly root: string;
  readonly kind: 'mount' | 'plain';
  /** Who the helper becomes when this process is root; `owner`: whom the share's root belongs to. */
  readonly storageUser?: 'owner' | Account;
  readonly defaultDeadlineMs?: number;
  readonly now?: () => number;
  /** Replaces the helper program in tests. */
  readonly module?: URL;
}

/** One stream of bytes to or from a file; whoever has it kills it when it is done with it. */
export interface ShareStream {
  readonly input: Writable;
  readonly output: Readable;
  readonly result: Promise<StreamFacts>;
  kill(): void;
}

export class ShareIo {
  private child: SupervisedChild | null = null;
  private readonly abandoned = new Set<SupervisedChild>();
  private openUntil = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private tripped = false;
  private probing: Promise<void> | null = null;
  private closed = false;
  private working = 0;
  private workedAt = 0;
  private readonly now: () => number;

  constructor(private readonly options: ShareIoOptions) {
    this.now = options.now ?? (() => performance.now());
    this.workedAt = this.now();
  }

  /** Process id of the helper, for supervision and tests; null before the first call. */
  get helperPid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Milliseconds since the last call that a verb made has ended; 0 while one runs. */
  get idleMs(): number {
    return this.working > 0 ? 0 : this.now() - this.workedAt;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (!this.tripped) return 'closed';
    return this.now() < this.openUntil ? 'open' : 'half-open';
  }

  /**
   * Errors: `backend_offline` (no answer, helper lost, mount dead, breaker open), `no_space`, `not_found`, `conflict` (the name is
   * taken), `bad_request` (name too long, not a regular file), `internal`.
   */
  async call<N extends ShareIoCallName>(
    name: N,
    params: ShareIoCalls[N]['params'],
    deadlineMs = this.options.defaultDeadlineMs ?? DEFAULT_DEADLINE_MS,
  ): Promise<ShareIoCalls[N]['value']> {
    const isWork = !watchCalls.has(name);
    if (isWork) this.working += 1;
    try {
      if (this.tripped) await this.recover();
      return await this.send(name, params, deadlineMs);
    } finally {
      if (isWork) {
        this.working -= 1;
        this.workedAt = this.now();
      }
    }
  }

  /**
   * Starts a process of its own for one stream of bytes; it counts as work on the share until it is killed or has told its result. Errors of
   * `result`: as `call`, and `body_too_large`.
   */
  openStream(task: StreamTask, handed: DirectConnection | null = null): ShareStream {
    if (this.closed) throw this.offline('closed', null);
    const child = new StreamChild(
      besides('./share-stream-child'),
      [JSON.stringify(task), ...this.place()],
      handed && { connection: handed.connection, onMoved: (moved) => handed.onMove(moved as StreamMove) },
    );
    this.working += 1;
    const result = child.result
      .catch((thrown: unknown) => {
        if (thrown instanceof ChildLostError) throw this.offline(`${task.task}: ${thrown.message}`, thrown);
        throw this.translate(task.task, thrown);
      })
      .finally(() => {
        this.working -= 1;
        this.workedAt = this.now();
      }) as Promise<StreamFacts>;
    result.catch(() => undefined); // told to whoever awaits it
    return { input: child.input, output: child.output, result, kill: () => child.kill() };
  }

  /** Resolves when the helper has left the share, or after a second when it hangs. */
  async close(): Promise<void> {
    this.closed = true;
    const child = this.child;
    this.dropChild('closed');
    await child?.whenGone(CLOSE_PATIENCE_MS);
  }

  private async send<N extends ShareIoCallName>(
    name: N,
    params: ShareIoCalls[N]['params'],
    deadlineMs: number,
  ): Promise<ShareIoCalls[N]['value']> {
    try {
      return await this.sendOnce(name, params, deadlineMs);
    } catch (thrown) {
      if (!(thrown instanceof ChildLostError)) throw this.translate(name, thrown);
      if (this.tripped || this.closed) throw this.offline(`${name}: ${thrown.message}`, thrown);
    }
    // The helper died without a word about the share (killed, out of memory). Every call may be repeated, so a fresh one gets it.
    try {
      return await this.sendOnce(name, params, deadlineMs);
    } catch (thrown) {
      if (thrown instanceof ChildLostError) throw this.offline(`${name}: ${thrown.message}`, thrown);
      throw this.translate(name, thrown);
    }
  }

  private async sendOnce<N extends ShareIoCallName>(
    name: N,
    params: ShareIoCalls[N]['params'],
    deadlineMs: number,
  ): Promise<ShareIoCalls[N]['value']> {
    return (await this.ensureChild().call({ name, params }, deadlineMs)) as ShareIoCalls[N]['value'];
  }

  private ensureChild(): SupervisedChild {
    if (this.closed) throw this.offline('closed', null);
    if (this.child?.alive === true) return this.child;
    for (const old of this.abandoned) if (old.gone) this.abandoned.delete(old);
    if (this.abandoned.size >= MAX_ABANDONED) throw this.offline('too many helpers hang in the kernel', null);
    const { module } = this.options;
    const child: SupervisedChild = new SupervisedChild({
      module: module ?? besides('./share-io-child'),
      args: this.place(),
      onLost: () => {
        if (!child.gone) this.abandoned.add(child);
        // Once per helper: many calls may have been waiting for the same answer.
        if (child.timedOut) this.trip();
      },
    });
    this.child = child;
    return child;
  }

  /** What every helper process is told of the share. */
  private place(): readonly string[] {
    const { root, kind, storageUser = 'owner' } = this.options;
    return [root, kind, storageUser === 'owner' ? 'owner' : `${storageUser.uid}:${storageUser.gid}`];
  }

  private dropChild(reason: string): void {
    this.child?.kill(reason);
    this.child = null;
  }

  private trip(): void {
    this.tripped = true;
    this.openUntil = this.now() + this.pauseMs;
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private recover(): Promise<void> {
    if (this.now() < this.openUntil) return Promise.reject(this.offline('the share did not answer a moment ago', null));
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
    return this.probing;
  }

  private async probe(): Promise<void> {
    await this.send('measure', {}, PROBE_DEADLINE_MS);
    this.tripped = false;
    this.pauseMs = FIRST_PAUSE_MS;
  }

  private offline(reason: string, cause: unknown): ServiceError {
    return new ServiceError('backend_offline', 'The share does not answer.', {
      context: { share: this.options.share, reason },
      cause,
    });
  }

  private translate(call: string, thrown: unknown): unknown {
    if (!(thrown instanceof ChildCallError)) return thrown;
    const { code } = thrown.failure;
    const context = { share: this.options.share, call, errno: code, reason: thrown.failure.message };
    const as = (error: ConstructorParameters<typeof ServiceError>[0], text: string) =>
      new ServiceError(error, text, { context, cause: thrown });
    switch (code) {
      case 'ENOSPC':
      case 'EDQUOT':
        return as('no_space', 'The share has no space left.');
      case 'ENOENT':
        return as('not_found', 'The image file does not exist.');
      case 'EPIPE':
      case 'ECONNRESET':
        return as('transfer_interrupted', 'The transfer of the data was interrupted.');
      case 'E2BIG':
        return as('body_too_large', 'More bytes were sent than were announced.');
      case 'EEXIST':
        return as('conflict', 'A file of that name exists already.');
      case 'EINVAL':
      case 'ENAMETOOLONG':
      case 'EFBIG':
      case 'ELOOP':
      case 'EMLINK':
        return as('bad_request', 'The file is not one that can be used like this.');
      case 'EACCES':
      case 'EPERM':
        return as('backend_offline', 'The storage user may not use the share or one of its files.');
      case 'ENOTCONN':
      case 'EIO':
      case 'ESTALE':
      case 'ETIMEDOUT':
      case 'EROFS':
        return as('backend_offline', 'The share does not answer.');
      default:
        return as('internal', 'A file call on the share failed.');
    }
  }
}

/** A program beside this file, from the sources or from the build. */
function besides(name: string): URL {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`${name}${extension}`, import.meta.url);
}
