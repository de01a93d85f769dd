// One arbitrary request for every operation of an API: a path of known and odd ids, a query of known and odd names and values, a body that
// fits, nearly fits or does not, somebody who asks, and a version.
import fc from 'fast-check';
import { hostileText, hostileValue, oddTexts, rawBodies, spoil, spoilings, wireText } from './hostile-values.js';
import type { OpenApi, Operation } from './operations.js';
import { type Json, type KnownValues, SchemaValues } from './schema-values.js';

export interface PlannedRequest {
  readonly operation: Operation;
  /** Below the host, with the API's prefix and the query. */
  readonly url: string;
  /** The path below the API's prefix. */
  readonly path: string;
  readonly as: string;
  readonly version: string | null;
  readonly body: string | null;
  readonly contentType: string | null;
}

export interface Asker {
  readonly prefix: string;
  readonly document: OpenApi;
  readonly people: readonly string[];
  readonly versions: readonly string[];
  /** By name of parameter or property, read at the moment of asking. */
  readonly known: KnownValues;
}

/** Names that lists filter by in one API or another, and names that nobody knows. */
const filterNames = [
  'limit',
  'offset',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'all_tenants',
  'with_count',
  'name',
  'name~',
  'status',
  'metadata',
  'bootable',
  'size',
  'created_at',
  'updated_at',
  'availability_zone',
  'volume_id',
  'project_id',
  'host',
  'is_public',
  'extra_specs',
  'consumes_quota',
  'group_id',
  'id',
  'user_id',
  'force',
  'cascade',
  'detail',
  'unknown',
  '__proto__',
  'constructor',
  '',
  'x[]',
  'a.b',
];

const plainValues = [
  '1',
  '0',
  '2',
  '1000',
  'true',
  'false',
  'True',
  'name:asc',
  'created_at:desc',
  'id',
  'desc',
  'available',
  "{'a': 'b'}",
];

const queryValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...plainValues) },
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  hostileText,
);

/** encodeURIComponent throws on lone surrogates; on the wire they are bytes that no text has. */
export function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}

function queryOf(operation: Operation): fc.Arbitrary<string> {
  const names = operation.query.length > 0 ? [...operation.query, ...operation.query, ...filterNames] : filterNames;
  const pair = fc
    .tuple(fc.constantFrom(...names), queryValue)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`);
  const repeated = pair.map((one) => `${one}&${one}`);
  const some = fc.array(
    fc.oneof({ weight: 8, arbitrary: pair }, repeated, fc.constantFrom('&', 'a', '=', '%', '%zz', '?', ';')),
    {
      maxLength: 3,
    },
  );
  const isList = operation.method === 'GET';
  return fc.oneof(
    { weight: isList ? 1 : 4, arbitrary: fc.constant('') },
    {
      weight: isList ? 4 : 1,
      arbitrary: some.map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&').slice(0, 6000)}`)),
    },
  );
}

/** Long texts would be refused by the HTTP parser (431), which is not what is tested. */
const oddSegment = fc.oneof(
  fc.uuid(),
  hostileText.map((text) => text.slice(0, 300)),
);

function pathOf(operation: Operation, known: KnownValues): fc.Arbitrary<string> {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const segment = (name: string): fc.Arbitrary<string> => {
    const values = known(name);
    if (values.length === 0) return oddSegment;
    return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...values) }, oddSegment);
  };
  return fc
    .tuple(...names.map(segment))
    .map((values) =>
      names.reduce(
        (path, name, index) => path.replace(`{${name}}`, () => percentEncoded(values[index] ?? '')),
        operation.path,
      ),
    );
}

interface Sent {
  readonly body: string | null;
  readonly contentType: string | null;
}

function bodyOf(operation: Operation, values: SchemaValues): fc.Arbitrary<Sent> {
  const json = (value: Json): Sent => ({ body: wireText(value), contentType: 'application/json' });
  if (operation.body === null) {
    const unasked = hostileValue.map(json);
    return fc.oneof({ weight: 12, arbitrary: fc.constant({ body: null, contentType: null }) }, unasked);
  }
  const fitting = values.of(operation.body);
  return fc.oneof(
    { weight: 9, arbitrary: fitting.map(json) },
    { weight: 8, arbitrary: fc.tuple(fitting, spoilings).map(([value, changes]) => json(spoil(value, changes))) },
    { weight: 1, arbitrary: hostileValue.map(json) },
    { weight: 1, arbitrary: rawBodies.map((body) => ({ body, contentType: 'application/json' })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fitting, fc.constantFrom('text/plain', 'application/xml', 'application/json; charset=x', ''))
        .map(([value, contentType]) => ({ body: wireText(value), contentType })),
    },
  );
}

function versionOf({ versions }: Asker): fc.Arbitrary<string | null> {
  if (versions.length === 0) return fc.constant(null);
  const odd = fc.constantFrom('latest', '99.99', '3', 'x', '', '3.01', '-1.0');
  const newest = fc.constantFrom(versions.at(-1) ?? '');
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...versions) },
    { weight: 4, arbitrary: newest },
    odd,
    fc.constant(null),
  );
}

/** A request for the operation; made anew after the known ids have changed. */
export function requestOf(operation: Operation, asker: Asker): fc.Arbitrary<PlannedRequest> {
  const values = new SchemaValues(asker.document, asker.known);
  const people = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...asker.people) },
    fc.constantFrom('', 'nobody', '\u00e4', 'x'.repeat(300)),
  );
  return fc
    .tuple(pathOf(operation, asker.known), queryOf(operation), bodyOf(operation, values), people, versionOf(asker))
    .map(([path, query, sent, as, version]) => ({
      operation,
      path,
      url: `${asker.prefix}${path}${query}`,
      as,
      version,
      ...sent,
    }));
}
