// The lists of what could be taken over, in Cinder's form: sorted by reference or size, a page at a time behind a marker that is a reference.
// Nothing of it is in a table that the database could sort, so it is sorted here. Source of the rules:
// cinder/api/contrib/resource_common_manage.py; the reference is written as a Python literal in the marker, as Cinder writes it.
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { type Link, parsePaging, parseSort } from '../shell/paging.js';
import { tryPythonLiteral } from '../shell/python-literal.js';
import { passes } from './microversions.js';

export interface Listed {
  readonly reference: { readonly 'source-name': string };
  readonly size: number;
}

/** Throws `bad_request` in Cinder's words. */
export function readHost(context: RequestContext, query: URLSearchParams): string {
  const host = query.get('host') || null;
  const cluster = passes(context, 'manageable-cluster') ? query.get('cluster') || null : null;
  if (passes(context, 'manageable-cluster') && (host === null) === (cluster === null)) {
    throw new ServiceError('bad_request', 'Invalid input received: One and only one of cluster and host must be set.');
  }
  if (host === null) {
    const text =
      cluster === null
        ? 'Invalid input received: Host field is missing.'
        : `No service found with cluster=${cluster.slice(0, 255)}`;
    throw new ServiceError('bad_request', text);
  }
  return host;
}

type Comparer = (a: Listed, b: Listed) => number;

const comparers: Readonly<Record<string, Comparer>> = {
  reference: (a, b) =>
    a.reference['source-name'] < b.reference['source-name']
      ? -1
      : Number(a.reference['source-name'] !== b.reference['source-name']),
  size: (a, b) => a.size - b.size,
};

function comparerOf(query: URLSearchParams): Comparer {
  const sorts = parseSort(query);
  const wanted = sorts.length === 0 ? [{ column: 'reference', direction: 'desc' as const }] : sorts;
  const unknown = wanted.filter(({ column }) => !Object.hasOwn(comparers, column)).map(({ column }) => column);
  if (unknown.length > 0) {
    throw new ServiceError('bad_request', `Invalid sort keys passed: ${unknown.join(', ').slice(0, 255)}`);
  }
  return (a, b) => {
    for (const { column, direction } of wanted) {
      const order = comparers[column]?.(a, b) ?? 0;
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  };
}

/** A name, or a reference as a Python literal. */
function nameInMarker(marker: string): string {
  const literal = tryPythonLiteral(marker);
  const name = literal instanceof Map ? literal.get('source-name') : marker;
  return typeof name === 'string' ? name : marker;
}

export interface ListedPage<T> {
  readonly items: readonly T[];
  readonly links: readonly Link[];
}

/** Throws `bad_request` for a marker that is none of them, an unknown sort, or a parameter that is none. */
export function pageOf<T extends Listed>(
  context: RequestContext,
  query: URLSearchParams,
  all: readonly T[],
): ListedPage<T> {
  const { limit, offset, marker } = parsePaging(query);
  const sorted = [...all].sort(comparerOf(query));
  const name = marker === null ? null : nameInMarker(marker);
  const at = name === null ? 0 : sorted.findIndex(({ reference }) => reference['source-name'] === name) + 1;
  if (name !== null && at === 0) {
    throw new ServiceError('bad_request', `Invalid input received: marker not found: ${name.slice(0, 255)}`);
  }
  const items = sorted.slice(at + offset, at + offset + limit);
  const last = items.at(-1);
  if (last === undefined || items.length < limit) return { items, links: [] };
  const next = new URLSearchParams(query);
  next.set('marker', `{'source-name': '${last.reference['source-name']}'}`);
  next.delete('offset');
  return { items, links: [{ rel: 'next', href: `${context.apiUrl}${context.path}?${next.toString()}` }] };
}
