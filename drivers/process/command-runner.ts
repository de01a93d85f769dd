// The one seam to the operating system's programs: everything that starts a program does it through `CommandRunner`.
// An argument vector is given, never a shell line; the environment is empty but for PATH, HOME and LC_ALL=C, so that output is
// the same everywhere. Every run has a time limit and can be aborted; both kill the whole process group.
// A program that ended, with whatever exit code, is a result; a program that was killed by us, or could not be started, is an
// error. Callers must never read success from the exit code alone where a witness can be asked.

import type { Passphrase } from '../key-store/key-store.js';

export type Argv = readonly [string, ...string[]];

export interface ResourceLimits {
  /** CPU seconds; the kernel kills the program when they are used up. */
  readonly cpuSeconds?: number;
  /** Bytes of address space. */
  readonly addressSpaceBytes?: number;
  /** Bytes of a core dump; always 0 for a program that is given secrets. */
  readonly coreBytes?: number;
}

/** Who a program runs as; only for a worker that is root. It can never become root again. */
export interface ToolUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

export interface RunOptions {
  /** Wall-clock limit in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Working directory; '/' when not given, so that no share is ever held by a working directory. */
  readonly cwd?: string;
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes kept of each of stdout and stderr (default 1 MiB); the rest is read and dropped. */
  readonly maxOutputBytes?: number;
  readonly limits?: ResourceLimits;
  /** This process's own user when not given. */
  readonly user?: ToolUser;
  /** Called with each piece of stdout as it arrives, decoded as UTF-8. */
  readonly onStdout?: (text: string) => void;
  /** Called with each piece of stdout as it arrives, which is then neither decoded nor kept. */
  readonly onStdoutBytes?: (piece: Uint8Array) => void;
  /** Written to stdin, which is closed otherwise. */
  readonly input?: string | Uint8Array;
  /** What the program may read as /dev/fd/3, /dev/fd/4, ...: from memory, by files that have no name and are empty once it has ended. */
  readonly secrets?: readonly Passphrase[];
  /** The program is killed when this process dies (default true), so that no orphan writes beside its successor. */
  readonly dieWithParent?: boolean;
  /**
   * Of a program that writes to an image that others may use next: a run that is killed is not over before the program has gone, however long the
   * kernel holds it. Default false: it is abandoned after two seconds.
   */
  readonly awaitDeath?: boolean;
}

export interface CommandResult {
  /** null when a signal ended the program. */
  readonly exitCode: number | null;
  readonly killedBy: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

export interface CommandRunner {
  /**
   * Runs a program to its end.
   * Errors: `deadline_exceeded` (time limit), `cancelled` (signal), `internal` (could not be started).
   */
  run(argv: Argv, options: RunOptions): Promise<CommandResult>;
}

/** The argument vector as one line, for logs and fault rules only; never for a shell. */
export function describeArgv(argv: Argv): string {
  return argv.map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}
