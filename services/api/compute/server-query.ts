// Filters and sorting of the server list. What only administrators may ask for is refused to others where Nova refuses it
// (all_tenants) and dropped where Nova drops it. Pure.
import type { ServerQuery } from '../../core/db/compute/servers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { type ServerVmState, serverStatus, serverVmStates } from '../../core/domain/server.js';
import { tryBoolean } from '../shell/boolean-text.js';
import type { Microversion } from '../shell/microversion.js';
import { limitOf, markerOf } from './list-query.js';
import { has } from './microversions.js';

export interface Viewer {
  readonly projectId: string;
  readonly isAdmin: boolean;
  readonly microversion: Microversion;
}

function projectOf(query: URLSearchParams, viewer: Viewer): string | null {
  const text = query.get('all_tenants');
  const all = text === null ? false : text === '' || tryBoolean(text);
  if (all === null) throw new ServiceError('bad_request', `Invalid value for all_tenants: ${text?.slice(0, 64) ?? ''}`);
  if (!all) return viewer.projectId;
  if (!viewer.isAdmin) {
    throw new ServiceError(
      'forbidden',
      "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.",
    );
  }
  return query.get('project_id') ?? query.get('tenant_id');
}

/** Nova reads the name as a regular expression; here ^ and $ anchor, a `.*` at either end says what is so anyway. */
function nameOf(query: URLSearchParams): ServerQuery['name'] {
  const wish = query.get('name');
  if (wish === null || wish === '') return undefined;
  const bare = wish.replace(/^\.\*/, '').replace(/\.\*$/, '');
  return {
    text: bare.replace(/^\^/, '').replace(/\$$/, '').replace(/\\(.)/g, '$1'),
    from: bare.startsWith('^') ? 'start' : 'anywhere',
    to: bare.endsWith('$') ? 'end' : 'anywhere',
  };
}

const statusWords = new Set([...serverVmStates.map(serverStatus), ...['REBOOT', 'HARD_REBOOT', 'PAUSED', 'SUSPENDED']]);

/** An unknown status matches no server; newer versions refuse it. */
function statesOf(query: URLSearchParams, version: Microversion): readonly ServerVmState[] | undefined {
  const wishes = query.getAll('status').map((word) => word.toUpperCase());
  if (wishes.length === 0) return undefined;
  if (has(version, 'status-filter-strict') && wishes.some((word) => !statusWords.has(word))) {
    throw new ServiceError('bad_request', 'Invalid status value');
  }
  return serverVmStates.filter((state) => wishes.includes(serverStatus(state)));
}

const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?(Z|[+-]\d\d:?\d\d)?$/;

/** ISO 8601; without a zone it is UTC, without a time midnight. */
export function changedSinceOf(query: URLSearchParams): string | undefined {
  const text = query.get('changes-since');
  if (text === null) return undefined;
  const [, date, time = '00:00', zone = 'Z'] = isoTime.exec(text) ?? [];
  const parsed = new Date(`${date ?? ''}T${time}${zone}`);
  const year = parsed.getUTCFullYear();
  // A year that PostgreSQL would write with a sign or more than four digits is no date of a server.
  if (!(year >= 1 && year <= 9999)) throw new ServiceError('bad_request', 'Invalid changes-since value');
  return parsed.toISOString().replace('Z', '');
}

const sortColumns = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  display_name: 'name',
  name: 'name',
  uuid: 'id',
} as const satisfies Record<string, ServerQuery['sort']['column']>;

function sortOf(query: URLSearchParams): ServerQuery['sort'] {
  const key = query.get('sort_key') ?? 'created_at';
  const direction = query.get('sort_dir') ?? 'desc';
  if (!Object.hasOwn(sortColumns, key)) throw new ServiceError('bad_request', `Invalid sort key: ${key.slice(0, 64)}`);
  if (!['asc', 'desc'].includes(direction)) throw new ServiceError('bad_request', 'Invalid sort direction');
  return { column: sortColumns[key as keyof typeof sortColumns], descending: direction === 'desc' };
}

/** Throws `bad_request` for a value that cannot be read, `forbidden` for all_tenants by a user. */
export function readServerQuery(query: URLSearchParams, viewer: Viewer): ServerQuery {
  const optional = {
    name: nameOf(query),
    vmStates: statesOf(query, viewer.microversion),
    host: viewer.isAdmin ? (query.get('host') ?? undefined) : undefined,
    changedSince: changedSinceOf(query),
    marker: markerOf(query),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { projectId: projectOf(query, viewer), sort: sortOf(query), limit: limitOf(query), ...given };
}
