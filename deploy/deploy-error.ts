// The error of everything under deploy/: it always tells what happened, why, and what to do, because it is read by a person who
// has just typed one command. Nothing here may print secrets.

export class DeployError extends Error {
  override readonly name = 'DeployError';

  constructor(
    readonly what: string,
    readonly why: string,
    readonly cure: string,
    options?: ErrorOptions,
  ) {
    super(`${what}: ${why}`, options);
  }
}

/** Up to three lines for a terminal. */
export function describeFailure(error: unknown): string {
  if (error instanceof DeployError) {
    return [`saggar: ${error.what}`, `  why: ${error.why}`, `  what to do: ${error.cure}`].join('\n');
  }
  return `saggar: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
