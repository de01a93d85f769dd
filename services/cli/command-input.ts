// The parsed words of one command, read by name. Asking for an option or argument that the row never declared is a defect of the
// row and throws at once, so a misspelt name cannot pass as "not given".
import { UsageError } from './cli-error.js';

export class CommandInput {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly declared: ReadonlySet<string>,
  ) {}

  /** The value of an option or argument; undefined when it was not given. */
  text(name: string): string | undefined {
    const value = this.read(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** The value of a required option or argument. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`${name} is missing.`);
    return value;
  }

  /** All values of a repeated option or argument. */
  texts(name: string): readonly string[] {
    const value = this.read(name);
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  flag(name: string): boolean {
    return this.read(name) === true;
  }

  integer(name: string): number | undefined {
    const value = this.read(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** True when any of the named options was given. */
  anyOf(...names: readonly string[]): boolean {
    return names.some((name) => {
      const value = this.read(name);
      return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
    });
  }

  /** `--property key=value` pairs. A pair without `=` or without a key is a usage error. */
  pairs(name: string): Record<string, string> {
    const pairs: Record<string, string> = {};
    for (const text of this.texts(name)) {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--${name} wants key=value, not '${text}'.`);
      pairs[text.slice(0, at)] = text.slice(at + 1);
    }
    return pairs;
  }

  private read(name: string): unknown {
    if (!this.declared.has(name)) throw new Error(`the command declares no '${name}'`);
    return this.values[name];
  }
}
