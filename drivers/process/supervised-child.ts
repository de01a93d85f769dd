// A helper process that this process talks to by request and response over node's IPC channel, and may kill at any time.
// Why: a call on a hung network mount blocks its thread for ever; in a child that costs one child, here it would cost the
// worker's own thread pool (four such calls freeze every file and name look-up of a node process; measured).
// Assumes: the module answers every {id, call} with {id, value} or {id, failure}. Never waits for a killed child to disappear.
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface ChildFailure {
  /** errno name as node gives it, e.g. ENOSPC; or a word of the child's own. */
  readonly code: string;
  readonly message: string;
}

/** The child answered that the call failed. */
export class ChildCallError extends Error {
  override readonly name = 'ChildCallError';
  constructor(readonly failure: ChildFailure) {
    super(`${failure.code}: ${failure.message}`);
  }
}

/** The child died, was killed, or did not answer in time: what the call did is unknown. */
export class ChildLostError extends Error {
  override readonly name = 'ChildLostError';
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: ChildFailure;
}

export interface SupervisedChildOptions {
  readonly module: URL;
  readonly args: readonly string[];
  /** Called once when the child is gone or given up. */
  readonly onLost: (reason: string) => void;
}

export class SupervisedChild {
  readonly pid: number | undefined;
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private lost: string | null = null;
  private exited = false;
  private deadlineMissed = false;

  constructor(private readonly options: SupervisedChildOptions) {
    this.child = fork(options.module, [...options.args], {
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', UV_THREADPOOL_SIZE: '16' },
      execArgv: execArgvFor(options.module),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.pid = this.child.pid;
    this.child.on('message', (answer: unknown) => this.onAnswer(answer as Answer));
    this.child.once('exit', (code, signal) => {
      this.exited = true;
      this.giveUp(`helper process ended (${signal ?? code})`);
    });
    this.child.once('error', (error) => this.giveUp(`helper process failed: ${error.message}`));
    // An idle child must not keep this process alive; a pending call does, by its timer.
    this.child.unref();
    this.child.channel?.unref();
  }

  get alive(): boolean {
    return this.lost === null;
  }

  /** True once the kernel has let the process go. */
  get gone(): boolean {
    return this.exited;
  }

  /** True when it was given up because a call found no answer in time. */
  get timedOut(): boolean {
    return this.deadlineMissed;
  }

  /** Sends a call; past `deadlineMs` the child is killed and every pending call is rejected with ChildLostError. */
  call(call: object, deadlineMs: number): Promise<unknown> {
    if (this.lost !== null) return Promise.reject(new ChildLostError(this.lost));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.deadlineMissed = true;
        this.giveUp(`no answer within ${deadlineMs} ms`);
      }, deadlineMs);
      this.pending.set(id, { resolve, reject, timer });
      this.child.send({ id, call }, (error) => {
        if (error !== null) this.giveUp(`helper process cannot be reached: ${error.message}`);
      });
    });
  }

  /** Resolves when the kernel has let the process go, or after `patienceMs`. */
  whenGone(patienceMs: number): Promise<void> {
    if (this.exited) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.child.unref();
        resolve();
      }, patienceMs);
      this.child.ref();
      this.child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Kills the child; it may stay in the kernel for as long as the kernel wants. */
  kill(reason: string): void {
    this.giveUp(reason);
  }

  private onAnswer(answer: Answer): void {
    const waiting = this.pending.get(answer.id);
    if (waiting === undefined) return;
    this.pending.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.failure === undefined) waiting.resolve(answer.value);
    else waiting.reject(new ChildCallError(answer.failure));
  }

  private giveUp(reason: string): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.child.kill('SIGKILL');
    if (this.child.connected) this.child.disconnect();
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(new ChildLostError(reason));
    }
    this.pending.clear();
    this.options.onLost(reason);
  }
}

/** From the sources the child needs the loader too; the build runs bare. The heap is kept small: the child only moves names. */
export function execArgvFor(module: URL): string[] {
  const small = ['--max-old-space-size=64', '--max-semi-space-size=1'];
  return module.pathname.endsWith('.ts')
    ? [...small, '--import', pathToFileURL(createRequire(module).resolve('tsx')).href]
    : small;
}
