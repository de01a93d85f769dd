// The number of terminal columns that a text takes: East Asian wide characters and most emoji take two, combining marks none.
// Ranges after Unicode's EastAsianWidth.txt (W and F), condensed; enough for aligning tables.

const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

export function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  const point = character.codePointAt(0) ?? 0;
  return wide.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Lines of at most `width` columns, broken at spaces and commas where possible. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = 0;
    for (const word of paragraph.match(/[^\s,]+,?\s*|[\s,]+/g) ?? ['']) {
      const visible = textWidth(word.trimEnd());
      if (used > 0 && used + visible > width) {
        lines.push(line.trimEnd());
        line = '';
        used = 0;
      }
      for (const character of word) {
        const size = characterWidth(character);
        if (used + size > width && character.trim() === '') continue;
        if (used + size > width && used > 0) {
          lines.push(line);
          line = '';
          used = 0;
        }
        line += character;
        used += size;
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
