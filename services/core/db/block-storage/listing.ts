// Pages of a collection: which rows, in which order, from where on. Column names come from tables in the code and values are
// bindings, so nothing a client writes becomes SQL.
//
// A page begins behind its marker by comparing values, not by counting rows, so rows that come and go between two pages neither
// repeat nor hide others. Every order ends with created_at and id, which makes it total. Columns that may be null sort as empty.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor } from '../connection.js';
import { type Binding, query } from './prepared.js';

export type ColumnType = 'text' | 'uuid' | 'integer' | 'boolean' | 'time' | 'json';

export interface Column {
  readonly sql: string;
  readonly type: ColumnType;
}
export type Columns = Readonly<Record<string, Column>>;

export type Comparison = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte';

export type Condition =
  | { readonly kind: 'equals'; readonly column: string; readonly value: string | null }
  | { readonly kind: 'like'; readonly column: string; readonly value: string }
  | { readonly kind: 'contains'; readonly column: string; readonly pairs: Readonly<Record<string, string>> }
  | { readonly kind: 'compare'; readonly column: string; readonly comparison: Comparison; readonly value: string }
  /** The value is one of those in a column that is an array of texts. */
  | { readonly kind: 'member'; readonly column: string; readonly value: string }
  /** At least one of them holds. */
  | { readonly kind: 'either'; readonly alternatives: readonly Condition[] }
  /** A filter on something that no row has. */
  | { readonly kind: 'never' };

export interface Sort {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
}

export interface PageQuery {
  /** null: rows of all projects. */
  readonly projectId: string | null;
  readonly conditions: readonly Condition[];
  readonly sorts: readonly Sort[];
  readonly marker: string | null;
  readonly limit: number;
  readonly offset: number;
}

/** A collection: where its rows come from and which columns may be filtered and sorted by. */
export interface Collection {
  /** `from ...`, with `v` for the table whose rows are listed. */
  readonly from: string;
  /** What always holds: `not v.internal`. */
  readonly always: string;
  /** Which rows the asker sees at all, where that is more than a project's. */
  readonly visible?: Fragment;
  readonly columns: Columns;
  /** The word in "could not be found" for a marker. */
  readonly noun: string;
}

export interface Fragment {
  readonly sql: string;
  readonly bindings: readonly Binding[];
}

const operators: Readonly<Record<Comparison, string>> = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
const casts: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  uuid: 'uuid',
  integer: 'bigint',
  boolean: 'boolean',
  time: 'timestamp',
  json: 'jsonb',
};
const never: Fragment = { sql: 'false', bindings: [] };

function fits(type: ColumnType, value: string): boolean {
  if (type === 'uuid') return isUuid(value.toLowerCase());
  if (type === 'integer') return /^-?\d{1,15}$/.test(value);
  return type !== 'boolean' || /^(?:true|false)$/.test(value);
}

function columnOf(columns: Columns, name: string): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column === undefined) throw new ServiceError('bad_request', `Invalid sort key passed: ${name.slice(0, 64)}`);
  return column;
}

function conditionSql(condition: Condition, columns: Columns): Fragment {
  if (condition.kind === 'never') return never;
  if (condition.kind === 'either') return eitherSql(condition.alternatives, columns);
  const { sql, type } = columnOf(columns, condition.column);
  switch (condition.kind) {
    case 'equals':
      if (condition.value === null) return { sql: `${sql} is null`, bindings: [] };
      return fits(type, condition.value) ? { sql: `${sql} = ?::${casts[type]}`, bindings: [condition.value] } : never;
    case 'like':
      return { sql: `strpos(lower(${sql}::text), lower(?::text)) > 0`, bindings: [condition.value] };
    case 'contains':
      return { sql: `${sql} @> ?::jsonb`, bindings: [JSON.stringify(condition.pairs)] };
    case 'member':
      return { sql: `?::text = any(${sql})`, bindings: [condition.value] };
    case 'compare':
      return { sql: `${sql} ${operators[condition.comparison]} ?::${casts[type]}`, bindings: [condition.value] };
  }
}

function eitherSql(alternatives: readonly Condition[], columns: Columns): Fragment {
  const parts = alternatives.map((one) => conditionSql(one, columns));
  if (parts.length === 0) return never;
  return { sql: `(${parts.map((part) => part.sql).join(' or ')})`, bindings: parts.flatMap((part) => part.bindings) };
}

/**
 * The order with its total end; ties follow the direction of the first key. A column that comes again orders nothing more, and a request
 * may name thousands: behind a marker, each would be compared with all before it.
 */
function totalOrder(sorts: readonly Sort[]): Sort[] {
  const direction = sorts[0]?.direction ?? 'desc';
  const named = new Set<string>();
  const order = sorts.filter(({ column }) => !named.has(column) && named.add(column));
  for (const column of ['created_at', 'id']) {
    if (!order.some((sort) => sort.column === column)) order.push({ column, direction });
  }
  return order;
}

