// Turns what a command returned into the text that is printed, in the format that was asked for. Tables are for people: control
// characters are taken out there. json, yaml, csv and value are for programs and carry the data as it is.
import type { ManyResult, OneResult } from '../command.js';
import { formatTable } from './table.js';
import { printable, valueText } from './value-text.js';

export const formats = ['table', 'json', 'yaml', 'value', 'csv'] as const;
export type Format = (typeof formats)[number];

export interface RenderOptions {
  readonly format: Format;
  /** Columns of the terminal or of --max-width; null for no limit. */
  readonly maxWidth: number | null;
  /** JSON on one line. */
  readonly compact: boolean;
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
      return csvLines(result);
    case 'value':
      return valueLines(result);
    case 'table':
      return table(result, options.maxWidth);
  }
}

/** As a structure: an object for one thing, a list of objects for many. */
function plainData(result: ManyResult | OneResult): unknown {
  if (result.kind === 'one') return result.fields;
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, index) => [column, row[index] ?? null])),
  );
}

function table(result: ManyResult | OneResult, maxWidth: number | null): string {
  if (result.kind === 'one') {
    const rows = Object.entries(result.fields).map(([name, value]) => [name, printable(valueText(value), true)]);
    return formatTable(['Field', 'Value'], rows, { maxWidth });
  }
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

/** Text is quoted, numbers are not (Python's QUOTE_NONNUMERIC), so that readers tell them apart. */
function csvLines(result: ManyResult | OneResult): string {
  const cell = (value: unknown): string =>
    typeof value === 'number' ? String(value) : `"${valueText(value).replaceAll('"', '""')}"`;
  const columns = result.kind === 'one' ? ['Field', 'Value'] : result.columns;
  const rows = result.kind === 'one' ? Object.entries(result.fields) : result.rows;
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
