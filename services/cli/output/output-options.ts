// The options that say how a result is printed: the same ones on every command that prints one.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { type Format, formats, quoteModes, render } from './render.js';
import { selectColumns, selectFields, sortRows } from './select-columns.js';

const shared: readonly OptionSpec[] = [
  { flags: '-c, --column <column>', about: 'column or field to show; repeat for several', repeat: true },
  { flags: '--noindent', about: 'JSON on one line' },
  { flags: '--print-empty', about: 'an empty table too (as by default)' },
  { flags: '--fit-width', about: 'as wide as the terminal (as by default on one)' },
  { flags: '--max-width <columns>', about: 'widest table (0: as wide as it gets)', integer: { min: 0, max: 10_000 } },
];

const forOne: readonly OptionSpec[] = [
  { flags: '-f, --format <format>', about: 'output format', choices: formats },
  { flags: '--prefix <text>', about: 'shell format: before each name' },
];

const forLists: readonly OptionSpec[] = [
  { flags: '-f, --format <format>', about: 'output format', choices: formats.filter((format) => format !== 'shell') },
  { flags: '--quote <what>', about: 'csv format: which values are in quotes', choices: quoteModes },
  { flags: '--sort-column <column>', about: 'column to sort by; repeat for several', repeat: true },
  { flags: '--sort-ascending', about: 'smallest first (as by default)', conflicts: ['sort-descending'] },
  { flags: '--sort-descending', about: 'largest first' },
];

/** The output options of a command. */
export function outputOptionsOf(row: CommandRow): readonly OptionSpec[] {
  if (row.output === 'one') return [...forOne, ...shared];
  return row.output === 'many' ? [...forLists, ...shared] : [];
}

/** The text to print. `terminalWidth` is null when stdout is no terminal. */
export async function printedForm(
  result: CommandResult,
  input: CommandInput,
  terminalWidth: number | null,
): Promise<string> {
  if (result.kind === 'text')
    return result.text.endsWith('\n') || result.text === '' ? result.text : `${result.text}\n`;
  const asked = input.integer('max-width');
  const options = {
    format: readFormat(input.text('format')),
    maxWidth: asked === undefined ? terminalWidth : asked === 0 ? null : asked,
    compact: input.flag('noindent'),
  };
  if (result.kind === 'one') {
    return render(selectFields(result, input.texts('column')), { ...options, prefix: input.text('prefix') ?? '' });
  }
  const sorted = sortRows(result, input.texts('sort-column'), input.flag('sort-descending'));
  const quote = quoteModes.find((mode) => mode === input.text('quote')) ?? 'nonnumeric';
  return render(selectColumns(sorted, input.texts('column')), { ...options, quote });
}

function readFormat(text: string | undefined): Format {
  const format = formats.find((name) => name === (text ?? 'table'));
  if (format === undefined) throw new UsageError(`The format must be one of ${formats.join(', ')}.`);
  return format;
}
