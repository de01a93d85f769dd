// What of an answer is compared, reduced so that two services with other ids, clocks and addresses can be held against each other, and
// so that a recording stays small: status, headers, the kind of body, keys with the JSON types of their values, the fault, the text.

/** Path (`volumes[].id`) -> JSON types seen there, joined by `|`. */
export type Shape = Readonly<Record<string, string>>;

export interface Seen {
  readonly status: number;
  /** Lower-case names; `present` where the value is nobody's business. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: 'none' | 'json' | 'text';
  /** Of JSON that is no fault. */
  readonly shape: Shape;
  /** Path with indexes -> scalar in its comparable form. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `badRequest 400`, of an answer with a fault. */
  readonly fault: string | null;
  readonly message: string | null;
  /** What the wait after the answer saw last, when it was not what was waited for. */
  readonly unsettled: string | null;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Cinder repeats what it was sent; the rest of such a text says nothing more. */
const LONGEST_TEXT = 240;

const whole = ['openstack-api-version', 'vary', 'retry-after'];
const presence = ['x-openstack-request-id', 'x-compute-request-id', 'www-authenticate', 'location', 'etag', 'allow'];

function seenHeaders(headers: Headers, hasBody: boolean): Record<string, string> {
  const seen: Record<string, string> = {};
  const type = headers.get('content-type');
  // Without a body the type says nothing; the two services differ there by their web frameworks alone.
  if (hasBody && type !== null) seen['content-type'] = type.replace(/;.*$/, '');
  for (const name of whole) {
    const value = headers.get(name);
    if (value !== null) seen[name] = value;
  }
  for (const name of presence) if (headers.has(name)) seen[name] = 'present';
  return seen;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

type Visit = (path: string, indexed: string, value: unknown) => void;

function walk(value: unknown, path: string, indexed: string, visit: Visit): void {
  if (Array.isArray(value)) {
    visit(path, indexed, value);
    value.forEach((item: unknown, index) => {
      walk(item, `${path}[]`, `${indexed}[${index}]`, visit);
    });
    return;
  }
  if (typeof value === 'object' && value !== null) {
    visit(path, indexed, value);
    for (const [key, item] of Object.entries(value)) {
      const dot = path === '' ? key : `${path}.${key}`;
      walk(item, dot, indexed === '' ? key : `${indexed}.${key}`, visit);
    }
    return;
  }
  visit(path, indexed, value);
}

/** Ids, times and addresses become words; `known` are this side's placeholders, so an id that was kept stays recognisable. */
export function comparable(text: string, known: ReadonlyMap<string, string>, origin: string): string {
  let plain = text.replaceAll(origin, '<url>');
  for (const [name, value] of known) if (value.length > 6) plain = plain.replaceAll(value, `{${name}}`);
  return plain
    .replace(/req-[0-9a-f]{8}-[0-9a-f-]{27}/g, '<request>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?/g, (_, fraction?: string) =>
      fraction === undefined ? '<time>' : '<time.us>',
    )
    .replace(/\b[0-9a-f]{32}\b/g, '<hex>');
}

function faultOf(body: unknown): { fault: string; message: string } | null {
  if (typeof body !== 'object' || body === null) return null;
  const plain = body as Record<string, unknown>;
  if (typeof plain['code'] === 'string' && typeof plain['message'] === 'string')
    return { fault: `unrouted ${plain['code']}`, message: plain['message'] };
  for (const [name, content] of Object.entries(plain)) {
    const { code, message } = Object(content) as { code?: unknown; message?: unknown };
    if (typeof code === 'number' && typeof message === 'string') {
      const keys = Object.keys(Object(content) as object).sort();
      return { fault: `${name} ${code} {${keys.join(',')}}`, message };
    }
  }
  return null;
}

function tryParse(text: string): { readonly json: unknown } | null {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

export function reduce(
  answer: RawAnswer,
  known: ReadonlyMap<string, string>,
  origin: string,
  unsettled: string | null,
): Seen {
  const parsed = answer.text === '' ? null : tryParse(answer.text);
  const found = answer.status >= 400 && parsed !== null ? faultOf(parsed.json) : null;
  const shape = new Map<string, Set<string>>();
  const values: Record<string, unknown> = {};
  if (parsed !== null && found === null) {
    walk(parsed.json, '', '', (path, indexed, value) => {
      const types = shape.get(path) ?? new Set();
      types.add(Array.isArray(value) ? 'array' : typeName(value));
      shape.set(path, types);
      // Of a list the first item speaks for all: which others there are is the same question again.
      if (/\[[1-9]\d*\]/.test(indexed)) return;
      if (typeof value !== 'object' || value === null)
        values[indexed] = typeof value === 'string' ? comparable(value, known, origin) : value;
      else if (Array.isArray(value)) values[`${indexed}.length`] = value.length;
    });
  }
  return {
    status: answer.status,
    headers: seenHeaders(answer.headers, answer.text !== ''),
    body: answer.text === '' ? 'none' : parsed === null ? 'text' : 'json',
    // Sorted, so that rows in another order do not change the recording.
    shape: Object.fromEntries([...shape].map(([path, types]) => [path, [...types].sort().join('|')] as const).sort()),
    values,
    fault: found?.fault ?? null,
    message: found === null ? null : comparable(found.message, known, origin).slice(0, LONGEST_TEXT),
    unsettled,
  };
}
