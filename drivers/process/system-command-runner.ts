// Runs real programs. Each gets its own process group (setsid), is killed as a group, and cannot outlive this process
// (`setpriv --pdeathsig`, util-linux): a copy that went on after its worker died would write beside the worker's successor.
// A killed program that hangs in the kernel (a FUSE request nobody answers cannot be interrupted) is abandoned after a short
// wait: the caller gets its answer in time, and the process goes when the kernel lets it. Not one that writes to a layer (`awaitDeath`): its
// last write would come to light beside the guest that was let in meanwhile.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ServiceError } from '../../services/core/domain/errors.js';
import {
  type Argv,
  type CommandResult,
  type CommandRunner,
  describeArgv,
  type RunOptions,
  type ToolUser,
} from './command-runner.js';
import { SecretFile } from './secret-file.js';
import { findUnstatedFormat } from './stated-formats.js';

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
/** How long a killed program may take to disappear before it is abandoned. */
const ABANDON_AFTER_MS = 2_000;
/** How long after exit inherited pipes may stay open (a daemon that the program left behind). */
const DRAIN_AFTER_EXIT_MS = 500;

const baseEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/',
  LC_ALL: 'C',
} as const;

export const systemCommandRunner: CommandRunner = { run: runProgram };

/**
 * Puts limits, the user and the death signal in front of the program; both tools exec it, so its pid stays the child's and nothing more
 * runs. In this order: the death signal is lost when the user changes after it was set. Source: prctl(2), PR_SET_PDEATHSIG.
 */
export function wrapArgv(argv: Argv, options: Pick<RunOptions, 'limits' | 'dieWithParent' | 'user' | 'secrets'>): Argv {
  const prefix: string[] = [];
  const { cpuSeconds, addressSpaceBytes } = options.limits ?? {};
  const coreBytes = (options.secrets ?? []).length > 0 ? 0 : options.limits?.coreBytes;
  if (cpuSeconds !== undefined || addressSpaceBytes !== undefined || coreBytes !== undefined) {
    prefix.push('prlimit');
    if (coreBytes !== undefined) prefix.push(`--core=${Math.ceil(coreBytes)}`);
    if (cpuSeconds !== undefined) prefix.push(`--cpu=${Math.ceil(cpuSeconds)}`);
    if (addressSpaceBytes !== undefined) prefix.push(`--as=${Math.ceil(addressSpaceBytes)}`);
    prefix.push('--');
  }
  const user = options.user === undefined ? [] : userArguments(options.user);
  const death = options.dieWithParent === false ? [] : ['--pdeathsig', 'KILL'];
  if (user.length + death.length > 0) prefix.push('setpriv', ...user, ...death, '--');
  const [first, ...rest] = [...prefix, ...argv];
  return [first ?? argv[0], ...rest];
}

function userArguments({ uid, gid, groups }: ToolUser): readonly string[] {
  const more = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  return [`--reuid=${uid}`, `--regid=${gid}`, more, '--no-new-privs'];
}

function runProgram(argv: Argv, options: RunOptions): Promise<CommandResult> {
  if (options.signal?.aborted === true) return Promise.reject(cancelled(argv));
  const unstated = findUnstatedFormat(argv);
  if (unstated !== null) return Promise.reject(notStated(argv, unstated));
  const [program, ...args] = wrapArgv(argv, options);
  const secrets = (options.secrets ?? []).map((secret) => new SecretFile(secret, options.user));
  const start = () =>
    spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: { ...baseEnvironment, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...secrets.map(({ fd }) => fd)],
      detached: true,
      shell: false,
    }) as Child;
  if (secrets.length === 0) return superviseProgram(start(), argv, options);
  return superviseProgram(start(), argv, options).finally(() => {
    for (const secret of secrets) secret.empty();
  });
}

function superviseProgram(child: Child, argv: Argv, options: RunOptions): Promise<CommandResult> {
  const cap = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  const stdout = new CappedText(cap);
  const stderr = new CappedText(cap);
  return new Promise((resolve, reject) => {
    let killReason: ServiceError | null = null;
    let settled = false;
    const timers: NodeJS.Timeout[] = [];
    const later = (ms: number, act: () => void) => timers.push(setTimeout(act, ms));

    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const kill = (reason: ServiceError) => {
      if (killReason !== null || settled) return;
      killReason = reason;
      killGroup(child.pid);
      if (options.awaitDeath === true) return;
      later(ABANDON_AFTER_MS, () => settle(() => abandon(child, () => reject(reason))));
    };
    const onAbort = () => kill(cancelled(argv));
    const onEnd = (exitCode: number | null, killedBy: string | null) => {
      settle(() => {
        if (killReason !== null) reject(killReason);
        else
          resolve({
            exitCode,
            killedBy,
            stdout: stdout.end(),
            stderr: stderr.end(),
            truncated: stdout.cut || stderr.cut,
          });
      });
    };

    child.once('error', (cause) => settle(() => reject(notStarted(argv, cause))));
    child.once('exit', (exitCode, killedBy) => {
      later(DRAIN_AFTER_EXIT_MS, () => abandon(child, () => onEnd(exitCode, killedBy)));
    });
    child.once('close', onEnd);
    child.stdout.on('data', (piece: Buffer) => {
      if (options.onStdoutBytes !== undefined) {
        options.onStdoutBytes(piece);
        return;
      }
      const text = stdout.push(piece);
      options.onStdout?.(text);
    });
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    if (options.input !== undefined && child.stdin !== null) {
      child.stdin.on('error', () => undefined); // the program may end without reading all of its input
      child.stdin.end(options.input);
    }
    options.signal?.addEventListener('abort', onAbort, { once: true });
    later(options.timeoutMs, () => kill(timedOut(argv, options.timeoutMs)));
  });
}

/** Keeps the first `cap` bytes as text; pieces may be split inside a character. */
class CappedText {
  cut = false;
  private text = '';
  private kept = 0;
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly cap: number) {}

  push(piece: Buffer): string {
    const text = this.decoder.write(piece);
    if (this.kept < this.cap) this.text += text.slice(0, this.cap - this.kept);
    this.kept += text.length;
    if (this.kept > this.cap) this.cut = true;
    return text;
  }

  end(): string {
    return this.text;
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group is gone already
  }
}

function abandon(child: Child, next: () => void): void {
  child.stdout.destroy();
  child.stderr.destroy();
  child.stdin?.destroy();
  child.unref();
  next();
}

function cancelled(argv: Argv): ServiceError {
  return new ServiceError('cancelled', 'The work was cancelled.', { context: { argv: describeArgv(argv) } });
}

function timedOut(argv: Argv, timeoutMs: number): ServiceError {
  return new ServiceError('deadline_exceeded', 'A storage command did not end in time.', {
    context: { argv: describeArgv(argv), timeoutMs },
  });
}

function notStarted(argv: Argv, cause: unknown): ServiceError {
  return new ServiceError('internal', 'A storage command could not be started.', {
    context: { argv: describeArgv(argv) },
    cause,
  });
}

function notStated(argv: Argv, reason: string): ServiceError {
  return new ServiceError('internal', 'A storage command does not say what it reads.', {
    context: { argv: describeArgv(argv), reason },
  });
}
