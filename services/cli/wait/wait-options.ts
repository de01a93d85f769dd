// The options of commands that can wait for what they began, and how long.
import type { OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';

const DEFAULT_SECONDS = 600;

export const waitOptions: readonly OptionSpec[] = [
  { flags: '--wait', about: 'wait until it is done; fail when it fails' },
  {
    flags: '--timeout <seconds>',
    about: `longest wait (default ${DEFAULT_SECONDS})`,
    integer: { min: 1, max: 86_400 },
  },
];

/** Milliseconds to wait at most. */
export function waitLimitMs(input: CommandInput): number {
  return (input.integer('timeout') ?? DEFAULT_SECONDS) * 1_000;
}
