// How a value looks to a person and to a script that reads plain text. Same spellings as python-openstackclient's, because scripts
// compare with them: None, True, False, key='value' pairs in order of their keys.

/** A value that people read in other words than programs: tables, values and csv have `text`, json and yaml have `data`. */
export class Worded {
  constructor(
    readonly data: unknown,
    readonly text: string,
  ) {}
}

/** What json and yaml carry of a value. */
export function valueData(value: unknown): unknown {
  return value instanceof Worded ? value.data : value;
}

/** One value as one piece of text. */
export function valueText(value: unknown): string {
  if (value instanceof Worded) return value.text;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.map(itemText).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}=${typeof item === 'string' ? `'${item}'` : itemText(item)}`)
      .join(', ');
  }
  return String(value);
}

/** Nested structures stay readable as JSON. */
function itemText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : valueText(value);
}

/**
 * What a terminal may be sent: names and descriptions come from other users, and control characters in them could repaint the screen
 * or forge lines. Line breaks stay when `lines` is set.
 */
export function printable(text: string, lines = false): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const control = lines ? /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g : /[\u0000-\u001f\u007f-\u009f]/g;
  return text.replace(control, (character) => (character === '\t' ? ' ' : character === '\n' ? '↵' : '�'));
}
