// Writes a JSON value the way Python prints it, because Cinder's messages quote values so ('abc' is not of type 'integer').
// Cut to a bounded length: a message must not echo a megabyte. Pure.

const MAX_LENGTH = 256;

function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function repr(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quote(value.slice(0, MAX_LENGTH));
  if (typeof value !== 'object') return String(value);
  if (depth > 4) return '...';
  if (Array.isArray(value))
    return `[${value
      .slice(0, 20)
      .map((item) => repr(item, depth + 1))
      .join(', ')}]`;
  const entries = Object.entries(value).slice(0, 20);
  return `{${entries.map(([key, item]) => `${quote(key.slice(0, MAX_LENGTH))}: ${repr(item, depth + 1)}`).join(', ')}}`;
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

/** Like Python's repr(): strings in quotes. */
export function pythonRepr(value: unknown): string {
  return cut(repr(value, 0));
}

/** Like Python's str(): a bare string stays bare. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? cut(value) : pythonRepr(value);
}
