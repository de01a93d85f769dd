// Which columns or fields are shown (`-c`) and in which order the rows are (`--sort-column`). Names are matched without regard to
// case, and `_` equals a space, so that `-c id` and `-c created_at` work on both lists and single things.
import { UsageError } from '../cli-error.js';
import type { ManyResult, OneResult } from '../command.js';
import { valueText } from './value-text.js';

function normal(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ');
}

function indexOfColumn(wanted: string, columns: readonly string[]): number {
  const index = columns.findIndex((column) => normal(column) === normal(wanted));
  if (index < 0) throw new UsageError(`There is no column '${wanted}'.`, `There are: ${columns.join(', ')}`);
  return index;
}

/** The list with only the wanted columns, in the order in which they were asked for. */
export function selectColumns(result: ManyResult, wanted: readonly string[]): ManyResult {
  if (wanted.length === 0) return result;
  const indexes = wanted.map((name) => indexOfColumn(name, result.columns));
  return {
    kind: 'many',
    columns: indexes.map((index) => result.columns[index] ?? ''),
    rows: result.rows.map((row) => indexes.map((index) => row[index])),
  };
}

export function selectFields(result: OneResult, wanted: readonly string[]): OneResult {
  if (wanted.length === 0) return result;
  const names = Object.keys(result.fields);
  const chosen = wanted.map((name) => names[indexOfColumn(name, names)] ?? '');
  return { kind: 'one', fields: Object.fromEntries(chosen.map((name) => [name, result.fields[name]])) };
}

/** Sorted by the columns, the first one first; numbers by value, the rest as text; missing values at the end. */
export function sortRows(result: ManyResult, by: readonly string[], descending: boolean): ManyResult {
  if (by.length === 0) return result;
  const indexes = by.map((name) => indexOfColumn(name, result.columns));
  const rows = [...result.rows].sort((a, b) => {
    for (const index of indexes) {
      const order = compare(a[index], b[index]);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  return { kind: 'many', columns: result.columns, rows };
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [valueText(a), valueText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
