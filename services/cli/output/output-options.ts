// The options that say how a result is printed: the same ones on every command that prints one.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { type Format, formats, render } from './render.js';
import { selectColumns, selectFields, sortRows } from './select-columns.js';

const shared: readonly OptionSpec[] = [
  { flags: '-f, --format <format>', about: 'output format', choices: formats },
  { flags: '-c, --column <column>', about: 'column or field to show; repeat for several', repeat: true },
  { flags: '--noindent', about: 'JSON on one line' },
  { flags: '--max-width <columns>', about: 'widest table (0: as wide as it gets)', integer: { min: 0, max: 10_000 } },
];

const forLists: readonly OptionSpec[] = [
  { flags: '--sort-column <column>', about: 'column to sort by; repeat for several', repeat: true },
  { flags: '--sort-descending', about: 'largest first' },
];

/** The output options of a command. */
export function outputOptionsOf(row: CommandRow): readonly OptionSpec[] {
  if (row.output === 'one') return shared;
  return row.output === 'many' ? [...shared, ...forLists] : [];
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
  if (result.kind === 'one') return render(selectFields(result, input.texts('column')), options);
  const sorted = sortRows(result, input.texts('sort-column'), input.flag('sort-descending'));
  return render(selectColumns(sorted, input.texts('column')), options);
}

function readFormat(text: string | undefined): Format {
  const format = formats.find((name) => name === (text ?? 'table'));
  if (format === undefined) throw new UsageError(`The format must be one of ${formats.join(', ')}.`);
  return format;
}
