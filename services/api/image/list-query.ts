// What a list of images is asked for: paging, sorting and filters in Glance's parameters. Pure.
// Source: glance/api/v2/images.py (index), glance/common/utils.py (split_filter_op, split_filter_value_for_quotes).
import type { Comparison, Condition, Sort } from '../../core/db/block-storage/listing.js';
import type { ListedImages } from '../../core/db/image/image-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { imageVisibilities, memberStatuses } from '../../core/domain/image.js';

/** Glance's defaults: limit_param_default and api_limit_max. */
const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 1000;

const sortKeys = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const;

/** Filters that may name several values. */
const severalOf: ReadonlySet<string> = new Set(['name', 'status', 'id', 'container_format', 'disk_format']);
const textFilters: ReadonlySet<string> = new Set([...severalOf, 'owner', 'checksum', 'os_hash_algo', 'os_hash_value']);
const numberFilters: ReadonlySet<string> = new Set(['size', 'min_disk', 'min_ram']);
const timeFilters: ReadonlySet<string> = new Set(['created_at', 'updated_at']);
const comparisons: readonly Comparison[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'];
const notFilters: ReadonlySet<string> = new Set([
  'limit',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'visibility',
  'member_status',
]);

const bad = (text: string): ServiceError => new ServiceError('bad_request', text);

export interface ImageListQuery {
  readonly limit: number;
  readonly marker: string | null;
  readonly sorts: readonly Sort[];
  readonly conditions: readonly Condition[];
  readonly listed: ListedImages;
}

function parseLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,15}$/.test(trimmed)) throw bad('limit param must be an integer');
  const limit = Number(trimmed);
  if (limit < 0) throw bad('limit param must be positive');
  return Math.min(limit, MAX_LIMIT);
}

function sortOf(key: string, direction: string): Sort {
  const column = sortKeys.find((one) => one === key);
  if (column === undefined) {
    const known = sortKeys.join(', ');
    throw bad(`Invalid sort key: ${key.slice(0, 64)}. It must be one of the following: ${known}.`);
  }
  if (direction !== 'asc' && direction !== 'desc') throw bad(`Invalid sort direction: ${direction.slice(0, 64)}`);
  return { column, direction };
}

function parseSorts(query: URLSearchParams): Sort[] {
  const sort = query.get('sort');
  const keys = query.getAll('sort_key').map((key) => key.trim());
  const directions = query.getAll('sort_dir').map((direction) => direction.trim());
  if (sort !== null) {
    if (keys.length + directions.length > 0) throw bad('Old and new sorting syntax cannot be combined');
    return sort.split(',').map((part) => {
      const [key = '', direction = ''] = part.split(':');
      return sortOf(key.trim(), direction.trim() === '' ? 'desc' : direction.trim());
    });
  }
  if (directions.length > 1 && directions.length !== keys.length) {
    throw bad('Number of sort dirs does not match the number of sort keys');
  }
  const named = keys.length === 0 ? ['created_at'] : keys;
  return named.map((key, index) => sortOf(key, directions[index] ?? directions[0] ?? 'desc'));
}

/** `a,"b,c"` */
function splitValues(name: string, text: string): string[] {
  const values = text.match(/"[^"]*"|[^,"]+/g) ?? [];
  if (values.length === 0 || values.join(',') !== text) {
    throw bad(`Invalid filter value ${text.slice(0, 255)} of ${name}.`);
  }
  return values.map((value) => (value.startsWith('"') ? value.slice(1, -1) : value));
}

function textCondition(column: string, value: string): Condition {
  const [, operator, rest = ''] = /^(in|eq):([\s\S]*)$/.exec(value) ?? [];
  if (operator === 'eq' && severalOf.has(column)) return { kind: 'equals', column, value: rest };
  if (operator !== 'in' || !severalOf.has(column)) return { kind: 'equals', column, value };
  const alternatives = splitValues(column, rest).map((one) => ({ kind: 'equals', column, value: one }) as const);
  return { kind: 'either', alternatives };
}

