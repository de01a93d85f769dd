// Reads the Python literals that OpenStack clients put into list filters: metadata={'Type': 'work'}, size=5, bootable=True.
// A real parser for the needed part of the grammar (dict, list, tuple, strings with escapes, numbers, True, False, None);
// anything else is "no literal", never evaluated. Bounded in depth and length. Pure.
// Source: "Lexical analysis" of the Python language reference; Cinder calls ast.literal_eval on the same texts.

export type PythonValue = null | boolean | number | string | PythonValue[] | Map<string, PythonValue>;

const MAX_LENGTH = 16_384;
const MAX_DEPTH = 8;

class NoLiteral extends Error {}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};
const numberPattern = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const wordPattern = /None|True|False/y;
const stringPattern = /[uU]?('|")/y;
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): PythonValue {
    const value = this.value(0);
    this.skipBlanks();
    if (this.at !== this.text.length) throw new NoLiteral();
    return value;
  }

  private skipBlanks(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }

  private tryTake(symbol: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  private value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) throw new NoLiteral();
    if (this.tryTake('{')) return this.dict(depth);
    if (this.tryTake('[')) return this.items(']', depth);
    if (this.tryTake('(')) return this.items(')', depth);
    const text = this.match(stringPattern);
    if (text !== null) return this.string(text[1] ?? '');
    const word = this.match(wordPattern);
    if (word !== null) return word[0] === 'None' ? null : word[0] === 'True';
    const number = this.match(numberPattern);
    if (number === null) throw new NoLiteral();
    return Number(number[0]);
  }

  private items(end: string, depth: number): PythonValue[] {
    const items: PythonValue[] = [];
    while (!this.tryTake(end)) {
      if (items.length > 0 && !this.tryTake(',')) throw new NoLiteral();
      if (this.tryTake(end)) break;
      items.push(this.value(depth + 1));
    }
    return items;
  }

  private dict(depth: number): Map<string, PythonValue> {
    const map = new Map<string, PythonValue>();
    while (!this.tryTake('}')) {
      if (map.size > 0 && !this.tryTake(',')) throw new NoLiteral();
      if (this.tryTake('}')) break;
      const key = this.value(depth + 1);
      if (typeof key === 'object' || !this.tryTake(':')) throw new NoLiteral();
      map.set(String(key), this.value(depth + 1));
    }
    return map;
  }

  private string(quote: string): string {
    let result = '';
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || char === '\n') throw new NoLiteral();
      this.at += 1;
      if (char === quote) return result;
      result += char === '\\' ? this.escape() : char;
    }
  }

  private escape(): string {
    const char = this.text[this.at];
    if (char === undefined) throw new NoLiteral();
    this.at += 1;
    const plain = escapes[char];
    if (plain !== undefined) return plain;
    const length = hexLengths[char];
    // Python keeps the backslash of an unknown escape.
    if (length === undefined) return `\\${char}`;
    const hex = this.text.slice(this.at, this.at + length);
    const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === length ? Number.parseInt(hex, 16) : Infinity;
    if (code > 0x10ffff) throw new NoLiteral();
    this.at += length;
    return String.fromCodePoint(code);
  }
}

/** The value of the literal, or undefined when the text is none. */
export function tryPythonLiteral(text: string): PythonValue | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return new Reader(text).whole();
  } catch (thrown) {
    if (thrown instanceof NoLiteral) return undefined;
    throw thrown;
  }
}
