// Comma-separated values with a line of titles, as databases export them: quotes doubled inside quotes, and NULL written as nothing, `NULL` or
// `\N`. Pure.
import { UsageError } from '../cli-error.js';

export type CsvRow = Readonly<Record<string, string | null>>;

/** Throws UsageError for a quote that does not end, and for a line with more values than titles. */
export function parseCsv(text: string): CsvRow[] {
  const [titles, ...lines] = splitRecords(text.replace(/^\uFEFF/, ''));
  if (titles === undefined) return [];
  return lines.map((values, index) => {
    if (values.length > titles.length)
      throw new UsageError(`Line ${index + 2} has more values than the first line has titles.`);
    return Object.fromEntries(titles.map((title, column) => [(title ?? '').trim(), values[column] ?? null]));
  });
}

function splitRecords(text: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  const value = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (value.lastIndex < text.length) {
    const match = value.exec(text);
    if (match === null) throw new UsageError('The file is no CSV: a quote does not end.');
    const [, quoted, plain = '', end] = match;
    const bare = plain === '' || plain === 'NULL' || plain === '\\N' ? null : plain;
    record.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ',') {
      if (value.lastIndex === text.length) record.push(null);
      else continue;
    }
    if (record.some((one) => one !== null)) records.push(record);
    record = [];
  }
  return records;
}
