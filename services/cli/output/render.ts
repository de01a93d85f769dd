// Turns what a command returned into the text that is printed, in the format that was asked for. Tables are for people: control
// characters are taken out there. The others are for programs and carry the data as it is.
import type { ManyResult, OneResult } from '../command.js';
import { formatTable } from './table.js';
import { printable, valueData, valueText } from './value-text.js';

export const formats = ['table', 'json', 'yaml', 'value', 'csv', 'shell'] as const;
export type Format = (typeof formats)[number];

/** Python's csv module: all values, those that need it, those that are no numbers, none. */
export const quoteModes = ['all', 'minimal', 'none', 'nonnumeric'] as const;
export type QuoteMode = (typeof quoteModes)[number];

export interface RenderOptions {
  readonly format: Format;
  /** Columns of the terminal or of --max-width; null for no limit. */
  readonly maxWidth: number | null;
  /** JSON on one line. */
  readonly compact: boolean;
  /** csv; `nonnumeric` by default. */
  readonly quote?: QuoteMode;
  /** shell; before each name. */
  readonly prefix?: string;
}

/** The text with a trailing line break; empty for an empty list in `value` form. */
export async function render(result: ManyResult | OneResult, options: RenderOptions): Promise<string> {
  switch (options.format) {
    case 'json':
      return `${JSON.stringify(plainData(result), null, options.compact ? 0 : 2)}\n`;
    case 'yaml': {
      const { stringify } = await import('yaml');
      return stringify(plainData(result));
    }
    case 'csv':
      return csvLines(result, options.quote ?? 'nonnumeric');
    case 'shell':
      return shellLines(result, options.prefix ?? '');
    case 'value':
      return valueLines(result);
    case 'table':
      return table(result, options.maxWidth);
  }
}

/** As a structure: an object for one thing, a list of objects for many. */
function plainData(result: ManyResult | OneResult): unknown {
  if (result.kind === 'one') {
    return Object.fromEntries(Object.entries(result.fields).map(([name, value]) => [name, valueData(value)]));
  }
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, index) => [column, valueData(row[index]) ?? null])),
  );
}

function table(result: ManyResult | OneResult, maxWidth: number | null): string {
  if (result.kind === 'one') {
    const rows = Object.entries(result.fields).map(([name, value]) => [name, printable(valueText(value), true)]);
    return formatTable(['Field', 'Value'], rows, { maxWidth });
  }
  if (result.reading !== undefined) return `${result.reading}\n`;
  const rows = result.rows.map((row) => row.map((value) => printable(valueText(value), true)));
  const numeric = result.columns.map(
    (_, index) => result.rows.length > 0 && result.rows.every((row) => typeof row[index] === 'number'),
  );
  return formatTable(result.columns, rows, { maxWidth }, numeric);
}

function valueLines(result: ManyResult | OneResult): string {
  const lines =
    result.kind === 'one'
      ? Object.values(result.fields).map(valueText)
      : result.rows.map((row) => row.map(valueText).join(' '));
  return lines.map((line) => `${line}\n`).join('');
}

/** Quoted as Python's csv module does; without quotes, a comma or quote in a value is escaped, so that columns stay apart. */
function csvLines(result: ManyResult | OneResult, quote: QuoteMode): string {
  const cell = (value: unknown): string => {
    const text = valueText(value);
    if (quote === 'none') return text.replace(/[\\,"\n\r]/g, (character) => `\\${character}`);
    const bare = quote === 'nonnumeric' ? typeof value === 'number' : quote === 'minimal' && !/[,"\n\r]/.test(text);
    return bare ? text : `"${text.replaceAll('"', '""')}"`;
  };
  const columns = result.kind === 'one' ? ['Field', 'Value'] : result.columns;
  const rows = result.kind === 'one' ? Object.entries(result.fields) : result.rows;
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** `name='value'` lines for `eval` in a POSIX shell: single quotes, so that nothing in a value is ever run. */
function shellLines(result: ManyResult | OneResult, prefix: string): string {
  const entries = result.kind === 'one' ? Object.entries(result.fields) : [];
  return entries
    .map(([name, value]) => {
      const variable = `${prefix}${name}`.replace(/\W/g, '_').toLowerCase();
      return `${variable}='${valueText(value).replaceAll("'", "'\\''")}'\n`;
    })
    .join('');
}
