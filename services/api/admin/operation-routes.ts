// Operations: the list, one of them, and its cancellation.
import {
  listOperations,
  loadLocks,
  loadOperation,
  type OperationFilter,
  operationsInTheWay,
} from '../../core/db/admin/operations.js';
import { requestCancel } from '../../core/db/engine/cancel.js';
import { inTransaction } from '../../core/db/in-transaction.js';
import { ServiceError } from '../../core/domain/errors.js';
import { nextLinks, parsePaging } from '../shell/paging.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';
import { viewOperation, viewOperationDetail } from './operation-view.js';

const activeStates = ['pending', 'running', 'undoing', 'stuck'] as const;
const states: readonly string[] = [...activeStates, 'done', 'failed'];
const paging = ['limit', 'offset', 'marker'];
const idFilters = ['volume_id', 'snapshot_id', 'server_id'] as const;
const filters: readonly string[] = ['state', 'type', 'project_id', 'request_id', ...idFilters];

function parseStates(text: string | null): string[] {
  if (text === null) return [];
  return text.split(',').flatMap((word) => {
    if (word === 'active') return activeStates;
    if (states.includes(word)) return [word];
    throw new ServiceError('bad_request', `state must be one of ${['active', ...states].join(', ')}.`);
  });
}

/** Throws `bad_request` for a filter that does not exist: one that is silently dropped would show what was not asked for. */
function parseFilter(query: URLSearchParams): OperationFilter {
  const unknown = [...query.keys()].filter((name) => !filters.includes(name) && !paging.includes(name));
  if (unknown.length > 0) {
    throw new ServiceError(
      'bad_request',
      `Invalid filters ${unknown.join(',').slice(0, 255)} are found in query options.`,
    );
  }
  const ids = idFilters.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    states: parseStates(query.get('state')),
    type: query.get('type'),
    projectId: query.get('project_id'),
    requestId: query.get('request_id'),
    ids: Object.fromEntries(ids),
  };
}

export function operationRoutes({ database }: AdminApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/operations',
      operationId: 'adminListOperations',
      policy: 'operation:list',
      success: 200,
      async handler(context, { query }) {
        const page = parsePaging(query);
        const records = await listOperations(database, parseFilter(query), page);
        const links = nextLinks(context, query, page, records.at(-1)?.id, records.length);
        return {
          body: {
            operations: records.map(viewOperation),
            ...(links.length === 0 ? {} : { operations_links: links }),
          },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/operations/{operation_id}',
      operationId: 'adminShowOperation',
      policy: 'operation:show',
      success: 200,
      async handler(_context, { param }) {
        const record = await loadOperation(database, param('operation_id'));
        const [locks, waitsFor] = [await loadLocks(database, record.id), await operationsInTheWay(database, record)];
        return { body: { operation: viewOperationDetail(record, locks, waitsFor) } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/operations/{operation_id}/cancel',
      operationId: 'adminCancelOperation',
      policy: 'operation:cancel',
      success: 202,
      async handler(_context, { param }) {
        const { id } = await loadOperation(database, param('operation_id'));
        await inTransaction(database, (tx) => requestCancel(tx, id));
        return {};
      },
    }),
  ];
}
