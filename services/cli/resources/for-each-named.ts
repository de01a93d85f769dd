// Deeds on several things: one that fails does not stop the others, each failure is said, and the whole fails if any did.
import { CliError } from '../cli-error.js';

/** Errors: CliError that names every failure. */
export async function forEachNamed(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  const failures: CliError[] = [];
  for (const name of names) {
    try {
      await act(name);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  }
  const [only] = failures;
  if (only === undefined) return;
  if (names.length === 1) throw only;
  const said = failures.map(({ message }) => message.replace(/\.?$/, '.')).join(' ');
  throw new CliError(`${failures.length} of ${names.length} failed: ${said}`, only.cure);
}
