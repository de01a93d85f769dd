// Reads the tables that python-cinderclient prints (prettytable): a header, rows, and cells that go on in the next line.

export type TableRow = Readonly<Record<string, string>>;

/** Rows of all tables of the text, keyed by column. A line whose first cell is empty goes on with the row above it. */
export function parseClientTables(text: string): readonly TableRow[] {
  const rows: Record<string, string>[] = [];
  let columns: readonly string[] | null = null;
  let rules = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('+-')) {
      // Three rules each: above the header, below it, and below the last row.
      rules = (rules % 3) + 1;
      if (rules === 1) columns = null;
      continue;
    }
    if (!line.startsWith('|')) continue;
    const cells = line
      .slice(1, line.lastIndexOf('|'))
      .split(' | ')
      .map((cell) => cell.trim());
    if (columns === null) {
      columns = cells;
      continue;
    }
    const above = rows.at(-1);
    if (cells[0] === '' && above !== undefined) {
      for (const [at, column] of columns.entries()) {
        const more = cells[at] ?? '';
        if (more !== '') above[column] = `${above[column] ?? ''}\n${more}`;
      }
    } else {
      rows.push(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])));
    }
  }
  return rows;
}

/** The fields of the first thing that tables of two columns, names and values, tell. */
export function fieldsOfTable(rows: readonly TableRow[]): TableRow {
  const fields: Record<string, string> = {};
  for (const row of rows) {
    const [name, value] = Object.values(row);
    if (name !== undefined) fields[name] ??= value ?? '';
  }
  return fields;
}
