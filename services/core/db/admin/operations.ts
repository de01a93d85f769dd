// Operations as administrators look at them: lists with filters and pages, and one with its locks. Reads only.
import { ServiceError } from '../../domain/errors.js';
import { tryCanonicalUuid } from '../../domain/ids.js';
import type { Executor } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';

/** Ids stand in the parameters of the operation under these names. */
const idParams = {
  volume_id: 'volumeId',
  snapshot_id: 'snapshotId',
  server_id: 'serverId',
} as const;

export interface OperationFilter {
  /** Empty: all. */
  readonly states: readonly string[];
  readonly type: string | null;
  readonly projectId: string | null;
  readonly requestId: string | null;
  readonly ids: Readonly<Partial<Record<keyof typeof idParams, string>>>;
}

export type OperationRecord = OperationRow & { readonly age_seconds: number };

export interface LockRecord {
  readonly resource: string;
  readonly mode: 'read' | 'use' | 'chain';
  readonly held: boolean;
}

/** In whole seconds, by the database's clock. */
const ageSql = 'floor(extract(epoch from coalesce(finished_at, utc_now()) - created_at))::int as age_seconds';

async function seqOf(db: Executor, marker: string): Promise<number> {
  const id = tryCanonicalUuid(marker);
  const row: { seq: number } | undefined = id === null ? undefined : await db('operations').where({ id }).first('seq');
  if (row === undefined) throw new ServiceError('bad_request', `marker [${marker.slice(0, 64)}] not found`);
  return row.seq;
}

/** The newest first, by the order of acceptance. Throws `bad_request` for a marker that is no operation. */
export async function listOperations(
  db: Executor,
  filter: OperationFilter,
  page: { readonly limit: number; readonly offset: number; readonly marker: string | null },
): Promise<OperationRecord[]> {
  const query = db('operations').select('*', db.raw(ageSql)).orderBy('seq', 'desc').limit(page.limit);
  if (page.offset > 0) void query.offset(page.offset);
  if (page.marker !== null) void query.where('seq', '<', await seqOf(db, page.marker));
  if (filter.states.length > 0) void query.whereIn('state', [...filter.states]);
  if (filter.type !== null) void query.where({ type: filter.type });
  if (filter.projectId !== null) void query.where({ project_id: filter.projectId });
  if (filter.requestId !== null) void query.where({ request_id: filter.requestId });
  for (const name of Object.keys(idParams) as (keyof typeof idParams)[]) {
    const wanted = filter.ids[name];
    if (wanted !== undefined) void query.whereRaw(`params ->> '${idParams[name]}' = ?`, [wanted]);
  }
  return (await query) as OperationRecord[];
}

/** Throws `not_found`. */
export async function loadOperation(db: Executor, operationId: string): Promise<OperationRecord> {
  const id = tryCanonicalUuid(operationId);
  const row = (id === null ? undefined : await db('operations').where({ id }).first('*', db.raw(ageSql))) as
    | OperationRecord
    | undefined;
  if (row === undefined) throw new ServiceError('not_found', `Operation ${operationId} could not be found.`);
  return row;
}

/** What the operation holds or wishes. */
export function loadLocks(db: Executor, operationId: string): Promise<LockRecord[]> {
  return db('resource_locks')
    .where({ operation_id: operationId })
    .orderBy('resource')
    .select('resource', 'mode', 'held');
}

/**
 * The operations that must end before this one can begin: the one that it was told to wait for, and those which hold, or wish earlier, what
 * it wishes for.
 */
export async function operationsInTheWay(db: Executor, row: OperationRow): Promise<string[]> {
  if (row.state !== 'pending') return [];
  const ahead: string[] = await db('resource_locks as mine')
    .join('resource_locks as theirs', 'theirs.resource', 'mine.resource')
    .where('mine.operation_id', row.id)
    .whereNot('theirs.operation_id', row.id)
    .where((either) => {
      void either.where('theirs.seq', '<', row.seq).orWhere('theirs.held', true);
    })
    .whereRaw(
      `not (mine.mode = 'read' and theirs.mode <> 'chain') and not (theirs.mode = 'read' and mine.mode <> 'chain')`,
    )
    .distinct('theirs.operation_id')
    .pluck('theirs.operation_id');
  const dependency =
    row.depends_on === null
      ? undefined
      : await db('operations').where({ id: row.depends_on }).whereNotIn('state', ['done', 'failed']).first('id');
  return [...new Set([...(dependency === undefined ? [] : [row.depends_on ?? '']), ...ahead])];
}