const nulls: Readonly<Record<ColumnType, string>> = {
  text: "''",
  uuid: "'00000000-0000-0000-0000-000000000000'",
  integer: '-1',
  boolean: 'false',
  time: "'-infinity'",
  json: "'{}'",
};

function sortExpression(name: string, columns: Columns): string {
  const { sql, type } = columnOf(columns, name);
  return name === 'created_at' || name === 'id' ? sql : `coalesce(${sql}, ${nulls[type]}::${casts[type]})`;
}

function whereOf(collection: Collection, page: Pick<PageQuery, 'projectId' | 'conditions'>): Fragment {
  const parts: Fragment[] = [{ sql: collection.always, bindings: [] }];
  if (collection.visible !== undefined) parts.push(collection.visible);
  if (page.projectId !== null) parts.push({ sql: 'v.project_id = ?', bindings: [page.projectId] });
  for (const condition of page.conditions) parts.push(conditionSql(condition, collection.columns));
  return { sql: parts.map((part) => part.sql).join(' and '), bindings: parts.flatMap((part) => part.bindings) };
}

/** (a, b, c) behind the marker: a row comparison when all keys run one way (an index can follow it), else written out. */
function behindMarker(order: readonly Sort[], columns: Columns, values: readonly string[]): Fragment {
  const keys = order.map((sort, index) => ({
    expression: sortExpression(sort.column, columns),
    cast: casts[columnOf(columns, sort.column).type],
    operator: sort.direction === 'asc' ? '>' : '<',
    value: values[index] ?? '',
  }));
  const [first] = keys;
  if (first !== undefined && keys.every((key) => key.operator === first.operator)) {
    const left = keys.map((key) => key.expression).join(', ');
    const right = keys.map((key) => `?::${key.cast}`).join(', ');
    return { sql: `(${left}) ${first.operator} (${right})`, bindings: keys.map((key) => key.value) };
  }
  const bindings: Binding[] = [];
  const branches = keys.map((key, index) => {
    const equal = keys.slice(0, index).map((before) => {
      bindings.push(before.value);
      return `${before.expression} = ?::${before.cast}`;
    });
    bindings.push(key.value);
    return [...equal, `${key.expression} ${key.operator} ?::${key.cast}`].join(' and ');
  });
  return { sql: `(${branches.map((branch) => `(${branch})`).join(' or ')})`, bindings };
}

async function markerValues(
  db: Executor,
  collection: Collection,
  page: PageQuery,
  marker: string,
  order: readonly Sort[],
): Promise<string[]> {
  const notFound = new ServiceError('not_found', `${collection.noun} ${marker.slice(0, 64)} could not be found.`);
  if (!isUuid(marker)) throw notFound;
  const keys = order.map((sort, index) => `(${sortExpression(sort.column, collection.columns)})::text as k${index}`);
  const where = whereOf(collection, { projectId: page.projectId, conditions: [] });
  const rows = await query<Record<string, string>>(
    db,
    `select ${keys.join(', ')} ${collection.from} where ${where.sql} and v.id = ?::uuid`,
    [...where.bindings, marker],
  );
  const row = rows[0];
  if (row === undefined) throw notFound;
  return order.map((_sort, index) => row[`k${index}`] ?? '');
}

/** The rows of one page; `fields` is what is selected. Throws `not_found` for a marker one cannot see, `bad_request` for a sort key. */
export async function listPage<Row>(
  db: Executor,
  collection: Collection,
  fields: string,
  page: PageQuery,
): Promise<Row[]> {
  const order = totalOrder(page.sorts);
  const orderSql = order
    .map((sort) => `${sortExpression(sort.column, collection.columns)} ${sort.direction}`)
    .join(', ');
  const where = whereOf(collection, page);
  const behind =
    page.marker === null
      ? null
      : behindMarker(order, collection.columns, await markerValues(db, collection, page, page.marker, order));
  if (page.limit === 0) return [];
  return query<Row>(
    db,
    `select ${fields} ${collection.from} where ${where.sql}${behind === null ? '' : ` and ${behind.sql}`}
     order by ${orderSql} limit ? offset ?`,
    [...where.bindings, ...(behind?.bindings ?? []), page.limit, page.offset],
  );
}

/** How many rows there are before paging. */
export async function countRows(db: Executor, collection: Collection, page: PageQuery): Promise<number> {
  const where = whereOf(collection, page);
  const sql = `select count(*) as count ${collection.from} where ${where.sql}`;
  const rows = await query<{ count: number }>(db, sql, where.bindings);
  return rows[0]?.count ?? 0;
}