function splitComparison(value: string): { comparison: Comparison; operand: string } {
  const [, said, rest = ''] = /^([a-z]+):([\s\S]*)$/.exec(value) ?? [];
  if (said === undefined) return { comparison: 'eq', operand: value };
  const comparison = comparisons.find((one) => one === said);
  if (comparison === undefined) throw bad(`Unable to filter on a range with the operator '${said.slice(0, 32)}'.`);
  return { comparison, operand: rest };
}

function numberCondition(column: string, value: string, fixed?: Comparison): Condition {
  const { comparison, operand } = fixed === undefined ? splitComparison(value) : { comparison: fixed, operand: value };
  if (!/^\d{1,15}$/.test(operand.trim())) {
    throw bad(`Unable to filter on a range with a non-numeric value: ${column}=${operand.slice(0, 64)}`);
  }
  return { kind: 'compare', column, comparison, value: operand.trim() };
}

function timeCondition(column: string, value: string): Condition {
  const { comparison, operand } = /^\d/.test(value)
    ? { comparison: 'eq' as const, operand: value }
    : splitComparison(value);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(operand) ? operand : `${operand}Z`;
  const time = new Date(zoned);
  if (!/^\d{4}-\d\d-\d\d/.test(operand) || Number.isNaN(time.getTime())) {
    throw bad(`Invalid time format: ${column}=${operand.slice(0, 64)}`);
  }
  return { kind: 'compare', column, comparison, value: time.toISOString().replace('Z', '') };
}

function flagCondition(column: string, value: string): Condition {
  const flag = value.toLowerCase();
  if (flag !== 'true' && flag !== 'false') {
    throw bad(`Invalid value '${value.slice(0, 64)}' for '${column}' filter. Valid values are 'true' or 'false'.`);
  }
  return { kind: 'equals', column, value: flag };
}

function conditionOf(name: string, value: string): Condition {
  if (name === 'tag') return { kind: 'member', column: 'tags', value: value.trim() };
  if (name === 'size_min') return numberCondition('size', value, 'gte');
  if (name === 'size_max') return numberCondition('size', value, 'lte');
  if (name === 'protected' || name === 'os_hidden') return flagCondition(name, value);
  if (numberFilters.has(name)) return numberCondition(name, value);
  if (timeFilters.has(name)) return timeCondition(name, value);
  if (textFilters.has(name)) return textCondition(name, value);
  if (name === 'changes-since') throw bad('The "changes-since" filter is no longer available on v2.');
  return { kind: 'contains', column: 'properties', pairs: { [name]: value } };
}

function parseListed(query: URLSearchParams): ListedImages {
  const said = query.get('visibility');
  const words = [...imageVisibilities, 'all'] as const;
  const visibility = said === null || said === '' ? null : words.find((one) => one === said);
  if (visibility === undefined) throw bad(`Invalid visibility value: ${said?.slice(0, 64) ?? ''}`);
  const status = query.get('member_status') ?? 'accepted';
  if (status !== 'all' && !memberStatuses.some((one) => one === status)) {
    throw bad(`Invalid status: ${status.slice(0, 64)}`);
  }
  return { visibility, memberStatus: status === 'all' ? null : status };
}

/** Throws `bad_request` in Glance's words. */
export function parseImageList(query: URLSearchParams): ImageListQuery {
  const conditions = [...query]
    .filter(([name]) => !notFilters.has(name))
    .map(([name, value]) => conditionOf(name, value));
  if (!query.has('os_hidden')) conditions.push({ kind: 'equals', column: 'os_hidden', value: 'false' });
  return {
    limit: parseLimit(query.get('limit')),
    marker: query.get('marker'),
    sorts: parseSorts(query),
    conditions,
    listed: parseListed(query),
  };
}
