// Types into the serial console of the test guest and reads what it answers, for the story and the system tests.
// Assumes a root shell at the other end that echoes what is typed: markers are printed in two pieces, so that the echo of a
// command is never taken for its answer. One command at a time; a console socket serves one client.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface GuestAnswer {
  readonly status: number;
  /** What the command printed, without carriage returns and without the final newline. */
  readonly output: string;
}

/** How long a test may wait for a boot or an answer, milliseconds: only against hanging, since a busy machine takes a hundred times as long. */
export const GUEST_LIMIT_MS = 240_000;
const FIRST_PATIENCE_MS = 1_000;
const MAX_KEPT = 4 * 1024 * 1024;

export class GuestConsole {
  private received = '';
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received = (this.received + text).slice(-MAX_KEPT);
      this.wake?.();
    });
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the console was closed')));
  }

  /** Connects to `console.sock` of a server. */
  static connect(socketPath: string): Promise<GuestConsole> {
    return new Promise((resolve, reject) => {
      const socket = connect(socketPath);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new GuestConsole(socket));
      });
    });
  }

  /**
   * Waits until the shell answers; the guest may have booted long ago. Throws after `timeoutMs`. What is typed before the guest reads is lost,
   * so it is typed again, each time after twice the wait; a late answer to any of them counts, for a slow guest is never quicker than the next one.
   */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    const marks: string[] = [];
    this.received = '';
    for (let patienceMs = FIRST_PATIENCE_MS; ; patienceMs *= 2) {
      marks.push(this.type('true'));
      const answered = new RegExp(`\\nEND-(?:${marks.join('|')}) 0\\n`);
      if ((await this.find(answered, Math.min(patienceMs, end - Date.now()))) !== null) return;
      if (Date.now() >= end) throw new Error(`the guest's shell did not answer within ${timeoutMs} ms: ${this.tail()}`);
    }
  }

  /** Runs one line of shell in the guest. Throws when there is no answer within `timeoutMs`; a non-zero status is an answer. */
  async run(command: string, timeoutMs: number): Promise<GuestAnswer> {
    if (command.includes('\n')) throw new Error('a console command is one line');
    this.received = '';
    const mark = this.type(command);
    const pattern = new RegExp(`\\nBEGIN-${mark}\\n([^]*?)\\n?END-${mark} (\\d+)\\n`);
    const match = await this.find(pattern, timeoutMs);
    if (match === null) throw new Error(`no answer to "${command}" within ${timeoutMs} ms: ${this.tail()}`);
    return { status: Number(match[2]), output: withoutPrompts(match[1] ?? '') };
  }

  /** Like `run`, but a non-zero status is an error too. Answers the output. */
  async check(command: string, timeoutMs: number): Promise<string> {
    const { status, output } = await this.run(command, timeoutMs);
    if (status !== 0) throw new Error(`in the guest, "${command}" ended with status ${status}: ${output}`);
    return output;
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  /** Types the command between marks of its own and answers what the marks have in common. */
  private type(command: string): string {
    const mark = randomBytes(6).toString('hex');
    // Control-U drops what is left on the line by an earlier, unanswered command.
    this.socket.write(
      `\x15printf '\\n%s%s\\n' BEGIN- ${mark}; { ${command}\n}; printf '\\n%s%s %d\\n' END- ${mark} $?\n`,
    );
    return mark;
  }

  /** Null when it does not come within `timeoutMs`; throws when the console is lost. */
  private async find(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray | null> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.received.replaceAll('\r', ''));
      if (match !== null) return match;
      if (this.failure !== null) throw this.failure;
      const left = end - Date.now();
      if (left <= 0) return null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = null;
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  private tail(): string {
    return JSON.stringify(this.received.slice(-300));
  }
}

/** The shell's line editor prints its prompt and asks the terminal where the cursor is, also between the lines of one command. */
function withoutPrompts(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with the escape character
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').replace(/\n$/, '');
}
