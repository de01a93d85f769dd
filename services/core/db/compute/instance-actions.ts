// What was done to a server: read from the operations on record, which outlive the server. Reads only.
import { isUuid } from '../../domain/ids.js';
import {
  type InstanceAction,
  instanceActionsOf,
  type RecordedOperation,
  toldOperations,
} from '../../domain/instance-actions.js';
import type { Executor } from '../connection.js';
import { serverNotFound, tryLoadServer } from './servers.js';

/** The newest operations of one server, and of one's volumes, that are looked at; a client sees at most a thousand actions. */
const MAX_OPERATIONS = 2000;

const fields = `seq::int as seq, type, project_id as "projectId", user_id as "userId", request_id as "requestId",
  created_at as "startedAt", updated_at as "updatedAt", finished_at as "finishedAt",
  case when state = 'failed' then coalesce(error ->> 'message', '') end as error,
  coalesce(params -> 'volumeIds',
    case when params ->> 'volumeId' is null then '[]'::jsonb else jsonb_build_array(params -> 'volumeId') end) as "volumeIds"`;

async function newestOf(db: Executor, condition: string, bindings: readonly unknown[]): Promise<RecordedOperation[]> {
  const find = db('operations')
    .whereIn('type', [...toldOperations])
    .whereRaw(condition, [...bindings] as string[])
    .orderBy('seq', 'desc')
    .limit(MAX_OPERATIONS)
    .select(db.raw(fields));
  return ((await find) as RecordedOperation[]).reverse();
}

async function operationsOfServer(db: Executor, id: string): Promise<RecordedOperation[]> {
  return newestOf(db, "params ->> 'serverId' = ?", [id]);
}

interface Asker {
  /** null: any project's. */
  readonly projectId: string | null;
  /** Servers that are gone are told of as well. */
  readonly alsoGone: boolean;
}

async function demandServer(
  db: Executor,
  id: string,
  { projectId, alsoGone }: Asker,
  done: readonly RecordedOperation[],
): Promise<void> {
  if ((await tryLoadServer(db, id, projectId)) !== null) return;
  const wasTheirs = done.some((one) => projectId === null || one.projectId === projectId);
  if (!alsoGone || !wasTheirs) throw serverNotFound(id);
}

/** The newest first. Throws `not_found` for a server that the project cannot see. */
export async function listInstanceActions(
  db: Executor,
  serverId: string,
  asker: Asker,
): Promise<readonly InstanceAction[]> {
  if (!isUuid(serverId)) throw serverNotFound(serverId);
  const ofServer = await operationsOfServer(db, serverId);
  await demandServer(db, serverId, asker, ofServer);
  const volumeIds = [...new Set(ofServer.flatMap((one) => one.volumeIds))];
  const grown =
    volumeIds.length === 0
      ? []
      : await newestOf(db, "type = 'volume-extend' and params ->> 'volumeId' = any(?)", [volumeIds]);
  return instanceActionsOf(ofServer, grown);
}
