// What no client should send: odd texts, numbers, shapes and keys, and small spoilings of a good value. All of it is valid JSON but for
// `rawBodies`.
import fc from 'fast-check';
import type { Json } from './schema-values.js';

export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\t\n',
  '0',
  '-1',
  '1',
  '1e3',
  '0x10',
  '١٢',
  '99999999999999999999',
  'NaN',
  'true',
  'None',
  'null',
  'undefined',
  '\u0000',
  'a\u0000b',
  '\u0001\u001f\u007f\u0085',
  '\ud800',
  '\udfffx',
  '\ufeff',
  '\u202etxt.exe',
  '😀'.repeat(64),
  'ﷺ'.repeat(255),
  'Z̸̢̛͎̲͖a̴l̷g̵o̶',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(5000),
  "'; drop table volumes; --",
  '" or 1=1',
  '%',
  '%_\\',
  '\\',
  '.*',
  '(',
  '^(a+)+$',
  '../../etc/passwd',
  '/dev/null',
  'a/b',
  '..',
  '{}',
  '[]',
  "{'a': 'b'}",
  '{"a":1}',
  '<is> True',
  '<or>',
  's== x',
  '$1',
  '%{x}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '{00000000-0000-4000-8000-000000000000}',
  '00000000000000000000000000000000',
  '2026-02-30T25:61:61',
  '0000-00-00',
  '+999999-01-01T00:00:00Z',
  '1970-01-01',
  'created_at',
  'gt:2020-01-01,lt:x',
  'host@backend#pool',
  '#',
  '@',
];

const oddNumbers = [
  0,
  -0,
  -1,
  1,
  0.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 63),
  2 ** 64,
  1e21,
  1e308,
  5e-324,
];

/** `§` at the front becomes `__` on the wire: no JavaScript object can carry the key `__proto__` as data. */
export const oddKeys: readonly string[] = [
  '§proto__',
  'constructor',
  'toString',
  'length',
  '',
  'x'.repeat(300),
  'a.b',
  '\u0000',
];

function deep(levels: number): Json {
  let value: Json = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const shapes: readonly Json[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  { '': '' },
  deep(8),
  deep(31),
  deep(200),
  Array.from({ length: 300 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, 'v'])),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...oddTexts) },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

export const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom(...oddNumbers) },
  { weight: 3, arbitrary: fc.constantFrom(...shapes) },
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

/** Bodies that are no JSON, or no object, or not quite what they seem. */
export const rawBodies: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    '}',
    'null',
    '[]',
    '""',
    '0',
    '{"a":1,}',
    '{"a":1,"a":2}',
    '\ufeff{}',
    '{}{}',
    "{'a':1}",
    '\u0000',
  ),
  fc.constantFrom('{"volume":', '{"volume":{}}', '{"volume":[]}', '{"os-extend":null,"os-reserve":null}', '{"":{}}'),
  hostileText,
);

export interface Spoiling {
  readonly kind: 'replace' | 'remove' | 'add' | 'as-text' | 'in-list';
  /** Which place of the value, counted through it. */
  readonly place: number;
  readonly value: Json;
  readonly key: string;
}

export const spoilings: fc.Arbitrary<Spoiling[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('replace', 'replace', 'remove', 'add', 'as-text', 'in-list'),
    place: fc.nat(1000),
    value: hostileValue,
    key: fc.oneof(fc.constantFrom(...oddKeys), fc.constant('unknown')),
  }) as fc.Arbitrary<Spoiling>,
  { minLength: 1, maxLength: 2 },
);

interface Place {
  readonly holder: Record<string, Json> | Json[];
  readonly key: string;
}

function places(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const holder = value as Record<string, Json>;
    return [{ holder, key }, ...places(holder[key] ?? null)];
  });
}

function addTo(holder: Record<string, Json> | Json[], key: string, value: Json): void {
  if (Array.isArray(holder)) holder.push(value);
  else holder[key] = value;
}

function spoilOnce(root: Json, { kind, place, value, key }: Spoiling): Json {
  const all = places(root);
  const at = all[place % Math.max(all.length, 1)];
  if (at === undefined) return value;
  const holder = at.holder as Record<string, Json>;
  const present = holder[at.key] ?? null;
  if (kind === 'replace') holder[at.key] = value;
  else if (kind === 'remove') delete holder[at.key];
  else if (kind === 'as-text') holder[at.key] = typeof present === 'object' ? JSON.stringify(present) : String(present);
  else if (kind === 'in-list') holder[at.key] = [present];
  else if (typeof present === 'object' && present !== null) addTo(present, key, value);
  else addTo(at.holder, key, value);
  return root;
}

/** The value with some places changed; the given one is left alone. */
export function spoil(value: Json, changes: readonly Spoiling[]): Json {
  // Values are shared between changes and requests, and a second change may reach into what the first put in.
  return changes.reduce((root, change) => spoilOnce(root, structuredClone(change)), structuredClone(value));
}

/** JSON as it goes over the wire. */
export function wireText(value: Json): string {
  return JSON.stringify(value).replaceAll('"§proto__"', '"__proto__"');
}
