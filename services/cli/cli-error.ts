// The two ways in which the client ends unhappily: the deed failed (exit code 1), or the command line was wrong (exit code 2).
// Both are printed as one line that says what happened and, in `cure`, what to do. Never carries a stack to the terminal.

export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly exitCode: number = 1;
  /** What the person can do about it; empty when the message says it all. */
  readonly cure: string;

  constructor(message: string, cure = '', options: ErrorOptions = {}) {
    super(message, options);
    this.cure = cure;
  }
}

/** The command line itself is wrong: unknown command, missing option, value out of range. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** An API answered with a fault. `status` decides the cure; `fault` is the server's own text. */
export class ApiError extends CliError {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly fault: string,
    cure: string,
    readonly requestId: string | null,
  ) {
    super(`${fault.trim()} (HTTP ${status}${requestId === null ? '' : `, ${requestId}`})`, cure);
  }
}

/** True for a fault with the given HTTP status. */
export function isApiError(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
