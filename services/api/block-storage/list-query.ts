// From the query of a list to the page that is asked of the database: paging, sorting, and filters by the rules of the resource.
//
// Filters: users may use a configured list of names, unknown ones are dropped below 3.31 and refused from there on; administrators may
// filter by any column, and by something that is no column finds nothing. Source: cinder/api/common.py, process_general_filters,
// and the version history.
import type { Column, Columns, Comparison, Condition, PageQuery } from '../../core/db/block-storage/listing.js';
import { ServiceError } from '../../core/domain/errors.js';
import { isStorable } from '../../core/domain/storable-text.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean, tryBoolean } from '../shell/boolean-text.js';
import { parsePaging, parseSort } from '../shell/paging.js';
import { tryPythonLiteral } from '../shell/python-literal.js';
import { type Gate, passes } from './microversions.js';
import { tryNaiveUtc } from './naive-time.js';
import type { UserFilters } from './resource-filters.js';

export interface ListRules {
  readonly columns: Columns;
  /** What users may filter by, and since which gate (null: always). */
  readonly userFilters: UserFilters;
  /** Filters that nobody has before a version; until then they are dropped. */
  readonly since?: Readonly<Record<string, Gate>>;
  /** Other names of columns. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Since which gate users' unknown filters are refused; default: 3.31. */
  readonly unknownRefusedSince?: Gate;
  /** Parameters that are no filters of this list. */
  readonly ignored?: readonly string[];
}

export interface ListQuery {
  readonly page: PageQuery;
  readonly withCount: boolean;
}

const notFilters = ['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir', 'all_tenants', 'with_count'];

/** Below 3.2 a text that is no boolean is nobody's value and finds nothing. */
function booleanFilter(context: RequestContext, name: string, value: string): Condition {
  const parsed = passes(context, 'strict-list-booleans') ? parseBoolean(name, value) : tryBoolean(value);
  return parsed === null ? { kind: 'never' } : { kind: 'equals', column: name, value: String(parsed) };
}

function pairsFilter(column: string, value: string): Condition {
  const literal = tryPythonLiteral(value);
  if (!(literal instanceof Map)) return { kind: 'never' };
  const texts = [...literal].map(([key, item]) => [key, String(item)] as const);
  if (!texts.flat().every(isStorable)) return { kind: 'never' };
  const pairs = Object.fromEntries(texts);
  return { kind: 'contains', column, pairs };
}

const comparisons: readonly Comparison[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'];

function timeFilters(column: string, value: string): Condition[] {
  return value.split(',').map((part) => {
    const match = /^\s*(?:([a-z]+):)?(.+)$/.exec(part);
    const comparison = comparisons.find((one) => one === (match?.[1] ?? 'eq'));
    const time = tryNaiveUtc(match?.[2] ?? '');
    if (comparison === undefined) throw new ServiceError('bad_request', `Invalid ${match?.[1] ?? ''} operator`);
    if (time === null) throw new ServiceError('bad_request', `Invalid ${(match?.[2] ?? part).slice(0, 64)} value`);
    return { kind: 'compare', column, comparison, value: time };
  });
}

function conditionsOf(context: RequestContext, name: string, column: Column, value: string): Condition[] {
  switch (column.type) {
    case 'boolean':
      return [booleanFilter(context, name, value)];
    case 'json':
      return [pairsFilter(name, value)];
    case 'time':
      return timeFilters(name, value);
    default:
      return [{ kind: 'equals', column: name === 'host' && !value.includes('#') ? 'backend_host' : name, value }];
  }
}

/** Whether the name may be used by this user: yes, silently not, or loudly not. */
function judge(context: RequestContext, rules: ListRules, name: string): 'use' | 'drop' | 'refuse' {
  if (context.isAdmin) return 'use';
  const gate = Object.hasOwn(rules.userFilters, name) ? rules.userFilters[name] : undefined;
  if (gate !== undefined && (gate === null || passes(context, gate))) return 'use';
  return passes(context, rules.unknownRefusedSince ?? 'unknown-filter-refused') ? 'refuse' : 'drop';
}

/** Cinder's words for filters that the asker may not use. */
export function invalidFilters(names: readonly string[]): ServiceError {
  const listed = names.join(',').slice(0, 255);
  return new ServiceError('bad_request', `Invalid filters ${listed} are found in query options.`);
}

function parseFilters(context: RequestContext, query: URLSearchParams, rules: ListRules): Condition[] {
  const conditions: Condition[] = [];
  const refused: string[] = [];
  for (const [key, value] of query) {
    const isCount = key === 'with_count' && !passes(context, 'list-count');
    if (!isCount && (notFilters.includes(key) || (rules.ignored ?? []).includes(key))) continue;
    const isLike = key.endsWith('~') && passes(context, 'like-filters');
    const asked = isLike ? key.slice(0, -1) : key;
    const name = rules.aliases?.[asked] ?? asked;
    const gate = rules.since?.[name];
    if (gate !== undefined && !passes(context, gate)) continue;
    const verdict = judge(context, rules, name);
    if (verdict === 'refuse') refused.push(key);
    if (verdict !== 'use') continue;
    const column = Object.hasOwn(rules.columns, name) ? rules.columns[name] : undefined;
    if (column === undefined) conditions.push({ kind: 'never' });
    else if (isLike) conditions.push({ kind: 'like', column: name, value });
    else conditions.push(...conditionsOf(context, name, column, value));
  }
  if (refused.length > 0) {
    throw invalidFilters(refused);
  }
  return conditions;
}

/** The project whose rows are listed, or null for all: administrators ask for that, of others it is ignored. */
function listedProject(context: RequestContext, query: URLSearchParams): string | null {
  const asked = query.get('all_tenants');
  const all = asked !== null && parseBoolean('all_tenants', asked);
  return all && context.isAdmin ? null : requireScope(context).projectId;
}

function sortsOf(query: URLSearchParams, rules: ListRules): PageQuery['sorts'] {
  return parseSort(query).map(({ column, direction }) => {
    const name = rules.aliases?.[column] ?? column;
    const known = Object.hasOwn(rules.columns, name) ? rules.columns[name] : undefined;
    if (known === undefined || known.type === 'json') {
      throw new ServiceError('bad_request', `Invalid input received: Invalid sort key`);
    }
    return { column: name, direction };
  });
}

/** Throws `bad_request`. */
export function parseListQuery(context: RequestContext, query: URLSearchParams, rules: ListRules): ListQuery {
  if (query.toString().includes('%00')) throw new ServiceError('bad_request', 'Malformed request url');
  const count = query.get('with_count');
  return {
    page: {
      projectId: listedProject(context, query),
      conditions: parseFilters(context, query, rules),
      sorts: sortsOf(query, rules),
      ...parsePaging(query),
    },
    withCount: passes(context, 'list-count') && count !== null && parseBoolean('with_count', count),
  };
}
