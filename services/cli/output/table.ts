// Tables in the form that OpenStack's users know, fitted to a width: columns that are narrow keep their size, the wide ones share
// what is left and wrap. Pure; knows nothing of terminals.
import { textWidth, wrapText } from './text-width.js';

export interface TableOptions {
  /** Columns of the whole table; null for no limit. */
  readonly maxWidth: number | null;
}

const NARROWEST = 8;

/** The table with a trailing line break. Numbers are set to the right when `rightAligned` says so for their column. */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
  rightAligned: readonly boolean[] = [],
): string {
  const wished = columns.map((title, index) =>
    Math.max(
      textWidth(title),
      1,
      ...rows.map((row) => Math.max(...(row[index] ?? '').split('\n').map((line) => textWidth(line)))),
    ),
  );
  const widths = options.maxWidth === null ? wished : fitWidths(wished, options.maxWidth);
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const body = rows.map((row) => formatRow(row, widths, rightAligned)).join('');
  return `${rule}${formatRow(columns, widths, [])}${rule}${body}${rows.length > 0 ? rule : ''}`;
}

function formatRow(cells: readonly string[], widths: readonly number[], rightAligned: readonly boolean[]): string {
  const wrapped = widths.map((width, index) => wrapText(cells[index] ?? '', width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  let text = '';
  for (let line = 0; line < height; line += 1) {
    const parts = widths.map((width, index) => {
      const piece = wrapped[index]?.[line] ?? '';
      const padding = ' '.repeat(Math.max(0, width - textWidth(piece)));
      return rightAligned[index] === true ? ` ${padding}${piece} ` : ` ${piece}${padding} `;
    });
    text += `|${parts.join('|')}|\n`;
  }
  return text;
}

/** Takes from the widest columns until all fits; none gets narrower than 8 (or than it wished). */
export function fitWidths(wished: readonly number[], maxWidth: number): number[] {
  const room = maxWidth - 1 - 3 * wished.length;
  let low = NARROWEST;
  let high = Math.max(...wished, NARROWEST);
  const total = (cap: number): number => wished.reduce((sum, width) => sum + Math.min(width, cap), 0);
  if (total(high) <= room) return [...wished];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (total(middle) <= room) low = middle;
    else high = middle - 1;
  }
  const widths = wished.map((width) => Math.min(width, low));
  let spare = room - widths.reduce((sum, width) => sum + width, 0);
  for (const [index, width] of wished.entries()) {
    const now = widths[index] ?? 0;
    const more = Math.min(spare, width - now);
    if (more <= 0) continue;
    widths[index] = now + more;
    spare -= more;
  }
  return widths;
}
