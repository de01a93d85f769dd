// One monitor conversation with one QEMU over its UNIX socket: idle -> connecting -> ready -> closing -> idle.
// Methods refuse in the wrong state. Every command has an id and a deadline; a lost connection rejects all that are pending with
// QmpInterruptedError, which means "unknown", never "failed". Events that come while nobody is connected are lost: after a
// connect, read the state of the world instead of waiting for an event that may be over.
// A socket serves one client; a second one gets no greeting and runs into its deadline.
import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { QmpFramer } from './qmp-framing.js';
import {
  type JsonObject,
  parseQmpMessage,
  QmpCommandError,
  QmpDeadlineError,
  type QmpEvent,
  QmpInterruptedError,
  type QmpMessage,
  QmpStateError,
} from './qmp-messages.js';

export type QmpState = 'idle' | 'connecting' | 'ready' | 'closing';

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface QmpClientEvents {
  event: [QmpEvent];
  /** The connection ended without our doing. */
  lost: [];
}

export const DEFAULT_DEADLINE_MS = 10_000;

export class QmpClient extends EventEmitter<QmpClientEvents> {
  private current: QmpState = 'idle';
  private socket: Socket | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private greeting: { resolve: () => void; reject: (error: Error) => void } | null = null;
  private qemuVersion = 'unknown';

  constructor(readonly socketPath: string) {
    super();
    this.setMaxListeners(50);
  }

  get state(): QmpState {
    return this.current;
  }

  /** Of the last greeting, e.g. `7.2.22`. */
  get version(): string {
    return this.qemuVersion;
  }

  /** Connects, reads the greeting and leaves negotiation mode. Errors: those of the socket, QmpDeadlineError, QmpInterruptedError. */
  async connect(deadlineMs = DEFAULT_DEADLINE_MS): Promise<void> {
    this.need('idle', 'connect');
    this.current = 'connecting';
    const end = performance.now() + deadlineMs;
    try {
      await this.openSocket(deadlineMs);
      await this.send('qmp_capabilities', {}, Math.max(1, end - performance.now()));
      this.current = 'ready';
    } catch (thrown) {
      this.drop();
      throw thrown;
    }
  }

  /** Runs one command. Errors: QmpCommandError, QmpInterruptedError, QmpDeadlineError, QmpStateError. */
  async execute(command: string, args: JsonObject = {}, deadlineMs = DEFAULT_DEADLINE_MS): Promise<unknown> {
    this.need('ready', command);
    try {
      return await this.send(command, args, deadlineMs);
    } catch (thrown) {
      // A monitor that missed one deadline is no longer trusted with order: the next user connects anew.
      if (thrown instanceof QmpDeadlineError) this.drop();
      throw thrown;
    }
  }

  /** Ends the conversation; QEMU runs on. */
  async close(): Promise<void> {
    const { socket } = this;
    if (socket === null || this.current === 'closing') return;
    this.current = 'closing';
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.destroy();
    await closed;
  }

  private need(state: QmpState, what: string): void {
    if (this.current !== state) throw new QmpStateError(`${what} needs state ${state}, the monitor is ${this.current}`);
  }

  private openSocket(deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.socketPath);
      const framer = new QmpFramer();
      const timer = setTimeout(() => reject(new QmpDeadlineError('connect', deadlineMs)), deadlineMs);
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.greeting = null;
        finish();
      };
      this.greeting = { resolve: () => settle(resolve), reject: (error) => settle(() => reject(error)) };
      this.socket = socket;
      socket.on('data', (bytes: Buffer) => this.onData(socket, framer, bytes));
      socket.on('error', (error) => this.greeting?.reject(error));
      socket.once('close', () => this.onClose(socket));
    });
  }

  private onData(socket: Socket, framer: QmpFramer, bytes: Buffer): void {
    try {
      for (const value of framer.push(bytes)) {
        const message = parseQmpMessage(value);
        if (message !== null) this.onMessage(message);
      }
    } catch {
      socket.destroy();
    }
  }

  private onMessage(message: QmpMessage): void {
    switch (message.kind) {
      case 'greeting':
        this.qemuVersion = message.version;
        this.greeting?.resolve();
        return;
      case 'event':
        this.emit('event', message.event);
        return;
      case 'return':
        this.take(message.id)?.resolve(message.value);
        return;
      case 'error': {
        const waiting = message.id === null ? undefined : this.take(message.id);
        waiting?.reject(new QmpCommandError(waiting.command, message.errorClass, message.description));
        return;
      }
    }
  }

  private send(command: string, args: JsonObject, deadlineMs: number): Promise<unknown> {
    const { socket } = this;
    if (socket === null) return Promise.reject(new QmpInterruptedError(command));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.take(id)?.reject(new QmpDeadlineError(command, deadlineMs)), deadlineMs);
      this.pending.set(id, { command, resolve, reject, timer });
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\r\n`);
    });
  }

  private take(id: number): Pending | undefined {
    const waiting = this.pending.get(id);
    if (waiting === undefined) return undefined;
    this.pending.delete(id);
    clearTimeout(waiting.timer);
    return waiting;
  }

  private drop(): void {
    const { socket } = this;
    if (socket !== null) {
      socket.destroy();
      this.onClose(socket);
    }
  }

  private onClose(socket: Socket): void {
    if (this.socket !== socket) return;
    const byUs = this.current === 'closing';
    this.socket = null;
    this.current = 'idle';
    this.greeting?.reject(new QmpInterruptedError('connect'));
    for (const [id, waiting] of [...this.pending]) {
      this.take(id);
      waiting.reject(new QmpInterruptedError(waiting.command));
    }
    if (!byUs) this.emit('lost');
  }
}
