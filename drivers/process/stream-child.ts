// A process for ONE stream of bulk bytes: it reads or writes a file on a share while this process only passes the bytes on through a pipe.
// Why a process of its own: a call on a hung network mount blocks its thread for ever, hashes take a processor, and the bytes must not
// stand in the way of what the share's helper does besides. Killing it costs this one stream.
// Or it gets the client's connection itself, and the bytes never come here: then this process reads and writes nothing of it meanwhile.
// Assumes: the module does what its arguments say and sends one last message, {value} or {failure}, then ends when its parent lets it go; before
// that it may tell what has {moved}.
import { type ChildProcess, fork } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { BYTES_DESCRIPTOR } from './bytes-descriptor.js';
import { ChildCallError, type ChildFailure, ChildLostError, execArgvFor } from './supervised-child.js';

interface Word {
  readonly moved?: unknown;
  readonly value?: unknown;
  readonly failure?: ChildFailure;
}

export interface HandedConnection {
  readonly connection: Socket;
  readonly onMoved: (moved: unknown) => void;
}

export class StreamChild {
  /** What the process shall write; ended when that is all. Errors on it are told by `result`. The other direction of `output`. */
  readonly input: Writable;
  /** What the process has read. */
  readonly output: Readable;
  /** Rejects with ChildCallError or ChildLostError. */
  readonly result: Promise<unknown>;
  private readonly child: ChildProcess;

  constructor(module: URL, args: readonly string[], handed: HandedConnection | null = null) {
    const child = fork(module, [...args], {
      cwd: '/',
      // Places for what is under way on the share at one time.
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', UV_THREADPOOL_SIZE: '6' },
      execArgv: execArgvFor(module),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe', ...(handed === null ? [] : [handed.connection])],
    });
    this.child = child;
    const bytes = child.stdio[BYTES_DESCRIPTOR];
    if (!(bytes instanceof Socket)) throw new Error('a stream process has no socket for its bytes');
    this.input = bytes;
    this.output = bytes;
    // A pipe that breaks is the end of the process, whose last word or silence is what is told.
    bytes.on('error', () => undefined);
    this.result = new Promise((resolve, reject) => {
      child.on('message', ({ moved, value, failure }: Word) => {
        if (moved !== undefined) {
          handed?.onMoved(moved);
          return;
        }
        if (failure === undefined) resolve(value);
        else reject(new ChildCallError(failure));
        if (child.connected) child.disconnect();
      });
      child.once('error', (error) => reject(new ChildLostError(`stream process failed: ${error.message}`)));
      child.once('exit', (code, signal) => reject(new ChildLostError(`stream process ended (${signal ?? code})`)));
    });
    this.result.catch(() => undefined); // told to whoever awaits it
  }

  /** It may stay in the kernel for as long as the kernel wants; what it writes then is a file without a name. */
  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    this.output.destroy();
    this.child.unref();
  }
}
