// Paging, sorting and next links of lists, in the parameters that all OpenStack block-storage clients send.
// Source: cinder/api/common.py (get_pagination_params, get_sort_params, _get_next_link).
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';

/** More than this is cut. Cinder: osapi_max_limit. */
export const maxLimit = 1000;
const MAX_INTEGER = 2 ** 31 - 1;

export interface Paging {
  readonly limit: number;
  readonly offset: number;
  readonly marker: string | null;
}

/** Cinder's words for each. */
const countTexts = {
  limit: { kind: 'limit param must be an integer', sign: 'limit param must be positive' },
  offset: { kind: 'offset must be an integer', sign: 'offset must be >= 0' },
} as const;

function parseCount(name: keyof typeof countTexts, text: string): number {
  if (!/^\+?\d{1,12}$/.test(text)) {
    throw new ServiceError('bad_request', countTexts[name][/^-\d+$/.test(text) ? 'sign' : 'kind']);
  }
  const value = Number(text);
  if (name === 'offset' && value > MAX_INTEGER)
    throw new ServiceError('bad_request', `offset must be <= ${MAX_INTEGER}`);
  return value;
}

/** Throws `bad_request` for what is no number, or negative. */
export function parsePaging(query: URLSearchParams): Paging {
  const limit = query.get('limit');
  const offset = query.get('offset');
  const marker = query.get('marker');
  return {
    limit: limit === null ? maxLimit : Math.min(parseCount('limit', limit), maxLimit),
    offset: offset === null ? 0 : parseCount('offset', offset),
    marker: marker === null || marker === '' ? null : marker,
  };
}

export interface SortKey {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
}

function parseDirection(text: string): 'asc' | 'desc' {
  const word = text.trim().toLowerCase();
  if (word === 'asc' || word === 'desc') return word;
  throw new ServiceError('bad_request', "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.");
}

/** Both styles, `sort=key:dir,...` and `sort_key`/`sort_dir`; empty when neither is there. Throws `bad_request`. */
export function parseSort(query: URLSearchParams): SortKey[] {
  const sort = query.get('sort');
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  if (sort === null) {
    const names = keys.length === 0 && directions.length > 0 ? ['created_at'] : keys;
    return names.map((name, index) => ({
      column: name.trim(),
      direction: parseDirection(directions[index] ?? directions.at(-1) ?? 'desc'),
    }));
  }
  if (keys.length > 0 || directions.length > 0) {
    const text =
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.";
    throw new ServiceError('bad_request', text);
  }
  return sort.split(',').map((part) => {
    const [column = '', direction = 'desc'] = part.trim().split(':');
    return { column, direction: parseDirection(direction) };
  });
}

export interface Link {
  readonly rel: string;
  readonly href: string;
}

/** A page that is full may have a successor: the same request with the marker set to the last item. */
export function nextLinks(
  context: RequestContext,
  query: URLSearchParams,
  paging: Paging,
  lastId: string | undefined,
  count: number,
): Link[] {
  if (lastId === undefined || count < paging.limit) return [];
  const next = new URLSearchParams(query);
  next.set('marker', lastId);
  // The marker stands where the offset had led; both together would skip rows.
  next.delete('offset');
  return [{ rel: 'next', href: `${context.apiUrl}${context.path}?${next.toString()}` }];
}
