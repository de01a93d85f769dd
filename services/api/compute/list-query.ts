// Query parameters of Nova's lists. Pure. Source: nova/api/openstack/common.py (get_limit_and_marker, get_next_url).
import type { components } from '../../../api-spec/generated/compute.js';
import { ServiceError } from '../../core/domain/errors.js';

/** The largest integer of the database's columns. */
const MAX_INTEGER = 2_147_483_647;

/** Nova's default for [api]max_limit. */
export const maxLimit = 1000;

function natural(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_INTEGER) {
    throw new ServiceError(
      'bad_request',
      `Invalid input for query parameters ${name}. Value: ${text.slice(0, 64)}. It must be a number of 0 or more.`,
    );
  }
  return Number(text);
}

/** Entries wanted on this page: never more than the maximum, 0 for none. Throws `bad_request`. */
export function limitOf(query: URLSearchParams): number {
  return Math.min(natural(query, 'limit') ?? maxLimit, maxLimit);
}

export function offsetOf(query: URLSearchParams): number {
  return natural(query, 'offset') ?? 0;
}

export function numberOf(query: URLSearchParams, name: string): number | undefined {
  return natural(query, name) ?? undefined;
}

export function markerOf(query: URLSearchParams): string | undefined {
  return query.get('marker') ?? undefined;
}

/** The link to the next page: given when this one is full, as Nova does, so the last page may be empty. */
export function nextLinks(
  url: string,
  query: URLSearchParams,
  limit: number,
  shown: readonly { readonly id: string }[],
): components['schemas']['Links'] | null {
  const last = shown.at(-1);
  if (last === undefined || shown.length < limit || limit === 0) return null;
  const next = new URLSearchParams(query);
  next.set('marker', last.id);
  return [{ rel: 'next', href: `${url}?${next.toString()}` }];
}
