// One conversation with the agent inside a guest, over the socket of its virtio-serial port. The guest writes every byte that is read
// here, so nothing is believed: sizes and times are limited, only numbers are taken from answers, and text of the guest goes nowhere.
//
// Timeline: 0xFF (the agent drops whatever half line an earlier client left, and may answer with one parse error) -> sync with a random
// number -> everything up to a 0xFF of the agent is old -> the same number comes back -> commands, one at a time.
// Source: QEMU qga/qapi-schema.json (guest-sync-delimited, guest-fsfreeze-freeze, guest-fsfreeze-thaw).
// QEMU serves one client of the socket at a time; a second one waits unanswered and runs into its limit.
import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { isObject, type JsonObject } from './qmp-messages.js';

/** An answer to our commands is below 200 bytes. */
export const MAX_AGENT_LINE_BYTES = 16 * 1024;
/** Of one conversation, stale bytes included. */
export const MAX_AGENT_BYTES = 64 * 1024;
const DELIMITER = 0xff;

/** `silent`: no answer in time, or the port was closed. `refused`: an error answer. `nonsense`: what no agent says. */
export type AgentTrouble = 'silent' | 'refused' | 'nonsense';

export class GuestAgentError extends Error {
  override readonly name = 'GuestAgentError';
  constructor(
    readonly trouble: AgentTrouble,
    message: string,
  ) {
    super(message);
  }
}

/** Splits what the guest sends into lines and holds it to the limits. Pure; throws GuestAgentError, and is useless after that. */
export class AgentLines {
  private rest: Buffer = Buffer.alloc(0);
  private total = 0;

  /** The lines that these bytes complete, each without anything before its last 0xFF; `delimited` says whether there was one. */
  push(bytes: Buffer): { readonly delimited: boolean; readonly text: string }[] {
    this.total += bytes.length;
    if (this.total > MAX_AGENT_BYTES) throw new GuestAgentError('nonsense', 'the guest sends without end');
    this.rest = Buffer.concat([this.rest, bytes]);
    const lines: { delimited: boolean; text: string }[] = [];
    for (let end = this.rest.indexOf(0x0a); end !== -1; end = this.rest.indexOf(0x0a)) {
      const line = this.rest.subarray(0, end);
      const mark = line.lastIndexOf(DELIMITER);
      lines.push({ delimited: mark !== -1, text: line.subarray(mark + 1).toString('utf8') });
      this.rest = this.rest.subarray(end + 1);
    }
    if (this.rest.length > MAX_AGENT_LINE_BYTES)
      throw new GuestAgentError('nonsense', 'a line of the guest has no end');
    return lines;
  }
}

function parseLine(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Answers a line's meaning to whoever waits; null: not yet. */
type Reader = (line: { readonly delimited: boolean; readonly text: string }) => unknown;

export class GuestAgent {
  private readonly lines = new AgentLines();
  private waiting: { readonly read: Reader; resolve(value: unknown): void; reject(error: Error): void } | null = null;
  private failure: GuestAgentError | null = null;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    socket.on('error', () => this.fail(new GuestAgentError('silent', 'the agent’s socket failed')));
    socket.on('close', () => this.fail(new GuestAgentError('silent', 'the agent’s socket was closed')));
  }

  /** Connects and synchronises within `limitMs`. Throws GuestAgentError. */
  static async connect(socketPath: string, limitMs: number): Promise<GuestAgent> {
    const agent = new GuestAgent(connect(socketPath));
    try {
      await agent.synchronise(limitMs);
      return agent;
    } catch (thrown) {
      agent.close();
      throw thrown;
    }
  }

  /** Freezes every file system that can be frozen; answers how many, or throws GuestAgentError: then nobody knows. */
  freeze(limitMs: number): Promise<number> {
    return this.count('guest-fsfreeze-freeze', limitMs);
  }

  /** Thaws all; answers how many were frozen. Thawing what is not frozen is success. Throws GuestAgentError. */
  thaw(limitMs: number): Promise<number> {
    return this.count('guest-fsfreeze-thaw', limitMs);
  }

  close(): void {
    this.socket.destroy();
  }

  private async synchronise(limitMs: number): Promise<void> {
    const id = randomInt(1, 2 ** 31);
    const request = JSON.stringify({ execute: 'guest-sync-delimited', arguments: { id } });
    const bytes = Buffer.concat([Buffer.from([DELIMITER]), Buffer.from(`${request}\n`)]);
    // Other lines are what somebody asked before us.
    const isOurs: Reader = ({ delimited, text }) => (delimited && parseLine(text)?.['return'] === id ? true : null);
    await this.ask(bytes, isOurs, limitMs);
  }

  private async count(command: string, limitMs: number): Promise<number> {
    const answer = await this.ask(
      Buffer.from(`${JSON.stringify({ execute: command })}\n`),
      ({ text }) => parseLine(text) ?? {},
      limitMs,
    );
    const value = isObject(answer) ? answer : {};
    if ('error' in value) throw new GuestAgentError('refused', `the agent refused ${command}`);
    const count = value['return'];
    if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 65_536) return count;
    throw new GuestAgentError('nonsense', `the answer to ${command} is none`);
  }

  private ask(bytes: Buffer, read: Reader, limitMs: number): Promise<unknown> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      // Late answers of a guest that was given up must not be taken for answers to what is asked next.
      const timer = setTimeout(() => {
        this.fail(new GuestAgentError('silent', `the agent did not answer within ${limitMs} ms`));
        this.socket.destroy();
      }, limitMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting = null;
      };
      this.waiting = {
        read,
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.socket.write(bytes);
    });
  }

  private onData(bytes: Buffer): void {
    try {
      for (const line of this.lines.push(bytes)) {
        // What nobody waits for is no answer; the limit of all bytes holds for it too.
        const value = this.waiting?.read(line) ?? null;
        if (value !== null) this.waiting?.resolve(value);
      }
    } catch (thrown) {
      this.fail(thrown instanceof GuestAgentError ? thrown : new GuestAgentError('nonsense', 'not to be read'));
      this.socket.destroy();
    }
  }

  private fail(error: GuestAgentError): void {
    this.failure ??= error;
    this.waiting?.reject(this.failure);
  }
}
