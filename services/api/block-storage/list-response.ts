// The body of a list: items, the next link under the key that the resource has for it, and the count when it was asked for.
import type { RequestContext } from '../request-context.js';
import { nextLinks } from '../shell/paging.js';
import type { RouteResponse } from '../shell/route.js';
import type { ListQuery } from './list-query.js';

export interface ListShape<Row> {
  readonly key: string;
  readonly linksKey: string;
  readonly view: (row: Row) => object;
  readonly list: (page: ListQuery['page']) => Promise<readonly Row[]>;
  readonly count?: (page: ListQuery['page']) => Promise<number>;
}

/** One page as a response. */
export async function respondWithList<Row extends { readonly id: string }>(
  context: RequestContext,
  query: URLSearchParams,
  wanted: ListQuery,
  shape: ListShape<Row>,
): Promise<RouteResponse> {
  const rows = await shape.list(wanted.page);
  const links = nextLinks(context, query, wanted.page, rows.at(-1)?.id, rows.length);
  return {
    body: {
      [shape.key]: rows.map(shape.view),
      ...(links.length === 0 ? {} : { [shape.linksKey]: links }),
      ...(wanted.withCount && shape.count !== undefined ? { count: await shape.count(wanted.page) } : {}),
    },
  };
}
